"""The ratio histogram: counts, open ratios, the mean as an interval."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import (
    new_axis,
    plot_ratio_histogram,
    plot_ratio_intervals,
)

LOWER = [1.0, 1.0, 1.1, 1.2, 1.0]
UPPER = [1.0, 1.0, 1.1, 1.4, 1.3]


def counts(container):
    return [round(bar.get_height()) for bar in container]


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_counts_of_all_three_series():
    """Proved ratios, lower ends and upper ends fall into their bins."""
    ax = plot_ratio_histogram(LOWER, UPPER, bins=4)
    assert [counts(c) for c in ax.containers] == [
        [2, 1, 0, 0],
        [1, 0, 1, 0],
        [0, 0, 0, 2],
    ]
    assert not any(bar.get_hatch() for bar in ax.containers[0])
    for open_series in ax.containers[1:]:
        assert all(bar.get_hatch() for bar in open_series)
        bottoms = [round(bar.get_y()) for bar in open_series]
        assert bottoms == [2, 1, 0, 0]


def test_halves_of_a_bin():
    """Lower ends take the left half of a bin, upper ends the right."""
    ax = plot_ratio_histogram(LOWER, UPPER, bins=4)
    left = [bar.get_x() for bar in ax.containers[1]]
    right = [bar.get_x() for bar in ax.containers[2]]
    np.testing.assert_allclose(left, [1, 1.1, 1.2, 1.3])
    np.testing.assert_allclose(right, [1.05, 1.15, 1.25, 1.35])


def test_labels_say_what_is_proved():
    """The legend counts proved and open ratios and bounds the mean."""
    ax = plot_ratio_histogram(LOWER, UPPER)
    assert set(labels(ax)) == {
        "proved (3)",
        "open (2), lower end",
        "open (2), upper end",
        "mean in [1.0600, 1.1600]",
    }
    assert ax.get_xlabel() == "cost / optimal cost"
    assert ax.get_ylabel() == "number of instances"


def test_all_proved():
    """With no open ratio there is one series and one mean."""
    ax = plot_ratio_histogram(LOWER, LOWER)
    assert len(ax.containers) == 1
    assert set(labels(ax)) == {"proved (5)", "mean 1.0600"}


def test_nothing_proved():
    """With only open ratios no bar is filled."""
    ax = plot_ratio_histogram([1.0, 1.0], [1.2, 1.3])
    assert sum(counts(ax.containers[0])) == 0
    assert sum(counts(ax.containers[1])) == 2


def test_equal_ratios():
    """Ratios that are all 1 are still counted."""
    ax = plot_ratio_histogram([1.0] * 7, [1.0] * 7)
    assert sum(counts(ax.containers[0])) == 7


def test_given_axis_is_used_and_returned():
    """The axis that is passed is drawn on and handed back."""
    ax = new_axis()
    assert plot_ratio_histogram(LOWER, UPPER, ax) is ax


@pytest.mark.parametrize(
    ("lower", "upper", "field"),
    [
        ([], [], "lower, upper"),
        ([1.0], [1.0, 1.1], "lower, upper"),
        ([1.0, 1.2], [1.0, 1.1], "lower[1]"),
        ([float("nan")], [1.0], "lower[0]"),
        ([1.0], [float("inf")], "lower[0]"),
    ],
)
def test_bad_ratios_are_refused(lower, upper, field):
    """Crossed, endless and missing intervals are refused by name."""
    with pytest.raises(InputError) as error:
        plot_ratio_histogram(lower, upper)
    assert error.value.field == field


def test_few_ratios_are_drawn_as_intervals():
    """A point where the optimum is proved, a line from end to end else."""
    ax = plot_ratio_intervals([1.2, 1.0, 1.1], [1.2, 1.05, 1.3])
    (points,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert points.get_xdata().tolist() == [1.2]
    (lines,) = [c for c in ax.collections if c.get_label() == "open (2)"]
    drawn = [segment[:, 0].tolist() for segment in lines.get_segments()]
    assert drawn == [[1.0, 1.05], [1.1, 1.3]]
    with pytest.raises(InputError, match="lower"):
        plot_ratio_intervals([2.0], [1.0])
