"""The list of what the papers say, and which claims look into it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

__all__ = ["COVERAGE", "Fact", "facts"]

COVERAGE = Path(__file__).parent / "coverage.csv"


class Fact(NamedTuple):
    """A checkable statement of a paper, or of this project.

    Parameters
    ----------
    name
        Paper and place, as in ``P1.lemma-4.4``.
    statement
        The fact, in our words.
    claims
        Ids of the claims that look into it.
    reason
        Why there is none, if there is none.
    """

    name: str
    statement: str
    claims: tuple[str, ...]
    reason: str


def facts(path: Path = COVERAGE) -> list[Fact]:
    """Return the facts in their order.

    Parameters
    ----------
    path
        The list, a CSV file with a line for each fact.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Fact(
                row["fact"],
                row["statement"],
                tuple(row["claims"].split()),
                row["reason"],
            )
            for row in csv.DictReader(file)
        ]
