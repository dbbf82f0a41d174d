"""Intervals in rows."""

import pytest

from kvopt.model import InputError
from kvopt.plots import IntervalRow, plot_interval_rows


def test_a_marker_for_each_interval():
    """Labels from top to bottom, and no marker where there is no number."""
    rows = [
        IntervalRow("one", ((1, 2, 3), (4, 5, 6))),
        IntervalRow("two", (None, (7, 7, 7))),
    ]
    ax = plot_interval_rows(rows, ("a", "b"), quantity="J")
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "one",
        "two",
    ]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    drawn = [c.lines[0].get_xdata().tolist() for c in ax.containers]
    assert drawn == [[2], [5, 7]]
    assert ax.get_xlabel() == "J"


def test_nothing_and_nonsense_are_refused():
    """No row at all, and a value outside its interval."""
    with pytest.raises(InputError, match="rows"):
        plot_interval_rows([], ("a",))
    with pytest.raises(InputError, match="one: interval"):
        IntervalRow("one", ((2, 1, 3),))
