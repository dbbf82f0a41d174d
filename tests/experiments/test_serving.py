import dataclasses

import pytest

from kvopt.analysis import read_rows, write_rows
from kvopt.check.gate import (
    RejectedError,
    verified_bound,
    verified_latency,
)
from kvopt.experiments.serving import (
    PACKAGED,
    ServingRow,
    ServingTask,
    run_serving_task,
    served_instance,
)
from kvopt.model import (
    BoundCertificate,
    InputError,
    Instance,
    Run,
    Schedule,
)
from kvopt.workloads import library

TASKS = [
    ServingTask(PACKAGED, policy, n, 40, 16492, 50.0, clock, "", 3)
    for clock in ("unit", "llama-2-70b-2xa100")
    for n in (20, 40)
    for policy in ("mc-sf", "fcfs")
]


def test_every_policy_runs_on_the_same_nested_instances():
    """Policies of a size share the instance; smaller ones are prefixes."""
    for tasks in (TASKS[:4], TASKS[4:]):
        small, same, large, _ = (list(served_instance(t)) for t in tasks)
        assert small == same == large[:20]
        assert len(large) == 40


def test_rows_are_a_function_of_the_task_and_survive_csv(tmp_path):
    """Running a task again gives its row, apart from the wall time."""
    rows = [run_serving_task(task) for task in TASKS]
    again = [run_serving_task(task) for task in TASKS]
    for row, copy in zip(rows, again, strict=True):
        assert dataclasses.replace(copy, runtime=row.runtime) == row
        assert row.status == "FINISHED"
        assert row.verified
    assert {row.energy is None for row in rows[:4]} == {True}
    assert all(row.energy > 0 and row.mean < 60 for row in rows[4:])
    write_rows(rows, ServingRow, tmp_path / "rows.csv")
    assert read_rows(ServingRow, tmp_path / "rows.csv") == rows


def test_predictions_are_those_of_the_predictor():
    """Lengths within the stated error, the same at every run."""
    task = dataclasses.replace(
        TASKS[0], predictor="noisy-point:epsilon=0.5", requests=40
    )
    told = served_instance(task)
    assert told.hash == served_instance(task).hash
    ratio = told.predictions.point / told.output
    assert 0 < ratio.min() < 1 < ratio.max() < 2
    bare = served_instance(dataclasses.replace(task, predictor=""))
    assert bare.predictions is None
    assert list(bare) == list(told)


def test_a_livelock_is_a_row_with_its_error():
    """A policy that never finishes has an error and no mean latency."""
    task = dataclasses.replace(
        TASKS[2], policy="alpha-greedy:alpha=0.0", rate=1e6, memory=1000
    )
    row = run_serving_task(task)
    assert row.status == "FAILED"
    assert "livelock" in row.error
    assert row.mean is None
    assert not row.verified


def test_a_schedule_that_the_checker_rejects_becomes_no_row():
    """Nothing is measured on a schedule that exceeds the memory."""
    instance = Instance.of(6, [(0, 1, 2), (0, 1, 2), (0, 1, 3)])
    with pytest.raises(RejectedError, match="memory"):
        verified_latency(instance, Schedule.from_starts(instance, [0, 0, 0]))
    unfinished = Schedule([Run(0, 0, 2, True)])
    with pytest.raises(RejectedError, match="request 1"):
        verified_latency(instance, unfinished)


def test_a_bound_that_the_checker_rejects_becomes_no_row():
    """A certificate is passed on only when the checker derives its value."""
    instance = library.load("mcsf-16-15")
    good = BoundCertificate(instance.hash, "trivial", 10)
    assert verified_bound(instance, good) == 10
    bad = dataclasses.replace(good, value=11)
    with pytest.raises(RejectedError, match="REJECTED"):
        verified_bound(instance, bad)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"requests": 41}, "requests"),
        ({"requests": 0}, "requests"),
        ({"policy": "no-such"}, "policy"),
    ],
)
def test_a_task_that_means_nothing_is_refused(change, field):
    """More requests than drawn, none, and unknown policies are refused."""
    with pytest.raises(InputError) as error:
        run_serving_task(dataclasses.replace(TASKS[2], **change))
    assert error.value.field == field
