"""The figures as a reader sees them, on settings of a second or two.

Baselines are made again with ``python -m tests.paper_figures.test_pictures``
followed by names; look at the difference before it is committed.
"""

from __future__ import annotations

import csv
import math
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from paper_figures.frame.figure import figure_called, names
from paper_figures.frame.hidden import hidden_lines
from paper_figures.frame.work import Work
from tests.paper_figures.looking import difference, grey, overlaps
from tests.paper_figures.tiny import (
    TIMED,
    TINY,
    VARIES,
    WITHOUT_PICTURE,
)

BASELINES = Path(__file__).parent / "baselines"
PICTURES = [name for name in names() if name not in WITHOUT_PICTURE]
COMPARED = [name for name in PICTURES if name not in VARIES]
DRAWN_ALIKE = [name for name in COMPARED if name not in TIMED]
# Measured times and names of things that may be called anew.
UNSTABLE = ("runtime", "instance", "seconds", "traces", "trace")
# With one curve left out of one panel a picture is more different than this.
DIFFERENT = 0.01


class Made(NamedTuple):
    """A figure's drawing, how it looked first, and its tables by file name.

    Those of its data, and ``NAME.table.csv``, what it says in its summary.
    """

    drawing: Figure
    picture: NDArray[np.float64]
    tables: dict[str, list[list[str]]]


@cache
def made(name: str) -> Made:
    """Make a figure on tiny settings, once."""
    figure = figure_called(name)
    settings = figure.Settings(**TINY[name])
    with tempfile.TemporaryDirectory() as folder:
        work = Work(Path(folder), name, 1)
        data = figure.data(settings, work)
        drawing = figure.draw(data, settings)
        said = figure.describe(data, settings)
        assert said.ok
        tables = {
            path.name: read(path)
            for path in sorted(Path(folder).glob("*.csv"))
        }
    header, rows = said.table
    tables[f"{name}.table.csv"] = stable(list(header), map(list, rows))
    assert isinstance(drawing, Figure)
    return Made(drawing, grey(drawing), tables)


def read(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, without what was measured."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return stable(header, rows)


def stable(header: list[str], rows: Iterable[list[str]]) -> list[list[str]]:
    """Return the header and the rows without what was measured."""
    kept = [k for k, name in enumerate(header) if name not in UNSTABLE]
    return [[row[k] for k in kept] for row in [header, *rows]]


def baseline(name: str) -> NDArray[np.float64]:
    """Return the stored picture of a figure, as grey levels."""
    with Image.open(BASELINES / f"{name}.png") as picture:
        return np.asarray(picture, dtype=float) / 255


def same(one: str, other: str) -> bool:
    """Whether two cells agree, numbers up to a part in a million."""
    try:
        a, b = float(one), float(other)
    except ValueError:
        return one == other
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def test_every_figure_has_tiny_settings():
    """A new figure says here how it is made within a second or two."""
    assert set(TINY) | set(WITHOUT_PICTURE) == set(names())
    assert {*VARIES, *TIMED} <= set(TINY)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_covered(name):
    """No legend lies over data or text, and no text over another."""
    assert overlaps(made(name).drawing) == []


@pytest.mark.parametrize("name", COMPARED)
def test_the_data_is_that_of_the_baseline(name):
    """Tiny settings give the stored tables, numbers to six digits."""
    for file, table in made(name).tables.items():
        stored = read(BASELINES / file)
        assert table[0] == stored[0]
        assert len(table) == len(stored)
        wrong = [
            (row, before)
            for row, before in zip(table, stored, strict=True)
            if not all(map(same, row, before))
        ]
        assert not wrong


@pytest.mark.parametrize("name", DRAWN_ALIKE)
def test_the_picture_is_like_the_baseline(name):
    """The drawing has the structure of the stored picture."""
    stored = baseline(name)
    now = made(name).picture
    assert now.shape == stored.shape
    assert difference(now, stored) < DIFFERENT


def two_lines(shift: float) -> Figure:
    """Return a drawing of a line, and the same one moved up."""
    figure = Figure(figsize=(3, 2), layout="constrained")
    ax = figure.subplots()
    for k in (0, 1):
        ax.plot(
            [0, 1, 2], [0 + k * shift, 1 + k * shift, 4], label=f"line {k}"
        )
    return figure


def test_a_line_under_another_is_said():
    """Of two equal lines one is named, of two that part none."""
    assert hidden_lines(two_lines(0.0)) == ("line 0 lies on line 1",)
    assert hidden_lines(two_lines(0.5)) == ()


def test_what_a_legend_covers_is_found():
    """A legend in the way of a line, a bar or a text is each found."""
    figure = two_lines(0.5)
    (ax,) = figure.axes
    ax.legend(loc="upper left")
    assert overlaps(figure) == []
    ax.text(0.1, 3.6, "covered")
    ax.bar([0.1], [3.5], width=0.2)
    ax.plot([0, 1], [3.8, 3.8])
    found = " ".join(overlaps(figure))
    assert "'covered'" in found
    assert "a bar" in found
    assert "the line" in found


@pytest.mark.parametrize("name", ["p5_gap", "p5_fcfs_cycle"])
def test_a_missing_curve_is_not_like_the_baseline(name):
    """Leaving one curve out of one panel makes the comparison fail."""
    stored = baseline(name)
    drawing = made(name).drawing
    left = drawing.axes[0]
    curve = (left.lines or left.patches)[0]
    curve.set_visible(False)
    try:
        assert difference(grey(drawing), stored) > DIFFERENT
    finally:
        curve.set_visible(True)


def make_baselines(chosen: list[str]) -> None:
    """Write the baselines of some figures anew."""
    BASELINES.mkdir(exist_ok=True)
    for name in chosen:
        one = made(name)
        if name in DRAWN_ALIKE:
            levels = np.rint(255 * one.picture).astype(np.uint8)
            picture = Image.fromarray(levels)
            picture.save(BASELINES / f"{name}.png", optimize=True)
        for file, table in one.tables.items():
            with (BASELINES / file).open("w", newline="") as opened:
                csv.writer(opened, lineterminator="\n").writerows(table)


if __name__ == "__main__":
    make_baselines(sys.argv[1:] or COMPARED)
