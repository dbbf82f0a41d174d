"""``kvopt adversary``: its exit status says no more than the checker does."""

from __future__ import annotations

import numpy as np

from kvopt import adversary
from kvopt.adversary import (
    Conditions,
    Finding,
    Recipe,
    SearchResult,
    SearchState,
)
from kvopt.adversary.search.driver import CurvePoint
from kvopt.adversary.search.strategies import make_strategy
from kvopt.model import Instance, Schedule

# Nine requests: too many for the enumeration, and no bound meets the cost.
TALL = Instance.of(5, [(0, 3, 2)] * 9)
RECIPE = Recipe.read([5, [[1, 0, [[9, 0, 3, 2, 2]]]]])


def found(proof: str) -> SearchResult:
    """Return what a search found whose witness the checker cannot settle."""
    reference = Schedule.from_starts(TALL, [2 * i for i in range(9)])
    later = Schedule.from_starts(TALL, [4 * i for i in range(9)])
    best = Finding(RECIPE, TALL, later, reference, bool(proof), proof)
    state = SearchState(
        make_strategy("random", Conditions()),
        np.random.default_rng(0),
        curve=[CurvePoint(1, 0.0, 1.8)],
    )
    return SearchResult(best, state, None, interrupted=not proof)


def test_optimality_that_was_not_rederived(run, monkeypatch):
    """The headline and the status are those of ``verify``: 3, in JSON too."""
    monkeypatch.setattr(adversary, "run_search", lambda *_, **__: found("me"))
    done = run("adversary", "fcfs", "--out", "w.json")
    assert done.status == 3
    head = "costs accepted; optimality NOT re-derived: "
    assert head in done.out
    assert "accepted:" not in done.out
    checked = run("verify", "w.json")
    assert checked.status == 3
    assert checked.out.splitlines()[0] in done.out
    shown = run("adversary", "fcfs", "--json")
    assert shown.status == 3
    assert shown.document["verdict"]["optimality"] == "NOT re-derived"


def test_optimality_that_is_not_claimed(run, monkeypatch):
    """Without the claim of optimality the costs are all there is: status 0."""
    monkeypatch.setattr(adversary, "run_search", lambda *_, **__: found(""))
    done = run("adversary", "fcfs")
    assert done.status == 0
    assert "costs accepted; optimality is not claimed" in done.out
    assert "ratio, least  1.800000" in done.out
