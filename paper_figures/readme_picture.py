"""The picture of the README: ``docs/img/counterexample.png``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kvopt.workloads import library
from paper_figures.p1v2_counterexample import draw, schedules
from paper_figures.report import output_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw it into the folder given, or into ``docs/img``."""
    given = sys.argv[1:] if arguments is None else arguments
    folder = output_folder(given[0] if given else "docs/img")
    instance = library.load("mcsf-16-15")
    draw(instance, schedules(instance), folder / "counterexample")
    (folder / "counterexample.pdf").unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
