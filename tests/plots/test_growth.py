"""Growing times and gaps: filled where proved, with labels and units."""

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
)


def test_times():
    """All points on a line, those with a proof filled, and the limit."""
    ax = plot_growing_times([CURVE], 10.0)
    limit, line, filled = ax.get_lines()
    assert list(limit.get_ydata()) == [10.0, 10.0]
    assert line.get_markerfacecolor() == "none"
    np.testing.assert_array_equal(line.get_ydata(), CURVE.seconds)
    np.testing.assert_array_equal(filled.get_xdata(), [8, 10])
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "time until proved (s)"
    assert ax.get_xlabel() == "number of requests"


def test_gaps():
    """One line a solver, from 0 per cent."""
    ax = plot_growing_gaps([CURVE], xlabel="memory (units)")
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_ydata(), CURVE.gap)
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylabel() == "gap at the end (%)"
    assert ax.get_xlabel() == "memory (units)"


@pytest.mark.parametrize("curves", [[], [CURVE] * 8])
def test_no_curve_and_too_many_are_refused(curves):
    """More than seven colours are not told apart."""
    with pytest.raises(InputError, match="curves"):
        plot_growing_gaps(curves)


def test_a_curve_must_fit_together():
    """Columns of one length, positive times."""
    one, three = np.ones(1), np.array([1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="gap"):
        GrowthCurve("a", CURVE.size, three, CURVE.proved, one)
    with pytest.raises(InputError, match=r"seconds = 0\.0"):
        GrowthCurve("a", CURVE.size, 0 * three, CURVE.proved, three)
