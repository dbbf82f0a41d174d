"""Every ingredient, bound and backend against brute force, again and again.

What takes seconds runs always; the same on thousands of instances is long.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kvopt.check import check_bound, verify
from kvopt.exact import lower_bound, names, solve
from kvopt.exact.bounds import METHODS
from kvopt.exact.control.session import Session
from kvopt.exact.presolve.reduce import reduced
from kvopt.exact.registry import resolve
from kvopt.exact.task import SolverTask
from kvopt.exact.time_index import TimeIndex
from kvopt.exact.warm_start import best_starts, one_by_one
from kvopt.model import Instance, Schedule, Status

MODELS = ("cpsat", "cpsat-interval", "highs", "cbc")
BACKENDS = [
    name for name in names() if name not in ("auto", "brute-force", "large")
]


def draw(rng: np.random.Generator, most: int = 6) -> Instance:
    """Draw n <= most, M <= 12, arrivals in half, prompts from 0."""
    memory = int(rng.integers(3, 13))
    n = int(rng.integers(2, most + 1))
    prompt = rng.integers(0, min(6, memory), n)
    output = rng.integers(1, memory - prompt, endpoint=True)
    if rng.random() < 0.5:  # so that many run at once
        output = np.minimum(output, 4)
    if rng.random() < 0.3:  # twins
        prompt[:], output[:] = prompt[0], output[0]
    arrival = rng.integers(0, 8, n) * int(rng.integers(0, 2))
    return Instance(memory, np.sort(arrival), prompt, output)


def serial(instance: Instance) -> Schedule:
    """Return the schedule that runs one request at a time."""
    return Schedule.from_starts(instance, one_by_one(instance))


def oracle(instance: Instance) -> tuple[int, list[int]]:
    """Return the optimum and optimal starts, by brute force."""
    result = solve(instance, "brute-force")
    assert result.status is Status.OPTIMAL
    return result.objective, result.schedule.starts(instance).tolist()


def ingredients(instance: Instance) -> dict[str, SolverTask]:
    """Return the plain task, and the task with each ingredient alone."""
    full = reduced(instance, best_starts(instance, 0), workers=1, seed=0)
    end = int(instance.arrival.max() + instance.output.sum())
    latest = end - instance.output
    plain = replace(full, latest=latest, twins=(), incumbent=())
    return {
        "plain": plain,
        "horizon": replace(plain, latest=full.latest),
        "symmetry": replace(plain, twins=full.twins),
        "hint": replace(plain, incumbent=full.incumbent),
        **{f"level {k}": replace(plain, levels=(k,)) for k in (1, 2, 3)},
        "all": replace(full, levels=(1, 2, 3)),
    }


def check_ingredients(instance: Instance, solvers: list[str]) -> None:
    """Have a solver prove the optimum from each task."""
    best, _ = oracle(instance)
    trivial = lower_bound(instance, "trivial")
    for name, task in ingredients(instance).items():
        for solver in solvers:
            session = Session(instance, None, one_by_one(instance), trivial)
            resolve(solver, instance, {}).run(task, session)
            session.absorb()
            found = (session.objective, session.lower_bound)
            assert found == (best, best), (name, solver, instance.document())


def check_rows(instance: Instance) -> tuple[int, int]:
    """Check each inequality at an optimal schedule; count and count tight."""
    _, starts = oracle(instance)
    task = reduced(instance, starts, workers=1, seed=0)
    index = TimeIndex.of(task)
    x = index.values(task.incumbent)
    checked = tight = 0
    for level in (1, 2, 3, 4):
        for row in index.level_rows(level):
            count = int(x[row.variables] @ row.units)
            assert count <= level, (level, instance.document())
            checked += 1
            tight += count == level
    return checked, tight


def check_bounds(instance: Instance) -> int:
    """Check every bound against the optimum and the checker; count tight."""
    best, _ = oracle(instance)
    tight = 0
    for method in METHODS:
        certificate = lower_bound(instance, method)
        assert certificate.value <= best, (method, instance.document())
        verdict = check_bound(instance.document(), certificate.document())
        assert verdict.ok, (method, instance.document())
        tight += certificate.value == best
    return tight


def check_backends(instance: Instance) -> None:
    """From a poor schedule each backend proves the brute-force optimum."""
    best, _ = oracle(instance)
    first = serial(instance)
    for backend in BACKENDS:
        if backend == "semi-online" and instance.arrival.any():
            continue  # It is for requests that are all present at 0.
        result = solve(instance, backend, workers=1, warm_start=first)
        where = (backend, instance.document())
        assert result.status is Status.OPTIMAL, where
        assert result.objective == result.lower_bound == best, where
        assert result.certificate.value <= best, where
        verdict = verify(instance, result.schedule)
        assert verdict.ok, where
        assert verdict.total_latency == best, where


@pytest.mark.parametrize("solver", MODELS)
def test_each_ingredient_alone_keeps_the_optimum(solver):
    """Horizon, symmetry, hint and rows of each level: the same optimum."""
    rng = np.random.default_rng(31)
    for _ in range(12 if solver == "cbc" else 40):
        check_ingredients(draw(rng, 5), [solver])


def test_optimal_schedules_keep_every_row():
    """Rows of level 1 to 4 hold at optimal schedules."""
    rng = np.random.default_rng(32)
    found = [check_rows(draw(rng)) for _ in range(300)]
    assert sum(checked for checked, _ in found) > 3000
    assert sum(tight for _, tight in found) > 500


def test_bounds_are_below_the_optimum():
    """trivial, area, lp, lp-cuts and lagrangian, each with its certificate."""
    rng = np.random.default_rng(33)
    assert sum(check_bounds(draw(rng)) for _ in range(80)) > 150


def test_cpsat_goes_on_without_a_hint_that_breaks_it():
    """OR-Tools 9.15 raises IndexError here: every ingredient nevertheless."""
    arrival, output = np.array([0, 2, 3, 3, 3, 4]), np.ones(6, int)
    check_ingredients(
        Instance(5, arrival, np.full(6, 4), output), ["cpsat-interval"]
    )


def test_highs_goes_on_without_a_presolve_that_is_wrong():
    """HiGHS 1.14 says infeasible here: every ingredient nevertheless."""
    pytest.importorskip("highspy")
    prompt, output = np.array([1, 2, 2, 2]), np.array([4, 2, 5, 8])
    check_ingredients(
        Instance(12, np.zeros(4, int), prompt, output), ["highs"]
    )


@pytest.mark.long
def test_each_ingredient_alone_on_two_thousand_instances():
    """The same as above; the solvers take turns."""
    rng = np.random.default_rng(34)
    for k in range(2000):
        check_ingredients(draw(rng), [MODELS[k % len(MODELS)]])


@pytest.mark.long
def test_rows_on_six_thousand_instances():
    """Rows of level 1 to 4 at 6,000 optimal schedules."""
    rng = np.random.default_rng(35)
    found = [check_rows(draw(rng)) for _ in range(6000)]
    print(f"{sum(c for c, _ in found)} rows, {sum(t for _, t in found)} tight")


@pytest.mark.long
def test_bounds_on_five_thousand_instances():
    """Every bound method on 5,000 instances, arrivals included."""
    rng = np.random.default_rng(36)
    tight = sum(check_bounds(draw(rng)) for _ in range(5000))
    print(f"25000 bounds, {tight} tight")


@pytest.mark.long
def test_all_backends_on_two_thousand_instances():
    """Five backends and brute force agree on 2,000 instances."""
    rng = np.random.default_rng(37)
    for _ in range(2000):
        check_backends(draw(rng))


@pytest.mark.long
def test_medium_instances():
    """CP-SAT, search and, up to ten requests, brute force: n = 8 to 12."""
    rng = np.random.default_rng(38)
    for k in range(40):
        n = 8 + k % 5
        prompt, output = rng.integers(0, 4, n), rng.integers(1, 7, n)
        arrival = np.sort(rng.integers(0, 10, n) * rng.integers(0, 2))
        instance = Instance(12, arrival, prompt, output)
        best = solve(instance, "cpsat")
        assert best.status is Status.OPTIMAL
        others = ["search", "brute-force"][: 1 + (n <= 9)]
        for solver in others:
            result = solve(instance, solver, warm_start=serial(instance))
            assert result.status is Status.OPTIMAL, (k, solver)
            assert result.objective == best.objective, (k, solver)
