"""Bursts: all requests at once, latencies a token in seconds."""

import pytest

from kvopt.experiments.backlog import CONVERSATIONS
from kvopt.experiments.burst import BurstTask, run_burst_task


def test_latency_a_token_is_latency_over_output():
    """One request alone: its mean is its latency over its output."""
    row = run_burst_task(
        BurstTask(CONVERSATIONS, "fcfs", 1, 16_492, "affine:d0=1000", 3)
    )
    # Each token takes a second.
    assert row.token_mean == row.token_p95 == pytest.approx(1.0)
    assert row.mean >= 1
    assert row.cancelled == 0


def test_svf_is_not_worse_than_fcfs_on_a_burst():
    """On the same requests the order by volume has the lower mean."""
    rows = [
        run_burst_task(
            BurstTask(CONVERSATIONS, policy, 60, 5_000, "affine:d0=10", 1)
        )
        for policy in ("svf", "fcfs")
    ]
    assert rows[0].mean < rows[1].mean
    assert rows[0].token_mean < rows[1].token_mean
