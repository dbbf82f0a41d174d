"""Lines of a drawing that lie under others, so that the caption says so."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = ["hidden_lines", "traced"]

# Pixels of a drawing at 100 dots an inch: about half the width of a line.
NEAR = 1.0


def traced(line: Line2D) -> NDArray[np.float64]:
    """Return points of a line about a pixel apart, shape ``(k, 2)``.

    Only those inside its axes; of a line without a stroke its markers.
    """
    corners = line.get_transform().transform(line.get_xydata())
    corners = corners[np.isfinite(corners).all(axis=1)]
    if len(corners) > 1 and line.get_linestyle() not in ("None", "none", ""):
        steps = np.hypot(*np.diff(corners, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        even = np.linspace(0, along[-1], int(min(along[-1], 20_000)) + 2)
        corners = np.column_stack(
            [np.interp(even, along, corners[:, k]) for k in (0, 1)]
        )
    assert line.axes is not None
    box = line.axes.bbox.padded(1)
    inside = (
        (corners[:, 0] >= box.x0)
        & (corners[:, 0] <= box.x1)
        & (corners[:, 1] >= box.y0)
        & (corners[:, 1] <= box.y1)
    )
    found: NDArray[np.float64] = corners[inside]
    return found


def hidden_lines(drawing: Figure) -> tuple[str, ...]:
    """Say which lines with a name lie wholly on another, a sentence each."""
    drawing.draw_without_rendering()
    found: dict[str, None] = {}
    for ax in drawing.axes:
        for under, over in permutations(_named(ax), 2):
            if _lies_on(traced(under), traced(over)):
                title = " ".join(ax.get_title().split())
                where = f" ({title})" if title else ""
                names = under.get_label(), over.get_label()
                first, second = map(str, names)
                # Two lines that hide each other are said once.
                if f"{second} lies on {first}{where}" not in found:
                    found[f"{first} lies on {second}{where}"] = None
    return tuple(found)


def _named(ax: Axes) -> list[Line2D]:
    return [
        line
        for line in ax.lines
        if not str(line.get_label()).startswith("_")
        and line.get_visible()
        and np.size(line.get_xdata())
        and line.get_transform() == ax.transData
    ]


def _lies_on(under: NDArray[np.float64], over: NDArray[np.float64]) -> bool:
    """Whether every point of the first is near one of the second."""
    from scipy.spatial import cKDTree

    if not len(under) or not len(over):
        return False
    distance, _ = cKDTree(over).query(under)
    return bool((distance <= NEAR + 0.5).all())
