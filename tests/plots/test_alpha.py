"""Figures of scans over alpha."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from kvopt.model import InputError
from kvopt.plots import AlphaCurve, plot_alpha_scans


def curve(label):
    """A curve of three alphas, the first without a latency."""
    return AlphaCurve(
        label,
        np.array([0.1, 0.2, 0.3]),
        np.array([0.5, 1.0, 1.0]),
        np.array([np.nan, 9.0, 10.0]),
    )


def test_draws_share_above_latency():
    """Each curve is on both axes; shares are per cent."""
    axes = tuple(Figure().subplots(2, 1))
    assert plot_alpha_scans([curve("a"), curve("b")], axes, "s") == axes
    upper, lower = axes
    assert [line.get_label() for line in lower.lines] == ["a", "b"]
    assert upper.lines[0].get_ydata().tolist() == [50, 100, 100]
    assert lower.get_ylabel() == "mean latency (s)"


def test_refuses_no_curves_and_too_many():
    """There has to be something to draw, that can be told apart."""
    axes = tuple(Figure().subplots(2, 1))
    for number in (0, 8):
        with pytest.raises(InputError, match="1 to 7"):
            plot_alpha_scans([curve("c")] * number, axes, "s")
