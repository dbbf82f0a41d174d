"""kill -9 at any moment: after resuming, the rows are those of a quiet run."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from kvopt.sweep import Source, Store, SweepPlan, SweepTask, run_sweep
from tests.sweep.helpers import (
    ROOT,
    eventually,
    example,
    family,
    fixed_rows,
    gone,
    sums,
)

# 60 tasks of 20 ms on two workers: some tenths of a second.
SWEEP = (
    "import sys; from kvopt.sweep import run_sweep;"
    "from tests.sweep.helpers import sums;"
    "run_sweep(sums(60), sys.argv[1], workers=2)"
)


@pytest.fixture
def start(child):
    """Start Python code that runs a sweep."""
    return lambda code, *arguments: child(
        [sys.executable, "-c", code, *arguments], cwd=ROOT
    )


def _number_of_rows(store: Path) -> int:
    if not store.exists():
        return 0
    with Store(store) as rows:
        return len(rows.keys())


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory):
    """Rows of a run that nothing disturbs."""
    store = tmp_path_factory.mktemp("quiet") / "sums.sqlite"
    run_sweep(sums(60), store, workers=2)
    rows = fixed_rows(store)
    assert len(rows) == 60
    return rows


def _kill_parent_again_and_again(start, store: Path, moments: int) -> int:
    """Kill the sweep at random moments; return how many came in time."""
    rng = random.Random(4)
    hits = 0
    for _ in range(moments):
        sweep = start(SWEEP, str(store))
        # Anywhere: while it starts, among rows, near the end.
        enough = _number_of_rows(store) + rng.randrange(-5, 15)
        eventually(
            lambda enough=enough, sweep=sweep: (
                sweep.poll() is not None
                or (
                    len(family(sweep.pid)) >= 2
                    and (
                        not store.exists() or _number_of_rows(store) >= enough
                    )
                )
            )
        )
        time.sleep(rng.random() * 0.05)
        below = family(sweep.pid)
        sweep.kill()
        hits += sweep.wait() == -signal.SIGKILL
        assert gone(below)
    return hits


def _check_parent(start, folder: Path, moments: int, quiet) -> None:
    """Kill sweeps until two died; a busy machine may let some end first."""
    hits = 0
    for attempt in count():
        store = folder / f"parent-{attempt}.sqlite"
        hits += _kill_parent_again_and_again(start, store, moments)
        before = _number_of_rows(store)
        assert run_sweep(sums(60), store, workers=2) == (60, 0, 0)
        assert before <= 60
        assert fixed_rows(store) == quiet
        if hits >= 2:
            return


def _check_workers(start, folder: Path, moments: int, quiet) -> None:
    """Kill workers until two died; a sweep may end before any does."""
    rng = random.Random(5)
    killed = 0
    for attempt in count():
        store = folder / f"workers-{attempt}.sqlite"
        killed += _kill_workers(start, store, moments, rng)
        assert fixed_rows(store) == quiet
        if killed >= 2:
            return


def _kill_workers(start, store: Path, moments: int, rng: random.Random) -> int:
    """Run a sweep, kill its workers now and then; return how many."""
    sweep = start(SWEEP, str(store))
    killed = 0
    while killed < moments and sweep.poll() is None:
        # While they start, or among rows.
        enough = _number_of_rows(store) + rng.randrange(0, 8)
        eventually(
            lambda enough=enough: (
                sweep.poll() is not None or _number_of_rows(store) >= enough
            )
        )
        victims = family(sweep.pid)
        if victims:
            # A worker, or its guardian: neither must matter. It may have
            # ended by itself meanwhile.
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(victims), signal.SIGKILL)
                killed += 1
    assert sweep.wait() == 0
    return killed


def test_killing_the_sweep(tmp_path: Path, quiet, start) -> None:
    """Four deaths of the parent lose no row and double none."""
    _check_parent(start, tmp_path, 4, quiet)


def test_killing_workers(tmp_path: Path, quiet, start) -> None:
    """Deaths of workers while the sweep runs change no row."""
    _check_workers(start, tmp_path, 4, quiet)


@pytest.mark.long
def test_killing_the_sweep_20_times(tmp_path: Path, quiet, start) -> None:
    """Twenty deaths of the parent lose no row and double none."""
    for i in range(5):
        (folder := tmp_path / str(i)).mkdir()
        _check_parent(start, folder, 4, quiet)


@pytest.mark.long
def test_killing_workers_20_times(tmp_path: Path, quiet, start) -> None:
    """Twenty deaths of workers change no row."""
    for i in range(5):
        (folder := tmp_path / str(i)).mkdir()
        _check_workers(start, folder, 4, quiet)


def test_no_orphans_of_stuck_tasks(tmp_path: Path, start) -> None:
    """With the parent die workers stuck in native code, and their solvers."""
    marks = [tmp_path / "0", tmp_path / "1"]
    code = (
        "import sys; from kvopt.sweep import SweepPlan, run_sweep;"
        "from tests.sweep.helpers import example;"
        "run_sweep(SweepPlan.of('stuck', [example('WITH_CHILD', path)"
        " for path in sys.argv[2:]]), sys.argv[1], workers=2)"
    )
    store = str(tmp_path / "stuck.sqlite")
    sweep = start(code, store, *map(str, marks))
    assert eventually(
        lambda: (
            all(len(m.read_text().split()) == 2 for m in marks)
            if all(m.exists() for m in marks)
            else False
        )
    )
    stuck = [int(pid) for mark in marks for pid in mark.read_text().split()]
    sweep.kill()
    sweep.wait()
    assert gone(stuck)


def test_resuming_computes_only_what_is_missing(tmp_path: Path) -> None:
    """A row that is there keeps its measured time; a failed one may go."""
    store = tmp_path / "mixed.sqlite"
    tasks = [*sums(3, 1).tasks, example("RAISE")]
    run_sweep(SweepPlan.of("mixed", tasks[1:]), store, workers=1)
    with Store(store) as rows:
        before = {row["key"]: row for row in rows.rows()}
    assert run_sweep(SweepPlan.of("mixed", tasks), store, workers=1) == (
        3,
        1,
        0,
    )
    with Store(store) as rows:
        after = {row["key"]: row for row in rows.rows()}
    assert {key: after[key] for key in before} == before

    run_sweep(
        SweepPlan.of("mixed", tasks), store, workers=1, retry_failed=True
    )
    with Store(store) as rows:
        again = {row["key"]: row for row in rows.rows()}
    failed = tasks[3].key
    assert (
        again[failed]["measured.seconds"]
        != (after[failed]["measured.seconds"])
    )
    del again[failed], after[failed]
    assert again == after


def test_tasks_that_share_a_row(tmp_path: Path) -> None:
    """Two seeds that draw one instance: computed once, told of each."""
    one = example("SUM", "1")
    twins = [
        Source(one.source.hash, one.source.recipe, {"seed": seed})
        for seed in (1, 2)
    ]
    kind = "tests.sweep.example_kinds:SUM"
    tasks = [SweepTask.of(kind, "1", twin) for twin in twins]
    assert tasks[0].key == tasks[1].key
    news = []
    plan = SweepPlan.of("twins", [*tasks, *tasks, *sums(2, 1).tasks[1:]])
    store = tmp_path / "twins.sqlite"
    counts = run_sweep(plan, store, workers=1, progress=news.append)
    assert counts == (3, 0, 0)
    assert (news[-1].done, news[-1].remaining) == (3, 0)
    with Store(store) as rows:
        first, second, _ = rows.rows()
        assert len(rows.keys()) == 2
    assert (first.pop("instance.seed"), second.pop("instance.seed")) == (1, 2)
    assert first == second
