"""Experiments as sweeps: rows in order, kept, and computed once."""

import dataclasses
from pathlib import Path

import pytest

from kvopt import Instance, KvoptError
from kvopt.analysis import read_rows
from kvopt.experiments import experiment_kind, run_experiment
from kvopt.sweep import Source, SweepTask


@dataclasses.dataclass(frozen=True)
class Square:
    number: int
    folder: str


@dataclasses.dataclass(frozen=True)
class Row:
    value: int
    runtime: float


def square(task):
    """Leave a mark of each run; fail on 3 until there is a file "mend"."""
    folder = Path(task.folder)
    mark = folder / f"ran-{task.number}"
    mark.write_text(mark.read_text() + "x" if mark.exists() else "x")
    if task.number == 3 and not (folder / "mend").exists():
        raise ValueError("three")
    return Row(task.number**2, 0.5)


SQUARE = experiment_kind(
    square, Square, lambda subject, given: (subject, given), lambda s: ()
)


def sweep_task(task):
    """Return the sweep task of a square."""
    instance = Instance.of(9, [(0, 1, 1)])
    return SweepTask.of(
        "tests.experiments.test_tasks:SQUARE",
        "square",
        Source.given(instance),
        dataclasses.asdict(task),
    )


def run(folder, numbers, processes=1, progress=None):
    """Run the squares of some numbers."""
    tasks = [Square(number, str(folder)) for number in numbers]
    path = folder / "rows.csv"
    return run_experiment(sweep_task, tasks, Row, path, processes, progress)


def runs(folder):
    """Return how often each number was squared."""
    return {
        int(mark.name.partition("-")[2]): len(mark.read_text())
        for mark in folder.glob("ran-*")
    }


@pytest.mark.parametrize("processes", [1, 2])
def test_rows_are_in_the_order_of_the_tasks(tmp_path, processes):
    """The CSV does not show how many processes there were."""
    seen = []
    rows = run(tmp_path, [4, 1, 2], processes, lambda *n: seen.append(n))
    assert rows == [Row(16, 0.5), Row(1, 0.5), Row(4, 0.5)]
    assert rows == read_rows(Row, tmp_path / "rows.csv")
    assert seen[-1] == (3, 3)


def test_rows_are_computed_once(tmp_path):
    """Running again, with more tasks, computes only the new ones."""
    run(tmp_path, [1, 2])
    assert len(run(tmp_path, [2, 4, 1])) == 3
    assert runs(tmp_path) == {1: 1, 2: 1, 4: 1}


def test_a_failed_task_is_told_and_runs_again(tmp_path):
    """The others are kept; the CSV has them in the meantime."""
    with pytest.raises(KvoptError, match=r"1 of 3 .* ValueError: three"):
        run(tmp_path, [1, 3, 2])
    assert [row.value for row in read_rows(Row, tmp_path / "rows.csv")] == [
        1,
        4,
    ]
    (tmp_path / "mend").touch()
    assert [row.value for row in run(tmp_path, [1, 3, 2])] == [1, 9, 4]
    assert runs(tmp_path) == {1: 1, 2: 1, 3: 2}


def test_an_interrupted_experiment_leaves_what_was_done(tmp_path):
    """After Ctrl-C the CSV has the rows that were finished."""

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [1, 2], progress=interrupt)
    rows = read_rows(Row, tmp_path / "rows.csv")
    assert rows and set(rows) <= {Row(1, 0.5), Row(4, 0.5)}
