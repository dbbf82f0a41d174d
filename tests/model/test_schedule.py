"""Schedules, results and events."""

import dataclasses

import pytest

from kvopt.model import (
    BoundCertificate,
    InputError,
    Instance,
    Run,
    Schedule,
    SimulationResult,
    SolveResult,
    Status,
    Witness,
)

INSTANCE = Instance.of(6, [(0, 1, 2), (1, 1, 3)])
RUNS = [Run(1, 3, 6, True), Run(0, 0, 2, True), Run(1, 1, 2, False)]


def test_runs_are_kept_in_order_of_start():
    """The order in which runs are given does not matter."""
    schedule = Schedule(RUNS)
    assert schedule == Schedule(reversed(RUNS))
    assert hash(schedule) == hash(Schedule(reversed(RUNS)))
    assert [run.start for run in schedule.runs] == [0, 1, 3]
    assert schedule != Schedule(RUNS[:2])


def test_latency_counts_completed_runs_from_arrival():
    """Latency is completion less arrival; cancelled runs do not count."""
    schedule = Schedule(RUNS)
    assert schedule.starts(INSTANCE).tolist() == [0, 3]
    assert schedule.completions(INSTANCE).tolist() == [2, 6]
    assert schedule.latencies(INSTANCE).tolist() == [2, 5]
    assert schedule.total_latency(INSTANCE) == 7
    assert schedule.makespan == 6


@pytest.mark.parametrize(
    "runs",
    [
        [],
        RUNS[:1],
        [*RUNS, Run(0, 3, 5, True)],
        [*RUNS, Run(2, 3, 5, True)],
    ],
)
def test_no_latency_without_one_completed_run_each(runs):
    """A missing, repeated or unknown completion refuses every latency."""
    with pytest.raises(InputError):
        Schedule(runs).total_latency(INSTANCE)


def test_from_starts_gives_full_runs():
    """One start a request gives one completed run of its length each."""
    schedule = Schedule.from_starts(INSTANCE, [0, 3])
    assert schedule.runs == (Run(0, 0, 2, True), Run(1, 3, 6, True))
    with pytest.raises(InputError, match="starts = '1 values'"):
        Schedule.from_starts(INSTANCE, [0])


def test_simulation_records_and_events():
    """Records count the cancelled runs; events are in order of round."""
    result = SimulationResult(INSTANCE, Schedule(RUNS), "p", "e", 0.0, 0)
    assert result.objective == 7
    assert result.lower_bound == 5
    assert result.status is Status.FEASIBLE
    assert result.records["cancellations"].tolist() == [0, 1]
    assert result.records["wasted_rounds"].tolist() == [0, 1]
    assert result.records["latency"].tolist() == [2, 5]
    assert [tuple(event) for event in result.events] == [
        (0, "arrive", 0),
        (0, "start", 0),
        (1, "arrive", 1),
        (1, "start", 1),
        (2, "complete", 0),
        (2, "cancel", 1),
        (3, "start", 1),
        (6, "complete", 1),
    ]


def test_optimal_needs_an_equal_bound():
    """No result says OPTIMAL without proof, or has a bound above its cost."""
    instance = Instance.of(6, [(0, 1, 3), (0, 1, 3)])
    schedule = Schedule.from_starts(instance, [0, 0])
    bound = BoundCertificate(instance.hash, "trivial", 6)
    result = SolveResult(
        6, 6, Status.OPTIMAL, schedule, bound, 0.1, 0, "s", {}, "closed"
    )
    assert result.gap == 0
    with pytest.raises(InputError, match="OPTIMAL needs"):
        dataclasses.replace(result, lower_bound=5)
    with pytest.raises(InputError, match="below the lower bound"):
        dataclasses.replace(result, lower_bound=7, status=Status.FEASIBLE)
    open_ = dataclasses.replace(result, objective=9, status=Status.FEASIBLE)
    assert open_.gap == 0.5


def test_witness_ratio_is_of_its_schedules():
    """Costs and ratio of a witness come from its schedules."""
    bad = Schedule.from_starts(INSTANCE, [2, 4])
    good = Schedule.from_starts(INSTANCE, [0, 2])
    witness = Witness("c", INSTANCE, bad, good, False)
    assert (witness.algorithm_cost, witness.reference_cost) == (10, 6)
    assert witness.ratio == pytest.approx(10 / 6)


def test_errors_are_one_line():
    """An error names place, field and a shortened value."""
    error = InputError("is wrong", field="f", value="x" * 200, where="a.json")
    assert str(error).startswith("a.json: f = 'xxx")
    assert str(error).endswith("...: is wrong")
    assert len(str(error)) < 90
    assert str(error.at("b.json")).startswith("b.json: f = ")
    assert str(InputError("is wrong")) == "is wrong"
