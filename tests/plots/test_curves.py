"""Curves with bands, formulas, and which curves cover each other."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import (
    Curve,
    Formula,
    overlapping,
    plot_curves,
    plot_formulas,
)

X = np.array([1.0, 2.0, 3.0])


def test_curves_beyond_the_colours_differ_in_dash_and_marker():
    """The eighth curve has the first colour, with another dash and marker."""
    axes = plot_curves([Curve("a", X, X), Curve("b", X, X + 1, turn=7)])
    first, other = axes.get_lines()
    assert first.get_color() == other.get_color()
    assert first.get_linestyle() != other.get_linestyle()
    assert first.get_marker() != other.get_marker()


def test_a_band_is_drawn_when_there_is_one():
    """One filled area for the one curve that has both ends."""
    axes = plot_curves(
        [Curve("a", X, X, X - 1, X + 1), Curve("b", X, X, turn=1)],
        xlabel="x",
        ylabel="y (s)",
    )
    assert len(axes.collections) == 1
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y (s)")


def test_points_alone_and_lines_alone():
    """A curve may be without its line, or without its marks."""
    axes = plot_curves(
        [Curve("line", X, X, marks=False), Curve("dots", X, X, line=False)]
    )
    line, dots = axes.get_lines()
    assert line.get_marker() == "" and line.get_linestyle() == "-"
    assert dots.get_marker() != "" and dots.get_linestyle() == "None"


def test_formulas_have_dashes_and_no_colour_of_a_curve():
    """A formula is grey, and two of them differ in their dashes."""
    axes = plot_curves([Curve("a", X, X)])
    plot_formulas([Formula("f", X, X), Formula("g", X, X, 1)], axes)
    measured, one, two = axes.get_lines()
    assert one.get_color() == two.get_color() != measured.get_color()
    assert one.get_linestyle() == two.get_linestyle() == "--"
    assert one._dash_pattern != two._dash_pattern


@pytest.mark.parametrize(
    "columns", [(X[:2],), (X, X, None), (X, None, X), (X, X[:1], X)]
)
def test_columns_of_other_lengths_and_half_a_band_are_refused(columns):
    """The error names the curve."""
    with pytest.raises(InputError, match="odd"):
        Curve("odd", X, *columns)


def test_nothing_to_draw_is_refused():
    """No curve is an error, not an empty picture."""
    with pytest.raises(InputError, match="nothing to draw"):
        plot_curves([])


def test_curves_that_cover_each_other_are_named():
    """Within two per cent at most of the common places."""
    near = Curve("near", X, X * 1.01)
    far = Curve("far", X, X * 2)
    part = Curve("part", X[1:], np.array([2.0, 9.0]))
    curves = [Curve("a", X, X), near, far, part]
    assert overlapping(curves) == [("a", "near")]
