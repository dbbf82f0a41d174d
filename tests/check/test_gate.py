"""The gate: what the checker rejects leaves as an error, not as a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from kvopt.check.gate import (
    RejectedError,
    verified,
    verified_latency,
    verified_staged,
)
from kvopt.model import Instance, Schedule
from kvopt.simulation.staged import simulate_staged

INSTANCE = Instance.of(8, [(0, 1, 3), (0, 2, 4), (1, 1, 5)], name="\x1b[2J")


@dataclass(frozen=True)
class Run:
    """A staged run that somebody has changed."""

    changed: dict[str, Any]

    def document(self):
        """Return the document as it was changed."""
        return self.changed


def test_staged_runs_pass_only_when_they_are_feasible():
    """A good run has its verdict; one with an iteration less is an error."""
    result = simulate_staged(INSTANCE, "staged-fcfs")
    assert verified_staged(INSTANCE, result).ok
    document = result.document()
    document["iterations"].pop()
    with pytest.raises(RejectedError, match="never ends") as caught:
        verified_staged(INSTANCE, Run(document))
    assert str(caught.value).isprintable()


def test_the_error_has_the_first_of_many_violations():
    """A schedule with thousands of faults makes a short error."""
    many = Instance.of(1, [(0, 0, 1)] * 5000)
    schedule = Schedule.from_starts(many, range(5000))
    assert verified_latency(many, schedule) == 5000 * 5001 // 2
    empty = Schedule([])
    for check in (verified, verified_latency):
        with pytest.raises(RejectedError, match="5000 violations") as caught:
            check(many, empty)
        assert len(str(caught.value)) < 1000
