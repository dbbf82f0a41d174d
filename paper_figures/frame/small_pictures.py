"""Small copies of figures for the docs: ``docs/img/NAME.png``.

``python -m paper_figures.frame.small_pictures OUT NAME...`` takes the PNG of
each figure from the folder ``OUT``, in which it was made.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from kvopt.model import write_atomically
from kvopt.plots import few_colours

__all__ = ["main", "small_copy"]

SCALE = 2 / 3


def small_copy(path: Path, target: Path) -> None:
    """Write a PNG with two thirds of the dots, and with few colours.

    Parameters
    ----------
    path
        A PNG.
    target
        The file to write; what is there is replaced.
    """
    with Image.open(path) as picture:
        size = (round(SCALE * picture.width), round(SCALE * picture.height))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    with write_atomically(target) as part:
        few_colours(small).save(part, format="PNG", optimize=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Copy the figures named into ``docs/img``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder of the figures")
    parser.add_argument("names", nargs="+", help="names of figures")
    asked = parser.parse_args(arguments)
    for name in asked.names:
        small_copy(asked.out / f"{name}.png", Path(f"docs/img/{name}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
