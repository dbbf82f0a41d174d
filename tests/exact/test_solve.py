"""``solve()``: input, warm start, progress, interruption, honesty."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys

import pytest

from kvopt.exact import SolverError, info, names, registry, solve
from kvopt.exact.control.session import Session
from kvopt.exact.info import OPTIONS, Solver, SolverInfo
from kvopt.exact.task import SolverTask
from kvopt.exact.warm_start import one_by_one
from kvopt.model import InputError, Instance, Run, Schedule, Status


def nothing() -> None:
    """Warm up what needs no warming."""


FOUR = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time_limit": 0}, "time_limit = 0: must be a positive"),
        ({"time_limit": -1.5}, "time_limit = -1.5: must be a positive"),
        ({"time_limit": float("nan")}, "time_limit = nan: must be"),
        ({"workers": 0}, "workers = 0: must be at least 1"),
        ({"seed": -1}, "seed = -1: must be at least 0"),
        ({"solver": "gurobi"}, "solver = 'gurobi': unknown solver"),
        ({"memory_limit": 0.01}, "memory_limit = 0.01: must be a number of"),
        ({"memory_limit": float("nan")}, "memory_limit = nan: must be a"),
        ({"memory_limit": "4"}, "memory_limit = '4': must be a number of"),
        ({"solver": "cpsat", "levels": [0]}, "levels = 0: must be at least"),
        (
            {"solver": "cbc", "levels": [10]},
            "levels = 10: must be at least 1 and",
        ),
        ({"solver": "search", "levels": [1]}, "levels = (1,): search has no"),
        ({"solver": "cbc", "workers": 2}, "workers = 2: cbc runs one thread"),
        (
            {"solver": "semi-online", "workers": 2},
            "workers = 2: semi-online runs one thread",
        ),
        (
            {"solver": "semi-online", "levels": [1]},
            "levels = (1,): semi-online has no rows of level k",
        ),
        (
            {"solver": "cpsat", "memory_limit": 2},
            "memory_limit = 2: cpsat has no memory limit",
        ),
        (
            {"solver": "brute-force", "memory_limit": 2},
            "memory_limit = 2: brute-force has no memory limit",
        ),
        (
            {"memory_limit": 2, "levels": [1]},
            "solver = 'auto': no solver of auto has memory_limit and levels",
        ),
    ],
)
def test_bad_arguments_name_field_and_value(arguments, message):
    """A bad argument is an InputError with its name and value."""
    with pytest.raises(InputError) as error:
        solve(FOUR, **arguments)
    assert str(error.value).startswith(message)


def test_missing_package_names_the_extra(monkeypatch):
    """A solver without its package says how to install it; auto goes on."""
    find = info.util.find_spec
    monkeypatch.setattr(
        info.util,
        "find_spec",
        lambda name: None if name in ("highspy", "ortools") else find(name),
    )
    with pytest.raises(InputError) as error:
        solve(FOUR, "highs")
    assert "highspy: pip install 'kvopt[highs]'" in str(error.value)
    result = solve(FOUR, "auto")
    assert (result.solver, result.objective) == ("cbc", 15)


def test_importing_kvopt_exact_imports_no_solver():
    """The solvers' packages are imported only when they solve."""
    program = (
        "import sys, kvopt.exact\n"
        "[i.available() and i.version() for i in kvopt.exact.infos()]\n"
        "print({'pulp', 'highspy', 'ortools'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.stdout == "set()\n", done.stderr


def test_result_carries_what_is_needed_to_run_it_again():
    """Solver, seed, versions and a certificate are in the result."""
    result = solve(FOUR, "cpsat", seed=5, workers=1)
    assert (result.solver, result.seed) == ("cpsat", 5)
    assert {"python", "kvopt", "numpy", "ortools"} == set(result.versions)
    assert result.certificate.instance == FOUR.hash
    assert result.gap == 0


def test_no_backend_is_needed_when_the_bound_is_met():
    """A policy's schedule that meets the area bound is optimal at once."""
    instance = Instance.of(9, [(0, 1, 2), (0, 1, 2)])
    result = solve(instance, "brute-force")
    assert (result.objective, result.status) == (4, Status.OPTIMAL)


def test_warm_start_must_be_feasible():
    """A warm start that breaks the memory is refused, naming the round."""
    schedule = Schedule.from_starts(FOUR, [0, 0, 0, 0])
    with pytest.raises(InputError, match="round 2 needs 12 of 6 units"):
        solve(FOUR, warm_start=schedule)


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([0, 1, 2], "request 3 = 0: needs exactly one"),
        ([0, 1, 2, 3, 3], "request 3 = 2: needs exactly one"),
    ],
)
def test_warm_start_must_complete_each_request_once(runs, message):
    """A schedule without a latency is no warm start."""
    rows = [Run(i, 4 * i, 4 * i + 2 + i // 2, True) for i in runs]
    with pytest.raises(InputError, match=f"warm_start.*{message}"):
        solve(FOUR, warm_start=Schedule(rows))


def test_warm_start_must_have_the_right_lengths():
    """A run that is too short is refused, not lengthened."""
    rows = [Run(i, 4 * i, 4 * i + 2, True) for i in range(4)]
    with pytest.raises(InputError, match="request 2 runs 2 of 3 rounds"):
        solve(FOUR, warm_start=Schedule(rows))


def test_memory_and_levels_reach_the_backend(monkeypatch):
    """A backend's task has the limit in bytes, and the levels asked for."""
    seen = []

    def run(task: SolverTask, session: Session) -> str:
        seen.append((task.memory, task.levels))
        return "fake ended"

    about = SolverInfo("fake", "fake", (), "", "for this test")
    fake = {
        "fake": Solver(
            about, run, nothing, options=frozenset(OPTIONS), levels=(1,)
        )
    }
    monkeypatch.setattr(registry, "_SOLVERS", fake)
    solve(FOUR, "fake")
    solve(FOUR, "fake", memory_limit=0.5, levels=[3, 1, 3])
    solve(FOUR, "fake", levels=())
    whole = 4 << 30
    assert seen == [(whole, (1,)), (1 << 29, (1, 3)), (whole, ())]


def test_progress_ends_with_the_result():
    """Events improve steadily, in this thread, up to the final values."""
    events = []
    start = Schedule.from_starts(FOUR, one_by_one(FOUR))
    result = solve(FOUR, progress=events.append, warm_start=start)
    assert events[0].objective == start.total_latency(FOUR)
    assert events[-1].objective == events[-1].lower_bound == result.objective
    for before, after in itertools.pairwise(events):
        assert after.objective <= before.objective
        assert after.lower_bound >= before.lower_bound
        assert after.seconds >= before.seconds


def test_an_exception_in_progress_reaches_the_caller():
    """What ``progress`` raises is not swallowed."""

    def refuse(event):
        raise LookupError("no")

    with pytest.raises(LookupError):
        solve(FOUR, progress=refuse)


def test_brute_force_refuses_large_instances():
    """More than 10 requests are refused by number, not tried."""
    instance = Instance.of(6, [(0, 1, 2)] * 11)
    with pytest.raises(InputError, match="requests = '11 requests'"):
        solve(instance, "brute-force")


@pytest.mark.parametrize("solver", ["cpsat", "cpsat-interval", "highs", "cbc"])
def test_models_beyond_reason_are_not_built(solver):
    """A huge instance ends at once with policy schedule, bound and reason."""
    instance = Instance.of(10**6, [(0, 10, 600_000)] * 3)
    first = Schedule.from_starts(instance, one_by_one(instance))
    result = solve(instance, solver, warm_start=first)
    assert result.status is Status.FEASIBLE
    assert result.lower_bound >= 1_800_000
    assert "model would have" in result.reason


class _Fake:
    """Runs ``solve`` with a backend that reports what it is told to."""

    def __init__(self, monkeypatch, report):
        about = SolverInfo("fake", "fake", (), "", "for this test")

        def run(task: SolverTask, session: Session) -> str:
            report(session)
            return "fake ended"

        solver = {"fake": Solver(about, run, nothing)}
        monkeypatch.setattr(registry, "_SOLVERS", solver)


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (lambda s: s.found([0, 0, 0, 0], 10), "infeasible schedule: round 2"),
        (lambda s: s.found([0, 0, 2, 4], 15), "objective 15 claimed"),
        (lambda s: s.proved(17.0), "lower bound 17 claimed"),
        (lambda s: s.found([0, 0, 2], 9), "3 starts for 4 requests"),
        (lambda s: s.found([-1, 0, 2, 4], 15), "before its arrival"),
    ],
)
def test_backends_are_not_trusted(monkeypatch, report, message):
    """A wrong schedule, objective or bound of a backend raises."""
    _Fake(monkeypatch, report)
    with pytest.raises(SolverError, match=message):
        solve(FOUR, "fake")


