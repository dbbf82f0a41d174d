"""Policies of the staged model under Poisson arrivals."""

import pytest

from kvopt.experiments.staged_serving import (
    StagedTask,
    lengths_of_trace,
    run_staged_task,
    staged_instance,
)
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
        ({"mix": "one:"}, "mix = 'one:'"),
        ({"mix": "lmsys-like"}, "prompt = 1"),
        ({"mix": "0:1"}, "mix = '0:1'"),
    ],
)
def test_what_means_nothing_is_refused(fields, said):
    """One line that names the field and its value."""
    with pytest.raises(InputError, match=said):
        changed(**fields)


def test_lengths_of_a_trace_are_drawn_in_pairs(tmp_path):
    """Both lengths are of one request, and below 500 tokens."""
    trace = tmp_path / "trace.csv"
    trace.write_text(
        "arrival_s,prompt_tokens,output_tokens\n"
        "0,3,2\n1,4,5\n2,500,1\n3,1,500\n"
    )
    prompt, output = lengths_of_trace(str(trace))
    assert list(zip(prompt, output, strict=True)) == [(3, 2), (4, 5)]
    of_file = changed(
        policy="staged-fcfs", prompt=0, mix=str(trace), rate=1, memory=40
    )
    found = staged_instance(of_file)
    drawn = set(zip(found.prompt.tolist(), found.output.tolist(), strict=True))
    assert drawn == {(3, 2), (4, 5)}
    assert run_staged_task(of_file).verified


def test_a_trace_without_what_is_needed_is_refused(tmp_path):
    """One line says what is missing, and where."""
    with pytest.raises(InputError, match=r"none\.csv"):
        lengths_of_trace(str(tmp_path / "none.csv"))
    trace = tmp_path / "long.csv"
    trace.write_text("arrival_s,prompt_tokens,output_tokens\n0,500,2\n")
    with pytest.raises(InputError, match="below 500"):
        lengths_of_trace(str(trace))


def test_the_synthetic_sample_is_one_sample():
    """All runs draw from the same lengths, whatever their seed."""
    prompt, output = lengths_of_trace("lmsys-like")
    assert max(prompt.max(), output.max()) < 500
    assert len(prompt) == len(output) > 19_000
