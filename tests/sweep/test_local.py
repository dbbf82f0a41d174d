"""Tasks that misbehave are rows; the others do not notice."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from kvopt.model import KvoptError
from kvopt.sweep import Limits, SweepOutcome
from kvopt.sweep import local as local_module
from kvopt.sweep import process as process_module
from kvopt.sweep.local import LocalPool
from tests.sweep.helpers import example, family, gone, sums

GOOD = list(sums(40, milliseconds=1).tasks)


def _late_at(monkeypatch: pytest.MonkeyPatch, mark: Path) -> None:
    """Let ages pass, for the parent, while a task runs that left a mark.

    The mark begins with the number of its worker. With one worker nothing
    else runs meanwhile, so nothing else is ever over its time.
    """
    passed = 0

    def monotonic() -> float:
        nonlocal passed
        pids = mark.read_text().split() if mark.exists() else []
        if len(pids) == 2 and psutil.pid_exists(int(pids[0])):
            passed += 1000
        return time.monotonic() + passed

    clock = SimpleNamespace(monotonic=monotonic, sleep=time.sleep)
    for module in (local_module, process_module):
        monkeypatch.setattr(module, "time", clock)


def _run(
    tasks, seconds=600.0, memory=4 * 10**9, workers=2
) -> dict[str, SweepOutcome]:
    """Run tasks; each must have one outcome, and no process be left."""
    found: dict[str, SweepOutcome] = {}
    others = family(os.getpid())
    with LocalPool(workers, Limits(seconds, memory)) as pool:
        for outcomes in pool.run(tasks):
            for outcome in outcomes:
                assert outcome.key not in found
                found[outcome.key] = outcome
        last_workers = set(family(os.getpid())).difference(others)
    assert gone(last_workers)
    assert found.keys() == {task.key for task in tasks}
    return found


def _among_good(bad, **limits) -> list[SweepOutcome]:
    """Run ``bad`` amid good tasks; check those, and return the others'."""
    tasks = list(GOOD)
    for i, task in enumerate(bad):
        tasks.insert(7 * i + 3, task)
    found = _run(tasks, **limits)
    for task in GOOD:
        assert found[task.key].error == ""
        assert found[task.key].result == {"total": 5}
    return [found[task.key] for task in bad]


def test_tasks_that_eat_memory() -> None:
    """Eating slowly and eating quickly both end at the memory limit."""
    bad = [example("EAT", "0.01"), example("EAT", "0")]
    outcomes = _among_good(bad, memory=500 * 10**6)
    errors = [outcome.error for outcome in outcomes]
    assert errors == 2 * ["memory limit: 500 MB"]


def test_tasks_that_crash_the_interpreter() -> None:
    """A crash is a row that says how the interpreter ended."""
    outcomes = _among_good([example("SEGFAULT"), example("EXIT")])
    assert [outcome.error for outcome in outcomes] == [
        "crashed: signal 11",
        "crashed: exit code 3",
    ]


def test_tasks_that_raise_or_print() -> None:
    """What is raised is a row of one line; what is printed is not heard."""
    kinds = ("RAISE", "QUIT", "NOT_JSON", "PRINT")
    outcomes = _among_good([example(kind) for kind in kinds])
    assert [outcome.error.split(" float")[0] for outcome in outcomes] == [
        "RuntimeError: two lines",
        "SystemExit: enough",
        "ValueError: Out of range",
        "",
    ]


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """A task whose worker died once by no fault of its own is done."""
    task = example("DIE_ONCE", str(tmp_path / "mark"))
    (outcome,) = _among_good([task])
    assert outcome.error == ""
    assert outcome.result == {"total": 1}


def test_a_task_that_never_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hung in native code, it ends at its time with what it started."""
    mark = tmp_path / "pids"
    task = example("WITH_CHILD", str(mark))
    _late_at(monkeypatch, mark)
    (outcome,) = _among_good([task], workers=1)
    assert outcome.error == "time limit: 600 s"
    assert gone(map(int, mark.read_text().split()))


def test_a_process_for_each_task() -> None:
    """Tasks of a fresh kind share no process, among themselves or others."""
    outcomes = _among_good([example("FRESH", number=i) for i in range(6)])
    assert len({outcome.result["pid"] for outcome in outcomes}) == 6


def test_what_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows tell the load; those that took a moment, their most memory."""
    mark = tmp_path / "pids"
    tasks = [example("WITH_CHILD", str(mark)), example("PRINT")]
    _late_at(monkeypatch, mark)
    never, quick = _among_good(tasks, workers=1)
    assert never.measured["peak_memory"] > 10**6
    assert quick.measured["load"] >= 0


def test_stopping_early() -> None:
    """Leaving the pool while tasks run leaves no process behind."""
    others = family(os.getpid())
    with LocalPool(2, Limits()) as pool:
        tasks = [*GOOD, example("NEVER"), example("NEVER", number=1)]
        next(pool.run(tasks))
        workers = set(family(os.getpid())).difference(others)
    assert workers
    assert gone(workers)


def test_workers_that_do_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Workers that die before their first task end the sweep."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(7)")
    monkeypatch.setattr(process_module, "_LAUNCH", broken)
    with pytest.raises(KvoptError, match="do not start: exit code 7"):
        _run(GOOD)
