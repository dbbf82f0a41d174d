"""The gate before a schedule or a bound becomes a number: the checker.

Instances, schedules, bounds and staged runs pass as objects that know their
columns or documents, so that the room of the checkers imports none of their
classes.
"""

from __future__ import annotations

from typing import Any, Protocol

from kvopt.check.bound import BoundVerdict, check_bound_of
from kvopt.check.budget import Budget
from kvopt.check.columns import (
    AnyInstance,
    AnySchedule,
    check_objects,
    problem_of,
)
from kvopt.check.staged import StagedVerdict, check_staged
from kvopt.check.verdict import Verdict
from kvopt.model.errors import KvoptError, visible

__all__ = [
    "RejectedError",
    "verified",
    "verified_bound",
    "verified_latency",
    "verified_staged",
]

# Bounds of our own solvers are worth more work than files of strangers.
_BUDGET = 100
# Of a verdict with thousands of violations the first tell enough.
_LINES = 6


class _Documented(Protocol):
    """A bound with its certificate, or a staged run: its document."""

    def document(self) -> dict[str, Any]: ...


class RejectedError(KvoptError, RuntimeError):
    """The independent checker rejects what kvopt computed: a bug of ours."""


def verified(instance: AnyInstance, schedule: AnySchedule) -> Verdict:
    """Return the checker's verdict on a schedule that it accepts.

    Raises
    ------
    RejectedError
        With the checker's lines, when it finds any violation.
    """
    verdict = check_objects(instance, schedule)
    if not verdict.ok:
        raise _rejected(instance, verdict)
    return verdict


def verified_latency(instance: AnyInstance, schedule: AnySchedule) -> int:
    """Return the total latency, in rounds, as the checker computes it.

    Raises
    ------
    RejectedError
        With the checker's lines, when it finds any violation.
    """
    verdict = verified(instance, schedule)
    if verdict.total_latency is None:
        raise _rejected(instance, verdict)
    return verdict.total_latency


def verified_bound(instance: AnyInstance, certificate: _Documented) -> int:
    """Return a certificate's bound after the checker has re-derived it.

    Raises
    ------
    RejectedError
        When the checker cannot derive it.
    """
    verdict = check_bound_of(
        certificate.document(), problem_of(instance), Budget(_BUDGET)
    )
    if not verdict.ok:
        raise _rejected(instance, verdict)
    return verdict.value


def verified_staged(instance: AnyInstance, run: _Documented) -> StagedVerdict:
    """Return the checker's verdict on a staged run that it accepts.

    Parameters
    ----------
    instance
        The instance.
    run
        The run, which knows its ``kvopt-staged/1`` document.

    Raises
    ------
    RejectedError
        With the checker's first lines, when it finds any violation.
    """
    verdict = check_staged(instance.document(), run.document())
    if not verdict.ok:
        raise _rejected(instance, verdict)
    return verdict


def _rejected(
    instance: AnyInstance, verdict: Verdict | BoundVerdict | StagedVerdict
) -> RejectedError:
    name = visible(instance.name, 100)
    return RejectedError("; ".join([name, *verdict.lines()[:_LINES]]))
