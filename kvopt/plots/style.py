"""The house style of figures, and saving them so that bytes repeat."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvopt.model import InputError, write_atomically

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure, SubFigure
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

__all__ = [
    "COLOURS",
    "INK",
    "MUTED",
    "ONE_COLUMN",
    "TWO_COLUMNS",
    "draw_band",
    "few_colours",
    "house_style",
    "legend_below",
    "new_axis",
    "plain_log_ticks",
    "refuse_unless_told_apart",
    "save_figure",
    "save_picture",
]

# Okabe and Ito's palette, told apart by colour-blind readers; ordered so that
# neighbours differ in lightness too. Yellow is left out: it is lost on white.
COLOURS = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # green
    "#CC79A7",  # purple
    "#E69F00",  # orange
    "#56B4E9",  # sky
    "#000000",  # black
)
INK = "#222222"
MUTED = "#777777"

# Width and height in inches, for a column and for the whole page width.
ONE_COLUMN = (3.4, 2.4)
TWO_COLUMNS = (7.0, 3.0)

# Any, because matplotlib's own types list every key from 3.11 on only.
_SETTINGS: dict[Any, Any] = {
    # Fonts that matplotlib brings along, so that figures do not depend on
    # the machine; type 42 keeps text as text in a PDF.
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "pdf.fonttype": 42,
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "legend.fontsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "savefig.dpi": 300,
    "figure.dpi": 150,
}


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style inside the block, and as before after it."""
    import matplotlib

    with matplotlib.rc_context(_SETTINGS):
        yield


def refuse_unless_told_apart(curves: Sequence[object]) -> None:
    """Refuse no curve at all, and more curves than there are colours."""
    if not 0 < len(curves) <= len(COLOURS):
        raise InputError(
            f"must be 1 to {len(COLOURS)} curves",
            field="curves",
            value=len(curves),
        )


def new_axis(size: tuple[float, float] = ONE_COLUMN) -> Axes:
    """Return the axis of a new figure of ``size`` inches.

    The figure is not registered with pyplot: nobody has to close it.
    """
    from matplotlib.figure import Figure

    with house_style():
        return Figure(figsize=size, layout="constrained").subplots()


def legend_below(figure: Figure, axes: Iterable[Axes], columns: int) -> None:
    """Draw one legend for all axes below them, where no data can lie.

    Parameters
    ----------
    figure, axes
        The figure, with constrained layout, and its axes; legends of their
        own are removed. Of two entries of one name the first is kept.
    columns
        Columns of the legend.
    """
    entries: dict[str, Any] = {}
    for ax in axes:
        handles, labels = ax.get_legend_handles_labels()
        for handle, label in zip(handles, labels, strict=True):
            entries.setdefault(label, handle)
        legend = ax.get_legend()
        if legend is not None:
            legend.remove()
    figure.legend(
        entries.values(),
        entries.keys(),
        loc="outside lower center",
        ncols=columns,
        handletextpad=0.5,
        columnspacing=1.2,
        labelspacing=0.35,
    )


def draw_band(
    ax: Axes,
    x: NDArray[Any],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    colour: str,
    alpha: float = 0.18,
) -> None:
    """Draw the band of a curve, from its lower to its upper ends.

    Parameters
    ----------
    ax
        The axis of the curve.
    x, low, high
        Where the ends are, shape ``(k,)`` each.
    colour
        That of the curve.
    alpha
        How opaque the band is, from 0 to 1.
    """
    ax.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0)


def plain_log_ticks(axis: Axis, subs: Sequence[float] = (1, 2, 5)) -> None:
    """Write plain numbers at these multiples of the powers of ten.

    Parameters
    ----------
    axis
        A logarithmic axis.
    subs
        The multiples, from 1 to below 10.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.12g}"))
    axis.set_minor_formatter(NullFormatter())


def save_figure(
    figure: Figure | SubFigure, path: str | os.PathLike[str]
) -> tuple[Path, Path]:
    """Write ``path`` + ``.pdf`` and ``.png``; the same figure, same bytes.

    Parameters
    ----------
    figure
        The figure, or the part of one that an axis stands in: all of it is
        written.
    path
        Where, without an ending.

    Returns
    -------
    tuple
        Path of the PDF and of the PNG.

    Raises
    ------
    InputError
        Naming the path when it cannot be written.
    """
    stem = os.fspath(path)
    whole = figure.figure
    # None leaves the entry out: no date, no version of the library.
    metadata: dict[str, dict[str, str | None]] = {
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    paths = []
    for kind, entries in metadata.items():
        with house_style(), write_atomically(f"{stem}.{kind}") as part:
            whole.savefig(part, format=kind, metadata=entries)
        paths.append(Path(f"{stem}.{kind}"))
    return paths[0], paths[1]


def few_colours(picture: Picture) -> Picture:
    """Return a picture with a palette of at most 256 colours.

    Parameters
    ----------
    picture
        A drawing.

    Returns
    -------
    PIL.Image.Image
        The same, in which lines of :data:`COLOURS` keep their colours.
    """
    from PIL import Image

    # Median cut, Pillow's own choice, makes one colour of two that cover
    # little of a picture, as thin lines do.
    return picture.convert("RGB").quantize(
        256, method=Image.Quantize.MAXCOVERAGE
    )


def save_picture(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a PNG of few bytes for a page; the same figure, same bytes.

    Half the resolution of :func:`save_figure`, and 256 colours.

    Parameters
    ----------
    figure
        The figure.
    path
        Where to, without the ending.

    Raises
    ------
    InputError
        Naming the path when it cannot be written.
    """
    from PIL import Image

    target = Path(f"{os.fspath(path)}.png")
    drawn = io.BytesIO()
    with house_style():
        figure.savefig(drawn, format="png", dpi=150)
    with Image.open(drawn) as picture, write_atomically(target) as part:
        few_colours(picture).save(part, format="png", optimize=True)
    return target
