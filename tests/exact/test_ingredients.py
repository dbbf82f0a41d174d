"""The table of ingredients: its page, and the tasks that it measures."""

from __future__ import annotations

import numpy as np

from benchmarks.ingredients import (
    LADDER,
    OUT,
    PAGE,
    SOLVERS,
    instances,
    measure,
    table,
    task_of,
    written,
)
from kvopt.model import Instance


def test_the_page_shows_what_was_measured():
    """The table in the page is made from the stored rows, all of them."""
    rows = written(OUT)
    assert len(rows) == len(list(instances())) * len(SOLVERS) * len(LADDER)
    assert table(rows) in PAGE.read_text(encoding="utf-8")


def test_stored_rows_contradict_nothing():
    """No bound is above an objective of the same instance."""
    rows = written(OUT)
    for name in {row["instance"] for row in rows}:
        own = [row for row in rows if row["instance"] == name]
        best = min(int(row["objective"]) for row in own)
        assert all(int(row["lower_bound"]) <= best for row in own)
        proved = [r for r in own if r["status"] == "OPTIMAL"]
        assert all(int(r["objective"]) == best for r in proved)


def test_each_rung_adds_one_ingredient():
    """From rung to rung exactly one field of the task changes."""
    instance = next(instances())
    before = task_of(instance, LADDER[0])
    for rung in LADDER[1:]:
        after = task_of(instance, rung)
        changed = [
            name
            for name in ("latest", "twins", "incumbent", "levels")
            if not np.array_equal(getattr(before, name), getattr(after, name))
        ]
        assert len(changed) == 1, rung
        before = after


def test_every_rung_proves_a_small_optimum():
    """All tasks have the same optimum."""
    instance = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)], name="small")
    for rung in LADDER:
        row = measure(instance, "cpsat", rung, 60.0)
        assert row["status"] == "OPTIMAL"
        assert row["objective"] == row["lower_bound"] == 11
