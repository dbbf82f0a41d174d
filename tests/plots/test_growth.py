"""Growing times and gaps: filled where proved, with labels and units."""

from dataclasses import replace

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import GrowthCurve, plot_growing_gaps, plot_growing_times

CURVE = GrowthCurve(
    "search",
    np.array([8, 10, 12]),
    np.array([0.1, 2.0, 10.0]),
    np.array([True, True, False]),
    np.array([0.0, 0.0, 3.5]),
    seconds_low=np.array([0.05, 1.0, 10.0]),
    seconds_high=np.array([0.2, 10.0, 10.0]),
    gap_low=np.array([0.0, 0.0, 1.0]),
    gap_high=np.array([0.0, 2.0, 4.0]),
)


def band(ax):
    """Return the places and the heights of the corners of the band."""
    (filled,) = ax.collections
    (path,) = filled.get_paths()
    return set(map(tuple, path.vertices.tolist()))


def corners(low, high):
    """Return what the band's corners are among."""
    ends = zip([*CURVE.size, *CURVE.size], [*low, *high], strict=True)
    return set(ends)


def test_times():
    """A line, its band, points with a proof filled, and the limit."""
    ax = plot_growing_times([CURVE], 10.0)
    limit, line, filled = ax.get_lines()
    assert list(limit.get_ydata()) == [10.0, 10.0]
    assert line.get_markerfacecolor() == "none"
    np.testing.assert_array_equal(line.get_ydata(), CURVE.seconds)
    np.testing.assert_array_equal(filled.get_xdata(), [8, 10])
    assert ax.get_yscale() == "log"
    assert band(ax) == corners(CURVE.seconds_low, CURVE.seconds_high)
    assert ax.get_ylabel() == "time until proved (s)"
    assert ax.get_xlabel() == "number of requests"


def test_gaps():
    """One line and one band a solver, from 0 per cent."""
    ax = plot_growing_gaps([CURVE], xlabel="memory (units)")
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_ydata(), CURVE.gap)
    assert ax.get_ylim()[0] == 0
    assert band(ax) == corners(CURVE.gap_low, CURVE.gap_high)
    assert ax.get_ylabel() == "gap at the end (%)"
    assert ax.get_xlabel() == "memory (units)"


@pytest.mark.parametrize("curves", [[], [CURVE] * 8])
def test_no_curve_and_too_many_are_refused(curves):
    """More than seven colours are not told apart."""
    with pytest.raises(InputError, match="curves"):
        plot_growing_gaps(curves)


def test_a_curve_must_fit_together():
    """Columns of one length, positive times."""
    one, none = np.ones(1), np.zeros(3)
    with pytest.raises(InputError, match="gap"):
        replace(CURVE, gap=one)
    with pytest.raises(InputError, match="gap_high"):
        replace(CURVE, gap_high=one)
    with pytest.raises(InputError, match=r"seconds = 0\.0"):
        replace(CURVE, seconds=none)
    with pytest.raises(InputError, match=r"seconds_low = 0\.0"):
        replace(CURVE, seconds_low=none)
