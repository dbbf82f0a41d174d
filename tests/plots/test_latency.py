"""Latency curves: what is drawn, labelled and refused."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import LatencyCurve, new_axis, plot_latency_curves

X = np.array([100, 200, 300])
LOW = LatencyCurve("low", X, np.array([1.0, 2, 3]))
HIGH = LatencyCurve(
    "high",
    X,
    np.array([2.0, 4, 9]),
    low=np.array([1.0, 3, 8]),
    high=np.array([3.0, 5, 10]),
)


def test_curves_and_labels():
    """One line a curve with its numbers; axes carry the unit."""
    ax = plot_latency_curves([LOW, HIGH], unit="s")
    assert [line.get_ydata().tolist() for line in ax.lines] == [
        [1, 2, 3],
        [2, 4, 9],
    ]
    assert ax.get_xlabel() == "number of requests"
    assert ax.get_ylabel() == "mean latency (s)"


def test_legend_follows_the_right_end():
    """The legend lists the highest curve first."""
    ax = plot_latency_curves([LOW, HIGH])
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["high", "low"]


def test_band_only_where_given():
    """A band is drawn for the curve that has one, between its ends."""
    ax = plot_latency_curves([LOW, HIGH])
    assert len(ax.collections) == 1
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (1, 10)


def test_many_curves_differ():
    """Fourteen curves have fourteen pairs of colour and dash."""
    curves = [LatencyCurve(str(k), X, X * (k + 1.0)) for k in range(14)]
    lines = plot_latency_curves(curves).lines
    looks = {(line.get_color(), line.get_linestyle()) for line in lines}
    assert len(looks) == 14


def test_earlier_lines_of_the_axis_stay_out_of_the_legend():
    """What the caller drew before is neither listed nor mixed up."""
    ax = new_axis()
    ax.plot(X, X, label="before")
    assert plot_latency_curves([LOW, HIGH], ax) is ax
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["high", "low"]


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"mean": X[:2]}, "mean"),
        ({"mean": X, "low": X}, "high"),
        ({"mean": X, "high": X}, "low"),
        ({"mean": X, "low": X, "high": X[:1]}, "high"),
    ],
)
def test_bad_columns_are_refused(columns, field):
    """Columns of other lengths and half bands are refused by name."""
    with pytest.raises(InputError) as error:
        LatencyCurve("curve", X, **columns)
    assert error.value.field == field


def test_no_curves_are_refused():
    """There has to be something to draw."""
    with pytest.raises(InputError):
        plot_latency_curves([])
