"""What a figure has computed is kept, and damage to it is mended."""

import json
import sqlite3
from dataclasses import dataclass

import pytest

from kvopt.experiments.backlog import (
    BacklogRow,
    BacklogTask,
    backlog_sweep_task,
)
from kvopt.model import InputError
from paper_figures.frame.command import budget_of
from paper_figures.frame.work import VERSION, Work


@dataclass(frozen=True)
class Settings:
    sizes: tuple[int, ...] = (1, 2)
    seed: int = 0


@dataclass(frozen=True)
class Row:
    size: int
    share: float


def computed(work, settings, counter):
    """Return the rows, and count how often they were computed."""

    def compute():
        counter.append(1)
        return [Row(size, 1 / 3) for size in settings.sizes]

    return work.kept_rows(settings, Row, compute)


@pytest.fixture
def work(tmp_path):
    return Work(tmp_path, "schedules", 1)


def test_rows_are_computed_once_for_the_same_settings(work):
    """The second call computes nothing; other settings do."""
    counter = []
    first = computed(work, Settings(), counter)
    assert computed(work, Settings(), counter) == first
    assert len(counter) == 1
    other = computed(work, Settings((1, 2, 3)), counter)
    assert len(other) == 3
    assert len(counter) == 2
    assert work.csv().read_text().splitlines()[0] == "size,share"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"version": 1}', "\0"])
def test_damaged_rows_are_computed_again_and_it_is_said(work, capsys, text):
    """Whatever stands in the file: one line, and the rows come back."""
    counter = []
    first = computed(work, Settings(), counter)
    path = work.folder / "schedules.kept.json"
    path.write_text(text)
    assert computed(work, Settings(), counter) == first
    assert len(counter) == 2
    assert "computed again" in capsys.readouterr().err
    assert path.with_name("schedules.kept.json.damaged").read_text() == text


def test_kept_rows_of_another_version_are_refused(work):
    """The version is named; nothing is overwritten."""
    computed(work, Settings(), [])
    path = work.folder / "schedules.kept.json"
    document = json.loads(path.read_text()) | {"version": VERSION + 1}
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=f"version = {VERSION + 1}"):
        computed(work, Settings(), [])
    assert json.loads(path.read_text()) == document


def run(work):
    """Simulate two backlogs, through the store beside the CSV."""
    tasks = [
        BacklogTask("lmsys-like", "svf", 5, 5000, False, None, seed)
        for seed in (0, 1)
    ]
    return work.run(backlog_sweep_task, tasks, BacklogRow, "backlogs")


@pytest.mark.parametrize("damage", ["text", "cells"])
def test_a_damaged_store_is_put_aside_and_filled_again(work, capsys, damage):
    """Rows that cannot be read are computed again, and it is said."""
    first = run(work)
    store = work.folder / "schedules.sqlite"
    if damage == "text":
        store.write_text("no database at all, " * 400)
    else:
        connection = sqlite3.connect(store)
        with connection:
            connection.execute("UPDATE rows SET result = 'torn'")
        connection.close()
    assert [row.total for row in run(work)] == [row.total for row in first]
    assert "computed again" in capsys.readouterr().err
    assert (work.folder / "schedules.sqlite.damaged").exists()


def test_a_store_of_another_version_is_refused(work):
    """One line names the file and the version; it stays as it is."""
    run(work)
    store = work.folder / "schedules.sqlite"
    connection = sqlite3.connect(store)
    with connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(InputError, match="version = 99"):
        run(work)
    assert store.exists()


def test_a_budget_is_recognised_whatever_the_seed():
    """Quick, full, both, or settings of its own."""
    full = Settings((1, 2, 3))
    assert budget_of(Settings(seed=4), full) == "quick budget"
    assert budget_of(Settings((1, 2, 3), 7), full) == "full budget"
    assert budget_of(Settings((9,)), full) == "settings of its own"
    assert budget_of(Settings(), Settings()) == "the only budget"
