"""Backlogs: what is drawn, and what is said of it."""

import os
from dataclasses import replace

import numpy as np
import pytest

from kvopt.experiments.backlog import (
    CONVERSATIONS,
    DOCUMENTS,
    BacklogTask,
    backlog_instance,
    run_backlog_task,
)
from kvopt.model import InputError, Trace, write_trace

BOTH = os.pathsep.join((CONVERSATIONS, DOCUMENTS))
TASK = BacklogTask(BOTH, "svf", 41, 8192, False, None, 3)


def test_half_of_each_sample_and_everything_at_zero():
    """The same for every policy; documents have the long prompts."""
    instance = backlog_instance(TASK)
    other = backlog_instance(replace(TASK, policy="fcfs"))
    assert instance.hash == other.hash
    assert len(instance) == 41
    assert not instance.arrival.any()
    # Nearly all conversations are shorter than the shortest document.
    assert 20 <= (instance.prompt >= 1000).sum() <= 22


def test_rounded_outputs_are_powers_of_two():
    """Rounded up, and the peak still fits."""
    task = replace(TASK, traces=CONVERSATIONS, rounded=True, memory=600)
    instance = backlog_instance(task)
    equal = backlog_instance(replace(task, prompt=79))
    assert set(equal.prompt.tolist()) == {79}
    assert {bin(o).count("1") for o in instance.output.tolist()} == {1}
    assert instance.peak.max() <= 600


def test_rows_are_verified_and_above_the_bound():
    """A policy that gets stuck is a row without a latency."""
    row = run_backlog_task(TASK)
    assert row.verified
    assert row.total >= row.bound > 0
    failed = run_backlog_task(replace(TASK, policy="mc-sf:margin=0.9"))
    assert failed.status == "FAILED"
    assert failed.total is failed.mean is None
    assert "stuck" in failed.error


def test_traces_that_do_not_serve_are_named(tmp_path):
    """Without prompts, or with too few requests that fit."""
    path = tmp_path / "t.csv"
    write_trace(Trace(np.array([5, 6])), path)
    with pytest.raises(InputError, match=r"t\.csv: .*no prompt"):
        backlog_instance(replace(TASK, traces=str(path), requests=1))
    path = tmp_path / "u.csv"
    write_trace(Trace(np.array([5, 6]), np.array([1, 9000])), path)
    with pytest.raises(InputError, match=r"u\.csv: requests = 2"):
        backlog_instance(replace(TASK, traces=str(path), requests=2))
