"""The hindsight optimum against brute force, CP-SAT and its own bounds."""

import numpy as np
import pytest

from kvopt.check.gate import verified
from kvopt.exact import solve
from kvopt.exact.few_types.configurations import worker
from kvopt.exact.few_types.online import OnlineState, from_state, hindsight
from kvopt.exact.few_types.types import Types
from kvopt.experiments.regret.load import (
    Regime,
    area_load,
    capacity,
    regime,
    require_stable,
)
from kvopt.model import InputError, Instance
from kvopt.simulation import simulate
from kvopt.workloads import generate

NINE = Types(9, ((1, 1), (1, 3), (1, 5)))
EVEN = (1 / 3, 1 / 3, 1 / 3)


def random_instance(rng, most=8):
    """Return requests of up to three types that arrive within 12 rounds."""
    memory = int(rng.integers(3, 13))
    types = []
    for _ in range(int(rng.integers(1, 4))):
        output = int(rng.integers(1, min(memory, 6) + 1))
        types.append((int(rng.integers(0, memory - output + 1)), output))
    n = int(rng.integers(1, most + 1))
    arrival = sorted(rng.integers(0, rng.integers(1, 13), n).tolist())
    kinds = rng.integers(len(types), size=n)
    return Instance.of(
        memory, [(a, *types[k]) for a, k in zip(arrival, kinds, strict=True)]
    )


def agree(count, seed, solver, **options):
    """Compare with ``solver`` on ``count`` random instances."""
    rng = np.random.default_rng(seed)
    behind = 0
    for _ in range(count):
        instance = random_instance(rng)
        found, schedule = hindsight(instance)
        best = solve(instance, solver=solver, **options)
        assert best.objective == best.lower_bound
        assert found.low == found.high == best.objective, instance.document()
        assert verified(instance, schedule).total_latency == found.high
        behind += simulate(instance, "mc-sf").objective > found.high
    return behind


def test_equal_to_brute_force():
    """On random instances, on many of which MC-SF is not optimal."""
    assert agree(150, 1, "brute-force") > 8


def test_equal_to_cpsat():
    """And to a solver that shares no idea with it."""
    agree(60, 2, "cpsat", time_limit=30, workers=1)


@pytest.mark.long
def test_equal_to_brute_force_on_thousands():
    """The same on 5,000 instances."""
    assert agree(5_000, 3, "brute-force") > 200


def test_too_few_states_give_an_interval_around_the_optimum():
    """With a width of 1 to 3 the optimum stays between the ends."""
    rng = np.random.default_rng(4)
    open_ = 0
    for _ in range(300):
        instance = random_instance(rng)
        best = hindsight(instance)[0].high
        found, schedule = hindsight(instance, int(rng.integers(1, 4)))
        assert found.low <= best <= found.high
        assert verified(instance, schedule).total_latency == found.high
        open_ += not found.proved
    assert open_ > 5


def test_a_state_goes_on_as_its_schedule_did():
    """Cost until a round, and the least cost after it, is the optimum."""
    rng = np.random.default_rng(5)
    for _ in range(100):
        instance = random_instance(rng)
        found, _ = hindsight(instance)
        table = worker(Types(instance.memory, _sizes(instance)))
        again = from_state(
            table,
            OnlineState((0,) * len(table.types.sizes)),
            _arrivals(instance, table.types.sizes),
        )
        assert again.high == found.high
        assert (again.starts == found.starts).all()


def _sizes(instance):
    pairs = {(s, o) for _, s, o in ((r[0], r[1], r[2]) for r in instance)}
    return tuple(sorted(pairs, key=lambda pair: pair[::-1]))


def _arrivals(instance, sizes):
    first = instance.arrival[0]
    counts = np.zeros((instance.arrival[-1] - first + 1, len(sizes)), int)
    for request in instance:
        counts[request[0] - first, sizes.index((request[1], request[2]))] += 1
    return counts


def test_long_runs_are_proved():
    """640 rounds, 250 requests: the horizon of the regret tables."""
    instance = generate("few-types", {"horizon": "640", "rate": "0.4"}, 3)
    found, schedule = hindsight(instance)
    assert found.proved
    assert found.states < 200
    assert verified(instance, schedule).total_latency == found.high
    assert simulate(instance, "mc-sf").objective >= found.high


def test_capacity_by_hand():
    """One type: one start every o rounds, or as a pipeline allows."""
    assert capacity(Types(6, ((1, 5),)), (1,)) == pytest.approx(1 / 5)
    # Started every three rounds, one holds 6 when the next holds 3.
    assert capacity(Types(9, ((1, 5),)), (1,)) == pytest.approx(1 / 3)
    assert capacity(Types(9, ((1, 3),)), (1,)) == pytest.approx(1)
    assert capacity(Types(9, ((1, 1),)), (1,)) == pytest.approx(4)


def test_regimes():
    """The rate 0.7 has 80 % of the area and 93 % of the capacity."""
    assert capacity(NINE, EVEN) == pytest.approx(0.75)
    assert area_load(NINE, EVEN, 0.7) == pytest.approx(0.8037, abs=1e-4)
    assert regime(NINE, EVEN, 0.7) is Regime.STABLE
    assert regime(NINE, EVEN, 0.75) is Regime.CRITICAL
    assert regime(NINE, EVEN, 0.8) is Regime.OVERLOADED
    assert area_load(NINE, EVEN, 0.8) < 1
    require_stable(NINE, EVEN, 0.4)


def test_refusals():
    """Unstable load, mixes and types that mean nothing: one line each."""
    with pytest.raises(InputError, match=r"rate = 0\.8: must be stable"):
        require_stable(NINE, EVEN, 0.8)
    with pytest.raises(InputError, match="mix"):
        capacity(NINE, (0.5, 0.5))
    with pytest.raises(InputError, match="exceeds the memory 4"):
        Types(4, ((1, 5),))
    with pytest.raises(InputError, match="different pairs"):
        Types(4, ((1, 2), (1, 2)))
    with pytest.raises(InputError, match="types = '11 types': at most 10"):
        worker(Types(200, tuple((1, o) for o in range(1, 12))))
    with pytest.raises(InputError, match="memory = 200"):
        worker(Types(200, ((1, 20), (1, 30), (1, 40))))
