"""What a check may find, and the verdict that follows from it.

No verdict is typed in: each of the functions here is given what was
computed, and decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any

__all__ = [
    "Finding",
    "NotCheckedError",
    "Verdict",
    "measured",
    "measured_below",
    "open_question",
    "proved",
    "refuted",
    "scanned",
]

Number = int | str


class Verdict(str, Enum):
    """What is known of a claim."""

    PROVED = "PROVED HERE"
    CONSISTENT = "CONSISTENT"
    REFUTED = "REFUTED"
    NOT_REPRODUCED = "NOT REPRODUCED"
    OPEN = "OPEN"


class NotCheckedError(Exception):
    """Something that a check needs is missing; its message says what."""


@dataclass(frozen=True)
class Finding:
    """What a check computed.

    Parameters
    ----------
    verdict
        The computed verdict.
    evidence
        What it rests on, in a sentence or two, with the range tried.
    numbers
        The exact numbers behind it; they are compared with the record.
    tried
        How many instances were tried; 0 where none were.
    largest_ratio
        The largest ratio met, if ratios were measured.
    bound
        What the claim says of that ratio, if it is a bound.
    interval
        Published number, and the ends of the measured interval.
    documents
        Documents that the independent checker has to accept.
    """

    verdict: Verdict
    evidence: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    tried: int = 0
    largest_ratio: Fraction | None = None
    bound: Fraction | None = None
    interval: tuple[float, float, float] | None = None
    documents: tuple[dict[str, Any], ...] = ()


def proved(
    evidence: str,
    parts: Mapping[str, bool],
    *,
    numbers: Mapping[str, Number] | None = None,
    tried: int = 0,
    largest_ratio: Fraction | None = None,
    bound: Fraction | None = None,
) -> Finding:
    """Return PROVED HERE if all computed parts hold, else OPEN.

    Parameters
    ----------
    evidence
        What was computed beside the proof on paper.
    parts
        What had to come out, in words, and whether it did.
    numbers, tried, largest_ratio, bound
        As in :class:`Finding`.
    """
    failed = [what for what, holds in parts.items() if not holds]
    verdict = Verdict.OPEN if failed else Verdict.PROVED
    if failed:
        evidence = f"Not as the proof says: {'; '.join(failed)}. {evidence}"
    return Finding(
        verdict, evidence, numbers or {}, tried, largest_ratio, bound
    )


def refuted(
    evidence: str,
    parts: Mapping[str, bool],
    *,
    numbers: Mapping[str, Number] | None = None,
    largest_ratio: Fraction | None = None,
    bound: Fraction | None = None,
) -> Finding:
    """Return REFUTED if every part of the refutation holds, else OPEN.

    Parameters
    ----------
    evidence, parts, numbers, largest_ratio, bound
        As in :func:`proved`.
    """
    failed = [what for what, holds in parts.items() if not holds]
    verdict = Verdict.OPEN if failed else Verdict.REFUTED
    if failed:
        evidence = f"Not refuted: {'; '.join(failed)}. {evidence}"
    return Finding(verdict, evidence, numbers or {}, 0, largest_ratio, bound)


def scanned(
    evidence: str,
    tried: int,
    counterexamples: Sequence[str],
    *,
    numbers: Mapping[str, Number] | None = None,
    largest_ratio: Fraction | None = None,
    bound: Fraction | None = None,
    documents: tuple[dict[str, Any], ...] = (),
) -> Finding:
    """Return REFUTED if there are counterexamples, else CONSISTENT.

    Parameters
    ----------
    evidence
        What was tried.
    tried
        How many instances; a scan of nothing is OPEN.
    counterexamples
        Those met, in words.
    numbers, largest_ratio, bound, documents
        As in :class:`Finding`.
    """
    if not tried:
        verdict = Verdict.OPEN
    elif counterexamples:
        verdict = Verdict.REFUTED
        evidence = f"Counterexample: {counterexamples[0]}. {evidence}"
    else:
        verdict = Verdict.CONSISTENT
    return Finding(
        verdict,
        evidence,
        numbers or {},
        tried,
        largest_ratio,
        bound,
        documents=documents,
    )


def measured(
    evidence: str,
    published: float,
    low: float,
    high: float,
    *,
    numbers: Mapping[str, Number] | None = None,
    tried: int = 0,
) -> Finding:
    """Return CONSISTENT if the published number is in the interval.

    Parameters
    ----------
    evidence
        What was measured.
    published
        The number in the paper.
    low, high
        Ends of the interval measured here, ``low <= high``.
    numbers, tried
        As in :class:`Finding`.
    """
    inside = low <= published <= high
    verdict = Verdict.CONSISTENT if inside else Verdict.NOT_REPRODUCED
    return Finding(
        verdict,
        f"Published {published:.4g}, measured [{low:.4g}, {high:.4g}]. "
        f"{evidence}",
        numbers or {},
        tried,
        interval=(published, low, high),
    )


def measured_below(
    evidence: str,
    limit: float,
    low: float,
    high: float,
    *,
    numbers: Mapping[str, Number] | None = None,
    tried: int = 0,
) -> Finding:
    """Return CONSISTENT if the whole interval is below a limit.

    For claims that say in which direction something goes, and not how far.

    Parameters
    ----------
    evidence
        What was measured.
    limit
        What the claim says it is below.
    low, high
        Ends of the interval measured here, ``low <= high``.
    numbers, tried
        As in :class:`Finding`.
    """
    verdict = Verdict.CONSISTENT if high < limit else Verdict.NOT_REPRODUCED
    return Finding(
        verdict,
        f"Claimed to be below {limit:.4g}, measured [{low:.4g}, {high:.4g}]. "
        f"{evidence}",
        numbers or {},
        tried,
        interval=(limit, low, high),
    )


def open_question(evidence: str, tried: int = 0) -> Finding:
    """Return OPEN: what was tried settles nothing."""
    return Finding(Verdict.OPEN, evidence, tried=tried)
