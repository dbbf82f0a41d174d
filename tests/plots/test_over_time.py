"""Throughput, memory and latencies: what is drawn and what is refused."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import (
    Series,
    Usage,
    new_axis,
    plot_latency_cdf,
    plot_throughput,
    plot_usage,
    plot_usage_windows,
)

FLOW = Series("mc-sf", np.array([0.0, 2, 4]), np.array([3.0, 5]))
CURVE = Series("mc-sf", np.array([1.0, 2, 8]), np.array([0.2, 0.5, 1]))


def test_throughput_is_a_step_a_window():
    """Values stand over their windows; what arrived is an area behind."""
    ax = new_axis()
    arriving = Series("arriving", FLOW.x, FLOW.y * 2)
    assert plot_throughput([FLOW], arriving, ax, "s") is ax
    area, line = ax.patches
    assert area.get_data().values.tolist() == [6, 10]
    assert line.get_data().values.tolist() == [3, 5]
    assert line.get_data().edges.tolist() == [0, 2, 4]
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() == "output tokens / s"


def test_usage_and_its_limit():
    """The curve as given, and the limit above it."""
    ax = plot_usage([CURVE], 16492)
    curve, limit = ax.lines
    assert curve.get_xydata().tolist() == [[1, 0.2], [2, 0.5], [8, 1]]
    assert set(limit.get_ydata()) == {16492}
    assert ax.get_xlabel() == "time (rounds)"


def test_cdf_has_a_log_axis():
    """From the least latency on, from 0 to 1."""
    ax = plot_latency_cdf([CURVE], unit="s")
    assert ax.get_xscale() == "log"
    assert ax.get_xlim()[0] == 1
    assert ax.get_ylim() == (0, 1)


def test_many_curves_differ():
    """Fourteen policies have fourteen pairs of colour and dash."""
    lines = plot_latency_cdf([CURVE] * 14).lines
    looks = {(line.get_color(), line.get_linestyle()) for line in lines}
    assert len(looks) == 14


@pytest.mark.parametrize(
    ("draw", "wrong"),
    [
        (plot_throughput, CURVE),
        (lambda s: plot_usage(s, 9), FLOW),
        (plot_latency_cdf, FLOW),
    ],
)
def test_nonsense_is_refused(draw, wrong):
    """Nothing to draw, or columns of lengths that do not go together."""
    with pytest.raises(InputError, match="nothing to draw"):
        draw([])
    with pytest.raises(InputError, match=r"mc-sf: x = '3 numbers'"):
        draw([wrong])


def test_memory_by_window_has_a_line_an_area_and_the_limit():
    """Mean, range and limit; no window is refused."""
    ones = np.ones(2)
    usage = Usage(np.array([0.0, 1.0]), np.array([1.0, 2.0]), ones, ones, ones)
    axes = plot_usage_windows(usage, 10)
    assert len(axes.patches) == 2
    assert axes.get_lines()[0].get_ydata()[0] == 10
    assert axes.get_xlim() == (0, 2)
    with pytest.raises(InputError, match="nothing to draw"):
        plot_usage_windows(Usage(*(np.array([]),) * 5), 10)
