import dataclasses

import pytest

from kvopt.analysis import read_rows, write_rows
from kvopt.exact import solve
from kvopt.experiments.ratio import (
    RatioRow,
    RatioTask,
    draw_instance,
    ratio_tasks,
    run_ratio_task,
)
from kvopt.model import InputError


@pytest.mark.parametrize("model", ["model-1", "model-2"])
def test_rows_are_proved_at_a_small_size(tmp_path, model):
    """With 4 requests two solvers prove the same optimum; rows repeat."""
    for task in ratio_tasks(model, 3, 5, 4, 30.0, "brute-force"):
        row = run_ratio_task(task)
        again = run_ratio_task(task)
        assert dataclasses.replace(again, runtime=row.runtime) == row
        assert row.ratio.proved
        assert row.verified
        assert row.requests == 4
        assert row.checked_bound <= row.lower_bound == row.best
        other = solve(draw_instance(task), time_limit=30, workers=1)
        assert other.objective == row.best
        write_rows([row], RatioRow, tmp_path / "row.csv")
        assert read_rows(RatioRow, tmp_path / "row.csv") == [row]


def test_an_open_optimum_is_an_interval_with_a_bound_that_is_checked():
    """At the published size nothing is proved in half a second."""
    row = run_ratio_task(RatioTask("model-1", 0, time_limit=0.5))
    assert 40 <= row.requests <= 60
    assert 30 <= row.memory <= 50
    assert row.status == "TIME_LIMIT"
    assert row.ratio.low < row.ratio.high
    assert row.checked_bound <= row.lower_bound < row.best <= row.objective


def test_an_interrupted_solve_is_not_a_row(monkeypatch):
    """Ctrl-C during a solve ends the experiment instead of making a row."""
    task = RatioTask("model-1", 0, requests=3, time_limit=5)

    def interrupted(*args, **options):
        found = solve(*args, **options)
        return dataclasses.replace(found, reason="interrupted")

    monkeypatch.setattr("kvopt.experiments.ratio.solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_ratio_task(task)


@pytest.mark.parametrize(
    ("task", "field"),
    [
        (RatioTask("model-3", 0), "model"),
        (RatioTask("model-1", 0, seed=-1), "seed"),
        (RatioTask("model-1", 0, time_limit=0), "time_limit"),
        (RatioTask("model-1", 0, solver="guess"), "solver"),
        (RatioTask("model-1", 0, policy="guess"), "policy"),
    ],
)
def test_a_task_that_means_nothing_is_refused(task, field):
    """Unknown names, a negative seed and a limit of 0 name their field."""
    with pytest.raises(InputError) as error:
        run_ratio_task(task)
    assert error.value.field == field


def test_no_trials_is_refused():
    """An experiment has at least one instance."""
    with pytest.raises(InputError, match="trials = 0"):
        ratio_tasks("model-1", 0)
