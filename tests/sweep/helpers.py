"""What several tests of sweeps share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

from kvopt import Instance
from kvopt.sweep import Source, Store, SweepPlan, SweepTask

ROOT = Path(__file__).resolve().parents[2]


def source(number: int = 0) -> Source:
    """Return one of infinitely many small instances."""
    instance = Instance.of(10 + number, [(0, 1, 2), (1, 2, 3)])
    return Source.given(instance, number=number)


def example(kind: str, subject: str = "", number: int = 0) -> SweepTask:
    """Return a task of one of the kinds for tests."""
    return SweepTask.of(
        f"tests.sweep.example_kinds:{kind}", subject, source(number)
    )


def sums(count: int, milliseconds: int = 20) -> SweepPlan:
    """Return a plan of ``count`` tasks that take a moment each."""
    tasks = [example("SUM", str(milliseconds), i) for i in range(count)]
    return SweepPlan.of("sums", tasks)


def fixed(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without what is measured."""
    return [
        {k: v for k, v in row.items() if not k.startswith("measured.")}
        for row in rows
    ]


def fixed_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a store without what is measured."""
    with Store(path) as store:
        return fixed(store.rows())


def gone(pids: Iterable[int]) -> bool:
    """Return whether these processes end."""

    def lives(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return eventually(lambda: not any(map(lives, pids)))


def eventually(test: Callable[[], bool], seconds: float = 600.0) -> bool:
    """Return whether a condition comes true; it may take a busy machine."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.02)
    return False


def family(pid: int) -> list[int]:
    """Return the numbers of all processes below ``pid``."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [child.pid for child in children]
