import dataclasses

import pytest

from kvopt.analysis import read_rows, write_rows
from kvopt.check.gate import (
    RejectedError,
    verified_bound,
    verified_latency,
)
from kvopt.experiments.latency import (
    PACKAGED,
    LatencyRow,
    latency_tasks,
    load_trace,
    rate_of_load,
    run_latency_task,
    trace_instance,
)
from kvopt.model import (
    BoundCertificate,
    InputError,
    Instance,
    Run,
    Schedule,
)
from kvopt.workloads import library

TASKS = latency_tasks(
    PACKAGED, ["mc-sf", "fcfs"], [20, 40], memory=16492, rate=0.5, seed=3
)


def test_every_policy_runs_on_the_same_nested_instances():
    """Policies of a size share the instance; smaller ones are prefixes."""
    small, same, large, _ = (list(trace_instance(task)) for task in TASKS)
    assert small == same == large[:20]
    assert len(large) == 40


def test_rows_are_a_function_of_the_task_and_survive_csv(tmp_path):
    """Running a task again gives its row, apart from the wall time."""
    rows = [run_latency_task(task) for task in TASKS]
    again = [run_latency_task(task) for task in TASKS]
    for row, copy in zip(rows, again, strict=True):
        assert dataclasses.replace(copy, runtime=row.runtime) == row
        assert row.status == "FINISHED"
        assert row.verified
        assert row.mean == row.total / row.requests
    write_rows(rows, LatencyRow, tmp_path / "rows.csv")
    assert read_rows(LatencyRow, tmp_path / "rows.csv") == rows


def test_a_livelock_is_a_row_with_its_error():
    """A policy that never finishes has an error and no mean latency."""
    task = dataclasses.replace(
        TASKS[2], policy="alpha-greedy:alpha=0.0", rate=1e6, memory=2000
    )
    row = run_latency_task(task)
    assert row.status == "FAILED"
    assert "livelock" in row.error
    assert row.mean is None
    assert row.total is None
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


def test_load_one_fills_the_memory_on_average():
    """At load 1, rate times mean volume is M."""
    trace = load_trace(PACKAGED)
    rate = rate_of_load(trace, 16492, 1.0)
    s, o = trace.prompt, trace.output
    assert rate * (s * o + o * (o + 1) / 2).mean() == pytest.approx(16492)
    assert rate_of_load(trace, 16492, 2.0) == pytest.approx(2 * rate)


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
        run_latency_task(dataclasses.replace(TASKS[2], **change))
    assert error.value.field == field
