"""The theorems of docs/claims/constant-regret.md, in kvopt's own words.

The ledger checks the same with code that shares nothing with this.
"""

import numpy as np
import pytest

from kvopt.check.gate import verified
from kvopt.exact.few_types.configurations import worker
from kvopt.exact.few_types.online import OnlineState, from_state
from kvopt.exact.few_types.types import Types
from kvopt.experiments.regret.load import area_load, capacity
from kvopt.model import Instance, Schedule
from kvopt.simulation import simulate


def optimal_decisions(head, future):
    """Return the starts in round 0, by type, that are optimal."""
    table = worker(Types(9, ((1, 1), (1, 3), (1, 5))))
    costs = {}
    for row in range(table.first[0], table.first[1]):
        chosen = table.starts[row]
        if (chosen > head).any():
            continue
        after = OnlineState(
            tuple((np.array(head) - chosen).tolist()),
            table.configurations[table.following[row]],
        )
        rest = from_state(table, after, np.array(future).reshape(-1, 3))
        assert rest.proved
        costs[tuple(chosen.tolist())] = rest.high
    return {x for x, cost in costs.items() if cost == min(costs.values())}


def test_two_futures_have_no_common_optimal_decision():
    """Theorem A: one of output 3 and one of 5; then nobody, or two of 3."""
    head = (0, 1, 1)
    nobody = optimal_decisions(head, [])
    two = optimal_decisions(head, [(0, 1, 0), (0, 1, 0)])
    assert nobody == {(0, 1, 1)}
    assert two == {(0, 1, 0)}


def test_mc_sf_wastes_a_third_of_a_stable_worker():
    """Theorem B: two every three rounds, where one a round fits."""
    types = Types(9, ((1, 3),))
    assert capacity(types, (1,)) == pytest.approx(1)
    assert area_load(types, (1,), 0.99) < 1
    many = Instance.of(9, [(0, 1, 3)] * 300)
    found = simulate(many, "mc-sf").schedule.starts(many)
    assert (found == np.repeat(np.arange(0, 450, 3), 2)).all()
    pipeline = Schedule.from_starts(many, range(300))
    assert verified(many, pipeline).makespan == 302


def test_remaining_output_falls_while_somebody_is_there():
    """Proposition C: under MC-SF something runs in every busy round."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        rows = sorted(
            (int(rng.integers(0, 30)), int(s), int(rng.integers(1, 8)))
            for s in rng.integers(0, 3, 15)
        )
        instance = Instance.of(10, rows)
        schedule = simulate(instance, "mc-sf").schedule
        starts = schedule.starts(instance)
        ends = schedule.completions(instance)
        for t in range(rows[0][0], int(ends.max())):
            present = (instance.arrival <= t) & (t < ends)
            running = (starts <= t) & (t < ends)
            assert running.any() or not present.any()
