"""``kvopt verify``: its headline and its exit status say the same."""

from __future__ import annotations

import pytest

from kvopt import solve
from kvopt.check import verify as check
from kvopt.model import (
    BoundCertificate,
    InputError,
    Instance,
    Schedule,
    Witness,
    save_certificate,
    save_instance,
    save_json,
)

# Nine requests: too many for the enumeration, and no bound meets the cost.
TALL = Instance.of(5, [(0, 3, 2)] * 9)
STARTS = [2 * i for i in range(9)]


def witness(tmp_path, **changes):
    """Write a witness of nine requests whose reference is optimal."""
    schedule = Schedule.from_starts(TALL, STARTS)
    later = Schedule.from_starts(TALL, [2 * start for start in STARTS])
    claim = "costs 9 times the optimum"
    made = Witness(claim, TALL, later, schedule, True, "me").document()
    save_json({**made, **changes}, tmp_path / "w.json")


def test_optimality_that_was_not_rederived_has_its_own_status(run, tmp_path):
    """Status 3, a headline that says so, and the ratio of the checker."""
    witness(tmp_path)
    done = run("verify", "w.json")
    assert done.status == 3
    head, *rest = done.out.splitlines()
    assert head.startswith("costs accepted; optimality NOT re-derived: ")
    assert "at least 162/90 = 1.8 times the optimum" in head
    assert rest[-1].endswith("costs 9 times the optimum")
    assert "accepted" not in "".join(rest)
    done = run("verify", "w.json", "--json")
    assert done.status == 3
    assert done.document["ratio"] == 1.8
    assert done.document["optimality"] == "NOT re-derived"


def test_optimality_that_is_not_claimed_is_no_fault(run, tmp_path):
    """Without the claim of optimality the costs are all there is: status 0."""
    witness(tmp_path, reference_optimal=False)
    done = run("verify", "w.json")
    assert done.status == 0
    assert done.out.startswith("costs accepted; optimality is not claimed")


def test_wrong_costs_are_a_failure(run, tmp_path):
    """A stated cost that is wrong fails, whatever is said of optimality."""
    witness(tmp_path, reference_cost=80)
    done = run("verify", "w.json")
    assert done.status == 1
    assert done.out.startswith("REJECTED\n")


def test_budget(run, tmp_path):
    """Work beyond the budget is refused with the budget that allows it."""
    instance = Instance.of(10, [(0, 0, 5)])
    data = {
        "scale": 1,
        "threshold": 4,
        "horizon": 9_000_000,
        "width": 1,
        "multipliers": [1],
        "prices": [],
    }
    bound = BoundCertificate(instance.hash, "lagrangian", 1, data)
    save_instance(instance, tmp_path / "i.json")
    save_certificate(bound, tmp_path / "b.json")
    done = run("verify", "i.json", "b.json")
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert "data.horizon = 9000000" in done.err
    assert "a budget of 2 allows it" in done.err
    done = run("verify", "i.json", "b.json", "--budget", 0)
    assert done.status == 2


def test_a_result_stands_for_its_schedule():
    """``verify`` takes a result, and refuses what holds no schedule."""
    instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    result = solve(instance, solver="brute-force")
    assert check(instance, result).total_latency == 15
    for other in (result.certificate, None, 3, instance):
        with pytest.raises(InputError, match="must be a schedule"):
            check(instance, other)
