"""Curves against the arrival rate."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import RateCurve, plot_rate_curves

LINE = RateCurve("WAIT", np.array([1.0, 2.0]), np.array([3.0, 4.0]))
DOTS = RateCurve("measured", LINE.rate, LINE.value, points=True)


def test_lines_and_points():
    """Points have no line, a formula no markers; axes have units."""
    ax = plot_rate_curves([LINE, DOTS], "mean latency (s)", smooth=True)
    line, dots = ax.get_lines()
    assert line.get_marker() == "" and line.get_linestyle() == "-"
    assert dots.get_marker() != "" and dots.get_linestyle() == "None"
    np.testing.assert_array_equal(dots.get_ydata(), DOTS.value)
    assert ax.get_ylabel() == "mean latency (s)"
    assert ax.get_xlabel() == "requests a second"
    assert ax.get_ylim()[0] == 0


def test_refuses_no_curves():
    """There has to be something to draw."""
    with pytest.raises(InputError, match="1 to 7"):
        plot_rate_curves([], "y")
