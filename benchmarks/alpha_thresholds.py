"""From which alpha on alpha-protection comes to an end, and at what latency.

Run ``python -m benchmarks.alpha_thresholds --trace FILE``. It is the figure
``p1_alpha_thresholds`` with its full budget: alpha-greedy at every alpha from
0.01 to 0.60, and alpha-beta-clearing downwards from 0.40 until a run takes
ten times the rounds. It takes about 10 minutes of processor time, most of it
for the random clearing; rows are kept in ``out/``, and a run that was stopped
goes on from there.

It writes ``benchmarks/results/alpha_thresholds.csv``, a row an alpha, and
``docs/img/alpha_thresholds.png``, and prints the thresholds.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

from paper_figures.frame.figure import make
from paper_figures.frame.report import output_folder
from paper_figures.p1_alpha_thresholds import FULL

__all__ = ["OUT", "main"]

HERE = Path(__file__).parent
OUT = HERE / "results" / "alpha_thresholds.csv"
PICTURE = HERE.parent / "docs" / "img" / "alpha_thresholds.png"
NAME = "p1_alpha_thresholds"


def main() -> None:
    """Run what is missing, put table and picture in place, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--trace",
        required=True,
        help="conversations to take samples of, beside the packaged sample",
    )
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    out = output_folder("out")
    settings = replace(FULL, trace=options.trace)
    report = make(NAME, settings, out, options.workers)
    shutil.copy(out / f"{NAME}.csv", OUT)
    shutil.copy(out / f"{NAME}.png", PICTURE)
    header, rows = report.table
    for cells in (header, *rows):
        print(" | ".join(cells))


if __name__ == "__main__":
    main()
