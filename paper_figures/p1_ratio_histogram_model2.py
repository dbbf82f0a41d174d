"""P1 v5, section 5: histogram of MC-SF / OPT on Arrival Model 2."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kvopt.experiments.ratio import PUBLISHED as REPORTED
from paper_figures import p1_ratio_histogram as figure

PUBLISHED = figure.Published(
    model="model-2",
    arrivals=(
        "Poisson arrivals of a rate ~ U[0.5, 1.5] over T ~ U{40..60} rounds"
    ),
    **REPORTED["model-2"]._asdict(),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script and return its exit code."""
    return figure.main(PUBLISHED, arguments)


if __name__ == "__main__":
    sys.exit(main())
