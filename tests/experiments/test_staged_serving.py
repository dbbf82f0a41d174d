"""Policies of the staged model under Poisson arrivals."""

import pytest

from kvopt.experiments.staged_serving import StagedTask, run_staged_task
from kvopt.model import InputError

TASK = StagedTask(
    policy="wait:thresholds=1x1:4",
    prompt=1,
    mix="1:1",
    rate=3.6,
    duration=200,
    memory=12,
    clock="unit",
    seed=0,
)


def changed(**fields):
    """Return the task with other fields."""
    return StagedTask(**{**TASK.__dict__, **fields})


def test_a_run_is_checked_and_counted():
    """With slack nearly all is completed, and nothing is evicted."""
    row = run_staged_task(TASK)
    assert row.verified
    assert row.evictions == row.evicted == 0
    assert row.tokens <= row.tokens_arrived == row.requests / 200
    assert row.completed == pytest.approx(row.arrived, rel=0.05)
    assert row.share_completed == row.completed / row.arrived
    assert row.largest <= 12


def test_the_task_alone_decides_the_row():
    """Two runs differ in nothing but the measured time."""
    one, two = (vars(run_staged_task(TASK)) for _ in range(2))
    assert {**one, "runtime": 0} == {**two, "runtime": 0}


def test_seconds_are_those_of_the_clock():
    """With iterations of half a second latencies are half of the rounds."""
    slow = run_staged_task(changed(clock="affine:d0=500", rate=0.5))
    assert slow.first_token_mean >= 0.5
    assert slow.mean < slow.p95 * 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rate": 0.0}, "rate = 0"),
        ({"duration": 0}, "duration = 0"),
        ({"mix": "1:0.5+2:0.4"}, "add up to 1"),
        ({"mix": "one"}, "mix = 'one'"),
        ({"mix": "0:1"}, "mix = '0:1'"),
    ],
)
def test_what_means_nothing_is_refused(fields, said):
    """One line that names the field and its value."""
    with pytest.raises(InputError, match=said):
        changed(**fields)
