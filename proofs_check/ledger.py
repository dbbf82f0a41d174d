"""The ledger's form: a claim, the record of its verdict, and one run."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from proofs_check import claims
from proofs_check.checker import check_document, check_folder
from proofs_check.checker.rules import RejectedError
from proofs_check.evidence import Finding, NotCheckedError

__all__ = [
    "ROOT",
    "WITNESSES",
    "Claim",
    "Kind",
    "MalformedError",
    "Result",
    "Strength",
    "all_claims",
    "run_one",
    "witness_facts",
]

ROOT = Path(__file__).parents[1]
WITNESSES = Path(__file__).parent / "witnesses"
ID = re.compile(r"(P[1-6]|P1v2|KV)-[A-Za-z0-9.-]+")


class Kind(str, Enum):
    """What sort of statement a claim is."""

    THEOREM = "theorem"
    LEMMA = "lemma"
    CONSTANT = "constant"
    COMPLEXITY = "complexity"
    EXPERIMENT = "experiment"
    COUNTEREXAMPLE = "counterexample"


class Strength(str, Enum):
    """How far a check reaches."""

    SYMBOLIC = "exact, symbolic"
    EXHAUSTIVE = "exhaustive over a stated range"
    CERTIFICATE = "exact rational certificate"
    STATISTICAL = "statistical, with an interval"


class MalformedError(Exception):
    """An entry of the ledger is not as it must be; names file and field."""


@dataclass(frozen=True)
class Claim:
    """A statement of the literature, and the program that looks into it.

    Parameters
    ----------
    id
        Paper and place, as in ``P1-thm-4.3``; the file is named after it.
    statement
        The claim in our words.
    source
        Paper, version and theorem.
    model
        Model and conditions under which it is said.
    reading
        How the source was read; ``[inferred]`` where it does not say.
    kind, strength
        What sort of statement it is, and how far the check reaches.
    check
        Computes the finding for ``--quick``; takes no arguments.
    longer
        The same over a larger range, for a full run.
    proof
        Page and heading of the proof, as ``docs/theory/x.md#heading``.
    makes
        Builds the witnesses that are no search's result, by file name.
    witnesses
        Names of files in ``witnesses/`` that the verdict rests on.
    depends_on
        Ids of claims that this one rests on.
    seed
        Seed of what is drawn at random, if anything is.
    """

    id: str
    statement: str
    source: str
    model: str
    reading: str
    kind: Kind
    strength: Strength
    check: Callable[[], Finding]
    longer: Callable[[], Finding] | None = None
    proof: str = ""
    makes: Callable[[], dict[str, dict[str, Any]]] | None = None
    witnesses: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        for field, holds, problem in (
            ("id", ID.fullmatch(self.id), "must be like P1-thm-4.3"),
            ("statement", self.statement.endswith("."), "must end in a stop"),
            ("source", self.source, "is empty"),
            ("model", self.model, "is empty"),
            ("reading", self.reading, "is empty"),
            ("kind", isinstance(self.kind, Kind), "is no Kind"),
            (
                "strength",
                isinstance(self.strength, Strength),
                "is no Strength",
            ),
            ("check", callable(self.check), "cannot be called"),
            ("proof", not self.proof or _exists(self.proof), "is no heading"),
        ):
            if not holds:
                value = getattr(self, field)
                raise MalformedError(f"{field}: {problem}: {value!r}")

    @property
    def module(self) -> str:
        """Name of the file in ``claims/``, without its ending."""
        return re.sub(r"[^a-z0-9]", "_", self.id.lower())

    @property
    def command(self) -> str:
        """What computes the verdict again."""
        return f"python -m proofs_check --only {self.id}"

    def run(self, full: bool) -> Finding:
        """Compute the finding, over the larger range if ``full``."""
        return (self.longer if full and self.longer else self.check)()


@dataclass(frozen=True)
class Result:
    """A claim together with what was computed, or why nothing was."""

    claim: Claim
    finding: Finding | None
    seconds: float
    problem: str = ""


def _exists(place: str) -> bool:
    page, _, anchor = place.partition("#")
    path = ROOT / page
    if not path.is_file():
        return False
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text("utf-8"))
    return anchor in [_anchor(heading) for heading in headings]


def _anchor(heading: str) -> str:
    """Return the name of a heading in links, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def all_claims() -> tuple[dict[str, Claim], list[str]]:
    """Return every claim by its id, and a line for each that is malformed.

    A claim is found by its place: the file in ``claims/`` that is named
    after its id.
    """
    found: dict[str, Claim] = {}
    problems: list[str] = []
    files = pkgutil.iter_modules(claims.__path__)
    for module in sorted(file.name for file in files):
        file = f"proofs_check/claims/{module}.py"
        try:
            entry = importlib.import_module(f"{claims.__name__}.{module}")
            claim = entry.CLAIM
        except Exception as e:  # whatever a file does, the others are read
            problems.append(f"{file}: {e}")
            continue
        if claim.module != module:
            problems.append(f"{file}: id: {claim.id} belongs elsewhere")
            continue
        found[claim.id] = claim
    for claim in found.values():
        problems += [
            f"proofs_check/claims/{claim.module}.py: depends_on: "
            f"unknown claim {name}"
            for name in claim.depends_on
            if name not in found
        ]
    return found, problems


def witness_facts(
    folder: Path = WITNESSES, only: set[str] | None = None
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return what the checker finds in witnesses, and the faults.

    Parameters
    ----------
    folder
        Where they are.
    only
        Names of those to verify; the hashes of all files are compared.
    """
    try:
        return check_folder(folder, only)
    except (OSError, ValueError, AttributeError) as error:
        return {}, [f"manifest.json: cannot be read: {error!r}"]


def _same(claim: Claim, folder: Path) -> None:
    """Reject a witness that the code no longer makes."""
    for name, made in (claim.makes or dict)().items():
        kept = json.loads((folder / name).read_text("utf-8"))
        if kept != made:
            raise RejectedError(f"{name} is not what the code makes")


def run_one(
    claim: Claim,
    facts: Mapping[str, dict[str, Any]],
    full: bool,
    folder: Path = WITNESSES,
) -> Result:
    """Check one claim; nothing that goes wrong stops the others.

    Parameters
    ----------
    claim
        The claim to check.
    facts
        What the checker found in the witnesses, by file.
    full
        Whether to try the larger range.
    folder
        Where the witnesses are.
    """
    began = time.perf_counter()
    lost = [name for name in claim.witnesses if name not in facts]
    if lost:
        return Result(claim, None, 0.0, f"witness {lost[0]} was not accepted")
    try:
        _same(claim, folder)
        finding = claim.run(full)
        for document in finding.documents:
            check_document(document, {})
    except NotCheckedError as error:
        return Result(claim, None, 0.0, str(error))
    except RejectedError as error:
        problem = f"the checker rejects what was found: {error}"
        return Result(claim, None, 0.0, problem)
    except Exception as error:  # the other claims still run
        return Result(claim, None, 0.0, f"the check failed: {error!r}")
    return Result(claim, finding, time.perf_counter() - began)
