"""The contract of every backend."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from kvopt.exact import names, solve
from kvopt.model import Instance, Status

# The solver for many requests proves nothing; it has tests of its own.
BACKENDS = [name for name in names() if name not in ("auto", "large")]
PROVERS = [name for name in BACKENDS if name != "brute-force"]
# It is for requests that are all present at 0.
GENERAL = [name for name in PROVERS if name != "semi-online"]

ORACLES = [
    # Known optima: instance and optimal total latency.
    (Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)]), 15),
    (Instance.of(4, [(0, 1, o) for o in (1, 1, 2, 2, 3)]), 17),
    (Instance.of(10, [(0, 3, o) for o in (1, 1, 3, 3, 4)]), 19),
    (Instance.of(9, [(0, 1, 3)] * 7), 42),
    (Instance.of(6, [(0, 0, 3)] * 5), 25),
    # No order of starting each request as early as it fits reaches this.
    (Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)]), 11),
]


def fifteen(seed: int) -> Instance:
    """Return n = 15, s in 1..5, o in 2..8, M = 30, all at 0."""
    rng = np.random.default_rng(seed)
    prompt, output = rng.integers(1, 6, 15), rng.integers(2, 9, 15)
    return Instance(30, np.zeros(15, dtype=np.int64), prompt, output)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", range(len(ORACLES)))
def test_known_optima(backend, case):
    """Each backend proves the published and hand-checked optima."""
    instance, optimum = ORACLES[case]
    if backend == "semi-online" and instance.arrival.any():
        pytest.skip("it refuses arrivals")
    result = solve(instance, backend)
    assert (result.objective, result.lower_bound) == (optimum, optimum)
    assert result.status is Status.OPTIMAL


@pytest.fixture(scope="module")
def optima(tiny) -> list[int]:
    """Optimal total latency of each tiny instance, by brute force."""
    results = [
        solve(instance, "brute-force", warm_start=serial)
        for instance, serial in tiny
    ]
    assert all(r.status is Status.OPTIMAL for r in results)
    return [result.objective for result in results]


@pytest.mark.parametrize("backend", GENERAL)
def test_equal_optima_on_300_tiny_instances(backend, tiny, optima):
    """From a poor schedule, each backend proves the brute-force optimum."""
    improved = 0
    for (instance, serial), optimum in zip(tiny, optima, strict=True):
        result = solve(instance, backend, workers=1, warm_start=serial)
        assert result.status is Status.OPTIMAL, (instance.document(), result)
        assert result.objective == optimum, instance.document()
        assert result.schedule.total_latency(instance) == optimum
        assert result.certificate.value <= optimum
        improved += serial.total_latency(instance) > optimum
    assert improved > 200, "the warm starts were optimal already"


@pytest.mark.parametrize("backend", ["highs", "cbc", "cpsat"])
def test_fifteen_requests_are_proved(backend):
    """n=15 with small outputs is proved by MILP and CP-SAT alike."""
    result = solve(fifteen(5), backend)
    assert result.status is Status.OPTIMAL
    assert result.objective == 102


@pytest.mark.parametrize("backend", GENERAL)
def test_one_worker_is_deterministic(backend):
    """The same seed gives the same schedule with one worker."""
    instance = Instance.of(9, [(0, 1, 3)] * 5 + [(1, 2, 4), (2, 0, 5)])
    first, second = (
        solve(instance, backend, workers=1, seed=3) for _ in range(2)
    )
    assert first.schedule == second.schedule
    assert first.lower_bound == second.lower_bound


@pytest.mark.parametrize("backend", PROVERS)
def test_time_limit_leaves_schedule_and_bound(backend):
    """When the limit ends the search, bound < objective and both are there."""
    rng = np.random.default_rng(1)
    prompt = rng.integers(1, 6, 40)
    output = rng.integers(1, 40 - prompt)
    instance = Instance(40, np.zeros(40, dtype=np.int64), prompt, output)
    result = solve(instance, backend, time_limit=1.5)
    assert result.status is Status.TIME_LIMIT
    assert result.lower_bound < result.objective
    assert result.lower_bound >= result.certificate.value
    assert result.reason.startswith("the time limit of 1.5 s was reached")


def test_highs_and_ortools_live_in_one_process():
    """One fresh process imports both packages and solves with both."""
    program = """
import highspy
from ortools.sat.python import cp_model
from kvopt.exact import solve
from kvopt.model import Instance
instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
print(*(solve(instance, s).objective for s in ("highs", "cpsat", "highs")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "15 15 15\n"), done.stderr
