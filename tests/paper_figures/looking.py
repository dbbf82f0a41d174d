"""What a reader would see in a drawing: overlaps, and how two differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, uniform_filter

from paper_figures.frame.hidden import traced

# Pixels at 100 dots an inch that two boxes may share without harm.
SHARED = 2.0


def overlaps(figure: Figure) -> list[str]:
    """Say where a legend covers data, or a text another one."""
    figure.set_dpi(100)
    figure.draw_without_rendering()
    return [*_under_legends(figure), *_texts_on_texts(figure)]


def _under_legends(figure: Figure) -> Iterator[str]:
    legends = [*figure.legends]
    legends += [ax.get_legend() for ax in figure.axes if ax.get_legend()]
    for legend in legends:
        box = legend.get_window_extent().padded(-SHARED)
        for name, points in _data(figure):
            inside = (
                (points[:, 0] > box.x0)
                & (points[:, 0] < box.x1)
                & (points[:, 1] > box.y0)
                & (points[:, 1] < box.y1)
            )
            if inside.any():
                yield f"a legend covers {name}"
        for text in _texts(figure):
            if _shared(box, text.get_window_extent()):
                yield f"a legend covers the text {text.get_text()!r}"


def _data(figure: Figure) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield what is drawn of data, as points about a pixel apart."""
    for ax in figure.axes:
        if not ax.axison:
            continue
        for line in ax.lines:
            # A line across the whole axes is a guide and no data.
            if line.get_transform() == ax.transData:
                yield f"the line {line.get_label()!r}", traced(line)
        for patch in ax.patches:
            if patch.get_transform().contains_branch(ax.transData):
                box = patch.get_window_extent()
                if shown := Bbox.intersection(box, ax.bbox):
                    yield "a bar", _filled(shown)
        for collection in ax.collections:
            if isinstance(collection, PolyCollection):
                continue
            offsets = collection.get_offset_transform().transform(
                collection.get_offsets()
            )
            yield "marks", np.asarray(offsets, dtype=float).reshape(-1, 2)


def _filled(box: Bbox) -> NDArray[np.float64]:
    """Return points all over a box, at most about 40 a side."""
    x, y = (
        np.linspace(low, low + side, min(40, int(side) + 2))
        for low, side in ((box.x0, box.width), (box.y0, box.height))
    )
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _texts(figure: Figure) -> list[Text]:
    found: list[Text] = [*figure.texts]
    for ax in figure.axes:
        if ax.axison:
            found += [*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label]
    return [text for text in found if text.get_text() and text.get_visible()]


def _texts_on_texts(figure: Figure) -> Iterator[str]:
    texts = _texts(figure)
    x0, y0, x1, y1 = np.array(
        [_ink(text).extents for text in texts] or np.zeros((0, 4))
    ).T
    wide = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0)
    high = np.minimum.outer(y1, y1) - np.maximum.outer(y0, y0)
    shared = np.triu(np.minimum(wide, high) > SHARED, 1)
    for one, other in np.argwhere(shared):
        names = texts[one].get_text(), texts[other].get_text()
        yield f"{names[0]!r} and {names[1]!r} overlap"


def _ink(text: Text) -> Bbox:
    """Return the box of the letters alone, without an arrow."""
    if isinstance(text, Annotation):
        return Text.get_window_extent(text)
    return text.get_window_extent()


def _shared(one: Bbox, other: Bbox) -> bool:
    both = Bbox.intersection(one, other)
    return both is not None and min(both.width, both.height) > SHARED


def grey(figure: Figure, dots: int = 60) -> NDArray[np.float64]:
    """Return a drawing as grey levels from 0 to 1."""
    figure.set_dpi(dots)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    colours = np.asarray(canvas.buffer_rgba(), dtype=float)[..., :3]
    return np.asarray(colours.mean(axis=2) / 255)


def difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the share of the ink at which two pictures are not alike.

    Not alike is a structural similarity below 1/2 (Wang, Bovik, Sheikh,
    Simoncelli 2004, windows of 7 pixels), after a little blur, so that
    another release of the font library, which moves edges of letters by a
    part of a pixel, makes no difference.
    """
    a, b = (gaussian_filter(picture, 1.0) for picture in (one, other))
    mean_a, mean_b = (uniform_filter(p, 7) for p in (a, b))
    var_a, var_b, cov = (
        uniform_filter(product, 7) - means
        for product, means in (
            (a * a, mean_a * mean_a),
            (b * b, mean_b * mean_b),
            (a * b, mean_a * mean_b),
        )
    )
    light = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
    structure = (2 * cov + 9e-4) / (var_a + var_b + 9e-4)
    # Empty windows are alike in all pictures and would hide a difference.
    ink = var_a + var_b > 1e-3
    return float((light * structure < 0.5)[ink].mean())
