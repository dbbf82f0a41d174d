"""P1 v5, section 5: histogram of MC-SF / OPT on Arrival Model 1."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kvopt.experiments.ratio import PUBLISHED as REPORTED
from paper_figures import p1_ratio_histogram as figure

PUBLISHED = figure.Published(
    model="model-1",
    arrivals=("all requests at 0, n ~ U{40..60}"),
    **REPORTED["model-1"]._asdict(),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script and return its exit code."""
    return figure.main(PUBLISHED, arguments)


if __name__ == "__main__":
    sys.exit(main())
