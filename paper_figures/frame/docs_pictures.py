"""The pictures of the README and of ``docs/claims``, in ``docs/img``.

The counterexamples are computed; ``regret.png`` shows the table that
``python -m benchmarks.regret`` wrote, ``policies-vs-optimum.png`` the rows of
``python -m benchmarks.traces_vs_optimum``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kvopt.analysis import read_rows
from kvopt.experiments.regret.runs import Setting
from kvopt.experiments.regret.table import RegretCell
from kvopt.model import Instance
from kvopt.plots import save_figure
from kvopt.workloads import library
from paper_figures import (
    p1v2_counterexample,
    p1v2_regret,
    traces_vs_optimum,
)
from paper_figures.frame.report import output_folder
from paper_figures.frame.small_pictures import small_copy

__all__ = ["main"]

TABLE = Path(__file__).parents[2] / "benchmarks" / "results" / "regret.csv"
# The ledger proves that it is the smallest.
SMALLEST = Instance.of(4, [(0, 0, 2), (0, 0, 2), (0, 0, 3), (0, 0, 3)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw them into the folder given, or into ``docs/img``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "folder", nargs="?", default="docs/img", help="default: docs/img"
    )
    folder = output_folder(parser.parse_args(arguments).folder)
    usual = Setting()
    cells = [
        cell
        for cell in read_rows(RegretCell, TABLE)
        if (cell.output, cell.process) == (usual.output, usual.process)
    ]
    nothing = p1v2_counterexample.Settings()
    certified = traces_vs_optimum.Settings()
    drawings = {
        "counterexample": p1v2_counterexample.draw(
            p1v2_counterexample.pair_of(library.load("mcsf-16-15")), nothing
        ),
        "smallest-counterexample": p1v2_counterexample.draw(
            p1v2_counterexample.pair_of(SMALLEST), nothing
        ),
        "regret": p1v2_regret.draw_cells(cells),
        "policies-vs-optimum": traces_vs_optimum.draw(
            traces_vs_optimum.chosen(certified), certified
        ),
    }
    for name, drawing in drawings.items():
        save_figure(drawing, folder / name)
        (folder / f"{name}.pdf").unlink()
        small_copy(folder / f"{name}.png", folder / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