def test_cpsat_breaking_off_is_said_in_one_line(monkeypatch):
    """A C++ exception out of CP-SAT becomes a SolverError."""
    from ortools.sat.python import cp_model

    def breaks(*arguments):
        raise IndexError("absl::btree_map::at")

    monkeypatch.setattr(cp_model.CpSolver, "solve", breaks)
    with pytest.raises(SolverError, match="CP-SAT broke off: absl"):
        solve(FOUR, "cpsat")


@pytest.mark.parametrize(
    ("bound", "rounded"),
    [(14.2, 15), (14 + 1e-9, 14), (float("-inf"), 13), (-1e30, 13)],
)
def test_bounds_are_rounded_up_safely(monkeypatch, bound, rounded):
    """Fractions round up, noise does not, and absent bounds say nothing."""
    _Fake(monkeypatch, lambda session: session.proved(bound))
    result = solve(FOUR, "fake")
    assert result.certificate.value == 13
    assert result.lower_bound == rounded
    assert (result.status, result.reason) == (Status.FEASIBLE, "fake ended")


_INTERRUPTED = """
import sys
from dataclasses import replace
import numpy as np
from kvopt.exact import brute_force, registry, solve
from kvopt.exact.control.session import Session
from kvopt.model import Instance
brute_force.MAX_REQUESTS, brute_force.MAX_STATES = 26, 10**9
rng = np.random.default_rng(1)
n, m = 26, 30
prompt = rng.integers(1, 4, n)
output = rng.integers(m // 3, m - prompt)
instance = Instance(m, np.zeros(n, dtype=np.int64), prompt, output)
said = []
def ready(moment):
    if not said and moment == sys.argv[2]:
        said.append(moment)
        print("ready", flush=True)
def policies(instance, seed, checkpoint):
    ready("policies")
    yield from policy_starts(instance, seed, checkpoint)
policy_starts = sys.modules["kvopt.exact.solving"].policy_starts
sys.modules["kvopt.exact.solving"].policy_starts = policies
looks = []
class Watched(Session):
    def on_stop(self, stopper):
        super().on_stop(stopper)
        ready("backend")
    def over(self):
        looks.append(solver)
        if len(looks) == 20:
            ready("backend")
        return super().over()
solver = registry._SOLVERS[sys.argv[1]]
def run(task, session):
    looks.clear()
    session.__class__ = Watched
    return solver.run(task, session)
registry._SOLVERS[sys.argv[1]] = replace(solver, run=run)
result = solve(instance, sys.argv[1], progress=lambda event: ready("report"))
print(result.status.value, result.reason, result.solver)
print(result.certificate.value <= result.lower_bound <= result.objective)
print(result.schedule.total_latency(instance) == result.objective)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize(
    "solver", [name for name in names() if name not in ("auto", "large")]
)
@pytest.mark.parametrize("moment", ["policies", "report", "backend"])
def test_interruption_keeps_schedule_and_bound(solver, moment, child):
    """SIGINT while policies or the backend run gives what was found.

    The backend is at work when it has said what stops it, or has asked often
    whether to stop.
    """
    if solver == "semi-online" and moment != "report":
        pytest.skip("it runs no policies before, and ends by itself")
    process = child(
        [sys.executable, "-c", _INTERRUPTED, solver, moment],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    expected = f"FEASIBLE interrupted {solver}\nTrue\nTrue\n"
    assert (process.returncode, out) == (0, expected), err


def test_interruption_is_noted_and_raised_the_second_time(monkeypatch):
    """The first SIGINT is never an exception, and never lost."""

    def interrupting(times):
        def policies(instance, seed, checkpoint):
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
            yield from ()

        return policies

    _Fake(monkeypatch, lambda session: session.proved(12.0))
    before = signal.getsignal(signal.SIGINT)
    module = sys.modules[solve.__module__]
    for times in 1, 2:
        monkeypatch.setattr(module, "policy_starts", interrupting(times))
        assert solve(FOUR, "fake").reason == "interrupted"
        assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("asked", "name"),
    [({"workers": 2}, "cpsat"), ({"memory_limit": 1.0}, "search")],
)
def test_auto_has_what_is_asked_for(asked, name):
    """Of the solvers that auto may be, one is taken that has the options."""
    assert registry.resolve("auto", FOUR, asked).info.name == name
    assert solve(FOUR, **asked).solver == name


@pytest.mark.parametrize(("output", "name"), [(3, "cpsat"), (60, "search")])
def test_auto_chooses_by_size(output, name):
    """Few rounds go to CP-SAT, many to the dedicated search."""
    instance = Instance.of(70, [(0, 1, output)] * 5)
    assert registry.resolve("auto", instance, {}).info.name == name
