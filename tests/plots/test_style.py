"""Saving figures: both files, real text, the same bytes every time."""

import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from kvopt.model import InputError, Instance, Schedule
from kvopt.plots import (
    few_colours,
    house_style,
    plot_memory,
    plot_ratio_histogram,
    save_figure,
    save_picture,
)
from kvopt.plots.style import COLOURS

INSTANCE = Instance.of(8, [(0, 1, 3), (0, 2, 4)])
SCHEDULE = Schedule([(0, 0, 2, False), (1, 0, 4, True), (0, 4, 7, True)])


def draw():
    return plot_memory(INSTANCE, SCHEDULE).figure


def test_writes_pdf_and_png(tmp_path):
    """A PDF and a PNG appear under the name given, and nothing else."""
    paths = save_figure(draw(), tmp_path / "fig.1")
    assert [path.name for path in paths] == ["fig.1.pdf", "fig.1.png"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert paths[0].read_bytes().startswith(b"%PDF")
    assert paths[1].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "make",
    [draw, lambda: plot_ratio_histogram([1, 1.1], [1, 1.2]).figure],
    ids=["memory", "ratios"],
)
def test_bytes_repeat(tmp_path, make):
    """Drawing and saving again gives the same bytes."""
    one = save_figure(make(), tmp_path / "one")
    two = save_figure(make(), tmp_path / "two")
    for a, b in zip(one, two, strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_of_a_part_all_is_written(tmp_path):
    """The figure of an axis may be a part of one: the whole is written."""
    from matplotlib.figure import Figure

    whole = Figure(figsize=(4, 2))
    left, right = whole.subfigures(1, 2)
    for part in (left, right):
        plot_memory(INSTANCE, SCHEDULE, ax=part.subplots())
    paths = [
        save_figure(figure, tmp_path / name)[1]
        for figure, name in ((left.axes[0].figure, "part"), (whole, "whole"))
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_text_is_text(tmp_path):
    """The PDF embeds TrueType fonts and carries no date."""
    pdf = save_figure(draw(), tmp_path / "figure")[0].read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf


def test_picture_repeats_and_is_small(tmp_path):
    """A picture for a page has the same bytes again, fewer than a figure."""
    one = save_picture(draw(), tmp_path / "one.1")
    two = save_picture(draw(), tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.1.png",
        "two.png",
    ]
    assert one.read_bytes() == two.read_bytes()
    png = save_figure(draw(), tmp_path / "figure")[1]
    assert len(one.read_bytes()) < len(png.read_bytes()) / 2
    with pytest.raises(InputError, match="nowhere"):
        save_picture(draw(), tmp_path / "nowhere" / "figure")


def test_few_colours_keep_those_of_lines():
    """Thin lines of the house colours stay as they are, and white white."""
    figure = Figure(figsize=(3, 2))
    ax = figure.subplots()
    for k, colour in enumerate(COLOURS):
        ax.plot([0, 1], [k, k + 1], color=colour, linewidth=1.5)
        ax.fill_between(
            [0, 1], [k, k], [k + 1, k + 2], color=colour, alpha=0.2
        )
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=150)
    with Image.open(drawn) as picture:
        whole = np.asarray(picture.convert("RGB"), dtype=int)
        few = few_colours(picture)
    kept = np.asarray(few.convert("RGB"), dtype=int)
    assert len(np.unique(kept.reshape(-1, 3), axis=0)) <= 256
    for colour in (*COLOURS, "white"):
        exact = np.rint(255 * np.array(to_rgb(colour))).astype(int)
        dots = (whole == exact).all(axis=2)
        assert dots.any()
        assert np.abs(kept[dots] - exact).max() <= 20
    assert (kept[0, 0] == 255).all()


def test_unwritable_path_is_named(tmp_path):
    """A folder that does not exist is refused by name."""
    with pytest.raises(InputError, match="nowhere"):
        save_figure(draw(), tmp_path / "nowhere" / "figure")


def test_style_ends_with_its_block():
    """Settings are back to what they were after the block."""
    before = matplotlib.rcParams["font.family"]
    with house_style():
        assert matplotlib.rcParams["pdf.fonttype"] == 42
        assert matplotlib.rcParams["font.family"] == ["STIXGeneral"]
    assert matplotlib.rcParams["font.family"] == before
    assert before != ["STIXGeneral"]


def test_import_does_not_load_matplotlib():
    """``import kvopt.plots`` stays light."""
    code = "import sys, kvopt.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
