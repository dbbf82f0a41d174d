"""Costs against sizes, and ratios over two sizes."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import ScalingCurve, plot_ratio_map, plot_scaling


def test_scaling():
    """Points as given, on two log axes with units."""
    curve = ScalingCurve("K=2", np.array([10, 100]), np.array([0.1, 10.0]))
    ax = plot_scaling([curve])
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), curve.size)
    np.testing.assert_array_equal(line.get_ydata(), curve.cost)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_ylabel() == "CPU time (s)"


def test_scaling_refuses_what_a_log_axis_would_drop():
    """A cost of 0 would vanish without a word; no curve is no figure."""
    flat = ScalingCurve("flat", np.array([1]), np.array([0.0]))
    with pytest.raises(InputError, match="flat"):
        plot_scaling([flat])
    with pytest.raises(InputError, match="curves"):
        plot_scaling([])


def test_ratio_map():
    """Cells are centred on whole sizes; a ratio below 1 is a mistake."""
    ax = plot_ratio_map(np.array([[1.0, np.nan, 1.5]]), most=1.5, title="s=0")
    (image,) = ax.get_images()
    assert tuple(image.get_extent()) == (0.5, 3.5, 0.5, 1.5)
    assert image.get_clim() == (1, 1.5)
    assert ax.get_title() == "s=0"
    with pytest.raises(InputError, match="ratio"):
        plot_ratio_map(np.array([[0.9]]))
