"""The ledger's form: a claim, its recorded verdict, and what was computed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from proofs_check import claims

__all__ = ["Claim", "Finding", "Result", "Truth", "all_claims", "run"]


class Truth(str, Enum):
    """What is known of a claim."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    OPEN = "OPEN"


@dataclass(frozen=True)
class Finding:
    """What a check computed.

    Parameters
    ----------
    verdict
        The computed verdict.
    evidence
        The numbers behind it, in one sentence.
    witness
        A ``kvopt-witness/1`` document, when there is one.
    """

    verdict: Truth
    evidence: str
    witness: dict[str, Any] | None = None


@dataclass(frozen=True)
class Claim:
    """A statement of the literature, and the program that looks into it.

    Parameters
    ----------
    statement
        The claim in our words.
    source
        Paper, version and theorem.
    reading
        How the source was read; ``[inferred]`` where it does not say.
    recorded
        The verdict that the check is expected to compute.
    check
        Computes the finding; takes no arguments, uses no randomness.
    """

    statement: str
    source: str
    reading: str
    recorded: Truth
    check: Callable[[], Finding]


@dataclass(frozen=True)
class Result:
    """A claim together with what was computed."""

    name: str
    claim: Claim
    finding: Finding

    @property
    def agrees(self) -> bool:
        """True when the computed verdict is the recorded one."""
        return self.finding.verdict is self.claim.recorded


def all_claims() -> dict[str, Claim]:
    """Return every claim, by the name of its file in ``claims/``."""
    names = sorted(m.name for m in pkgutil.iter_modules(claims.__path__))
    return {
        name: importlib.import_module(f"{claims.__name__}.{name}").CLAIM
        for name in names
    }


def run(ledger: dict[str, Claim]) -> Iterable[Result]:
    """Check the claims one after the other."""
    for name, claim in ledger.items():
        yield Result(name, claim, claim.check())
