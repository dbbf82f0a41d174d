"""Regret curves: what is drawn, labelled and refused."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.plots import RegretCurve, new_axis, plot_regret

T = np.array([20, 40, 80])


def curve(low, high, spread=0.5, label="a"):
    """Return a curve whose interval is ``spread`` wider."""
    low, high = np.array(low, float), np.array(high, float)
    start = np.maximum(low - spread, 0)
    return RegretCurve(label, T, low, high, start, high + spread)


def test_proved_means_are_markers_and_open_ones_bars():
    """A mean known to lie in an interval is drawn as one."""
    ax = plot_regret([curve([1, 2, 4], [1, 3, 4])])
    line, markers = ax.lines[0], ax.lines[1]
    assert line.get_ydata().tolist() == [1, 2.5, 4]
    assert markers.get_xdata().tolist() == [20, 80]
    bars = ax.collections[1].get_segments()
    assert [bar.tolist() for bar in bars] == [[[40, 2], [40, 3]]]
    assert ax.get_yscale() == ax.get_xscale() == "log"


def test_zeros_stand_at_the_edge_and_labels_say_which_reading():
    """A mean of 0 has no place on a logarithmic axis: an open marker."""
    ax = new_axis()
    assert plot_regret([curve([0, 1, 2], [0, 1, 2])], ax, True) is ax
    assert ax.lines[0].get_xdata().tolist() == [40, 80]
    zeros = ax.lines[2]
    assert zeros.get_xdata().tolist() == [20]
    assert zeros.get_markerfacecolor() == "none"
    assert "per request" in ax.get_ylabel()
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["a", "open, at the lower edge: 0", "slope 1"]


@pytest.mark.parametrize(
    "means", [[1, 1, 1], [1, 9, 1600], [4, 2, 1], [4, 1, 0]]
)
@pytest.mark.parametrize("longest", [80, 5120])
def test_the_guide_is_seen_whole(means, longest):
    """The line of slope 1 lies within the axis, whatever the curve does."""
    columns = [np.array(means, float)] * 4
    ax = plot_regret([RegretCurve("a", np.array([20, 40, longest]), *columns)])
    guide = ax.lines[-1]
    x, y = np.array(guide.get_data())
    assert guide.get_label() == "slope 1"
    assert y[1] / y[0] == pytest.approx(x[1] / x[0]) == longest / 20
    low, high = ax.get_ylim()
    assert low < y[0] and y[1] < high


def test_refusals():
    """Nothing to draw, wrong lengths and ends out of order are named."""
    with pytest.raises(InputError, match="no positive regret"):
        plot_regret([curve([0, 0, 0], [0, 0, 0])])
    with pytest.raises(InputError, match="high"):
        curve([2, 2, 2], [1, 3, 3])
    with pytest.raises(InputError, match="length of horizon"):
        RegretCurve("a", T, *(np.ones(2) for _ in range(4)))
