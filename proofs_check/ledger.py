"""The ledger's form: a claim, its recorded verdict, and what was computed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from proofs_check import claims

__all__ = [
    "Claim",
    "Finding",
    "Kind",
    "Result",
    "Truth",
    "all_claims",
    "run",
]


class Truth(str, Enum):
    """What is known of a claim."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    OPEN = "OPEN"


class Kind(str, Enum):
    """What a check does, and with it how far its verdict reaches."""

    #: Instances on which the statement, made for all, is false.
    COUNTEREXAMPLE = "counterexample"
    #: A proof in the statement or the docs; its finite part is computed.
    PROOF = "proof, its finite part computed"
    #: Every instance of a stated range, and a proof beyond the range.
    ENUMERATION = "proof, and enumeration of small cases"
    #: One step of a proof; what the step starts from is taken as given.
    ARITHMETIC = "arithmetic of one step"


@dataclass(frozen=True)
class Finding:
    """What a check computed.

    Parameters
    ----------
    verdict
        The computed verdict.
    evidence
        The numbers behind it, in one sentence.
    witnesses
        ``kvopt-witness/1`` documents, one for each counterexample.
    """

    verdict: Truth
    evidence: str
    witnesses: tuple[dict[str, Any], ...] = ()


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
    kind
        What the check does.
    recorded
        The verdict that the check is expected to compute.
    check
        Computes the finding; takes no arguments, uses no randomness.
    """

    statement: str
    source: str
    reading: str
    kind: Kind
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
