"""Rows from a Dask cluster are those of one machine, whoever dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from kvopt import InputError
from kvopt.sweep import (
    Limits,
    Source,
    SweepPlan,
    SweepTask,
    cluster,
    run_sweep,
)
from kvopt.sweep.cluster import DaskPool
from tests.sweep.helpers import example, fixed_rows, gone, source, sums

pytest.importorskip("distributed")


def _mixed() -> SweepPlan:
    """Return real tasks, slow ones, and one that fails."""
    small = {"memory": "10", "prompt": "1..3", "requests": "5"}
    tasks = [
        *sums(30, milliseconds=50).tasks,
        *(
            SweepTask.of(
                "simulate", policy, Source.generated("model-1", small, 1)
            )
            for policy in ("mc-sf", "alpha-greedy:alpha=0.3")
        ),
        SweepTask.of("solve", "brute-force", source(), {"time_limit": 300}),
        SweepTask.of("bound", "best", source()),
        example("RAISE"),
    ]
    return SweepPlan.of("mixed", tasks, Limits(seconds=600.0, memory=10**9))


def test_rows_are_those_of_local_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two Dask workers, one killed on the way, give the same rows."""
    local, dask = tmp_path / "local.sqlite", tmp_path / "dask.sqlite"
    plan = _mixed()
    workers: list[int] = []
    killed: list[int] = []
    connect = DaskPool._connect

    def remember(pool: DaskPool, address: str) -> None:
        connect(pool, address)
        pids = pool._client.run(os.getpid)
        workers.extend(pids.values())

    def kill_one(progress) -> None:
        if not killed and progress.done >= 5:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    monkeypatch.setattr(DaskPool, "_connect", remember)
    counts = run_sweep(plan, dask, cluster="local:2", progress=kill_one)
    assert len(workers) == 2
    assert killed
    assert counts == (34, 1, 0)
    run_sweep(plan, local, workers=2)
    assert fixed_rows(dask) == fixed_rows(local)
    assert gone(workers)


def test_limits_hold_in_a_cluster(tmp_path: Path) -> None:
    """A task that never ends is a row that says so; the others are done."""
    tasks = [*sums(4, milliseconds=1).tasks, example("NEVER")]
    plan = SweepPlan.of("never", tasks, Limits(seconds=3.0, memory=10**9))
    store = tmp_path / "never.sqlite"
    assert run_sweep(plan, store, cluster="local:1") == (4, 1, 0)
    assert fixed_rows(store)[-1]["error"] == "time limit: 3 s"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("local:x", "must be tcp://host:port or local:NUMBER"),
        ("local:0", "must be tcp://host:port or local:NUMBER"),
        ("tcp://127.0.0.1:9", "no Dask scheduler answers there"),
        ("nix", "no Dask scheduler answers there"),
    ],
)
def test_bad_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    """The address is named in one line."""
    monkeypatch.setattr(cluster, "_PATIENCE", 3.0)
    with pytest.raises(InputError) as caught:
        run_sweep(sums(1), tmp_path / "x.sqlite", cluster=address)
    assert str(caught.value).startswith(f"cluster = {address!r}: {words}")
    assert "\n" not in str(caught.value)


def test_a_worker_without_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with what it lacks, before any task is sent."""
    task = SweepTask.of("solve", "cbc", source())
    need = [("solve", "cbc", dict(task.versions))]
    assert cluster._lacking(need) == ""
    old = [("solve", "cbc", {**task.versions, "pulp": "1.0"})]
    assert cluster._lacking(old) == (
        f"has pulp {task.versions['pulp']}, but the sweep was planned with 1.0"
    )
    from kvopt.exact import info

    monkeypatch.setattr(info.util, "find_spec", lambda name: None)
    assert "cbc" in cluster._lacking(need)
    assert "needs the package pulp" in cluster._lacking(need)
    monkeypatch.undo()

    pool = object.__new__(DaskPool)

    class Client:
        def wait_for_workers(self, number: int, timeout: float) -> None: ...

        def run(self, function, needs):
            return {"tcp://a:1": "", "tcp://b:2": f"lacks {needs[0][1]}"}

    pool._client = Client()
    with pytest.raises(InputError) as caught:
        pool._check_versions(SweepPlan.of("x", [task]))
    assert str(caught.value) == "worker = 'tcp://b:2': lacks cbc"


def test_without_dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that is missing is named."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(cluster, "import_module", missing)
    with pytest.raises(InputError, match=r"pip install 'kvopt\[cluster\]'"):
        run_sweep(sums(1), tmp_path / "x.sqlite", cluster="local:2")
