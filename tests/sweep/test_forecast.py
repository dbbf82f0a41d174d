"""Progress, its estimate, and the dry run."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

from kvopt.sweep import SweepOutcome, SweepPlan, estimate, forecast, run_sweep
from kvopt.sweep.costs import TaskCosts
from kvopt.sweep.forecast import PaceMeter, duration, shuffled
from kvopt.sweep.waiting import WaitingTasks
from tests.sweep.helpers import example, sums

SLOW = [example("SUM", "40", i) for i in range(4)]
FAST = [example("SUM", "10", i) for i in range(8)]


def _took(task, seconds: float, error: str = "") -> SweepOutcome:
    return SweepOutcome(task.key, error, {}, {"seconds": seconds})


def test_the_estimate_follows_each_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Means by group, over the pace so far; "more than" until all known."""
    now = [100.0]
    monkeypatch.setattr(forecast.time, "monotonic", lambda: now[0])
    meter = PaceMeter([*SLOW, *FAST], done=5, failed=2)
    assert meter.progress().seconds is None
    assert str(meter.progress()) == (
        "5 done, 2 failed, 12 remaining, time unknown"
    )
    meter.take([_took(FAST[0], 1.0), _took(FAST[1], 3.0, "failed")])
    now[0] += 2.0  # 4 s of tasks in 2 s: two workers
    state = meter.progress()
    assert (state.done, state.failed, state.remaining) == (6, 3, 10)
    assert state.seconds == pytest.approx(6 * 2.0 / 2)
    assert not state.complete
    assert str(state).endswith("10 remaining, more than 6 s")
    meter.take([_took(SLOW[0], 16.0)])
    now[0] += 8.0
    state = meter.progress()
    assert state.seconds == pytest.approx((6 * 2.0 + 3 * 16.0) / 2)
    assert str(state).endswith("9 remaining, about 30 s")


def test_durations_are_for_people() -> None:
    """A duration has the unit of its size."""
    texts = [duration(s) for s in (0.0123, 45.2, 754.0, 12345.0)]
    assert texts == ["12 ms", "45 s", "13 min", "3.4 h"]


def test_the_order_of_execution_keeps_instances_together() -> None:
    """Tasks of one instance are neighbours; none is lost."""
    tasks = shuffled([*SLOW, *FAST])
    assert Counter(t.key for t in tasks) == Counter(
        t.key for t in [*SLOW, *FAST]
    )
    hashes = [task.source.hash for task in tasks]
    changes = sum(a != b for a, b in itertools.pairwise(hashes))
    assert changes == len(set(hashes)) - 1


def test_batches_grow_with_what_is_known() -> None:
    """One at first; a quarter of a second's worth; a fair share at last."""
    tasks = [example("SUM", "10", i) for i in range(400)]
    costs = TaskCosts()
    waiting = WaitingTasks(tasks, costs)
    first = waiting.batch(fresh=False, takers=2)
    assert len(first) == 1
    costs.learn(first[0], _took(first[0], 1 / 64))
    sizes = []
    while len(waiting):
        sizes.append(len(waiting.batch(fresh=False, takers=2)))
    assert sizes[0] == 16
    assert sizes[-1] == 1
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == 399


def test_suspects_run_alone_on_a_fresh_worker() -> None:
    """A task whose worker died waits for a fresh one, and at most twice."""
    waiting = WaitingTasks(FAST, TaskCosts())
    (task,) = waiting.batch(fresh=True, takers=1)
    assert waiting.died(task)
    assert waiting.batch(fresh=False, takers=1) != [task]
    assert waiting.batch(fresh=True, takers=1) == [task]
    assert waiting.died(task)
    assert waiting.batch(fresh=True, takers=1) == [task]
    assert not waiting.died(task)
    assert len(waiting) == len(FAST) - 2


def test_the_dry_run_samples_and_writes_nothing(tmp_path: Path) -> None:
    """It counts what is there, runs three of each group, leaves no file."""
    store = tmp_path / "sums.sqlite"
    plan = SweepPlan.of("sums", [*SLOW, *FAST])
    slow, fast = estimate(plan, store, workers=1)
    assert not list(tmp_path.iterdir())
    assert (slow.tasks, slow.present, slow.sampled) == (4, 0, 3)
    assert (fast.tasks, fast.present, fast.sampled) == (8, 0, 3)
    assert slow.seconds >= 4 * 0.04
    assert fast.seconds >= 8 * 0.01

    run_sweep(SweepPlan.of("sums", SLOW), store, workers=1)
    before = store.read_bytes()
    slow, fast = estimate(plan, store, workers=1)
    assert (slow.present, slow.sampled, slow.seconds) == (4, 0, 0)
    assert (fast.present, fast.sampled) == (0, 3)
    assert store.read_bytes() == before


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    """The last news counts every task, present ones included."""
    store = tmp_path / "sums.sqlite"
    plan = sums(6, milliseconds=1)
    run_sweep(SweepPlan.of("sums", plan.tasks[:2]), store, workers=1)
    news = []
    run_sweep(plan, store, workers=2, progress=news.append)
    assert (news[-1].done, news[-1].failed, news[-1].remaining) == (6, 0, 0)
    assert [p.done for p in news] == sorted(p.done for p in news)
