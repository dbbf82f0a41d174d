"""Curves of searches, and two schedules side by side."""

import pytest
from matplotlib.figure import Figure

from kvopt.model import InputError, Instance, Schedule
from kvopt.plots import Ascent, plot_ascents, plot_pair


def test_ascents():
    """A curve begins at 1, steps up at each record, and lasts to the end."""
    curve = Ascent("mine", [0.5, 2.0], [1.2, 1.5], 8.0)
    ax = plot_ascents([curve], title="mc-sf")
    (line,) = ax.get_lines()
    assert line.get_xdata().tolist() == [0.01, 0.5, 2.0, 8.0]
    assert line.get_ydata().tolist() == [1.0, 1.2, 1.5, 1.5]
    assert ax.get_title() == "mc-sf"
    with pytest.raises(InputError, match="mine"):
        plot_ascents([Ascent("mine", [1.0], [], 2.0)])


def test_pair():
    """Both schedules have the time axis of the longer one, and its costs."""
    instance = Instance.of(4, [(0, 1, 2), (0, 1, 2)])
    both = [Schedule.from_starts(instance, s) for s in ([0, 0], [0, 2])]
    axes = Figure().subplots(1, 2)
    plot_pair(instance, list(zip("ab", both, strict=True)), axes)
    assert [ax.get_title() for ax in axes] == [
        "a, total latency 4",
        "b, total latency 6",
    ]
    assert axes[0].get_xlim() == axes[1].get_xlim() == (0, 4)
