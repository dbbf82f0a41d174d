"""docs/staged.md says what is so; batches of the policies, by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kvopt.model import Instance
from kvopt.simulation.clocks import AffineClock
from kvopt.simulation.staged import simulate_staged

TEXT = (Path(__file__).parents[2] / "docs" / "staged.md").read_text(
    encoding="utf-8"
)


@pytest.mark.parametrize(
    "block", re.findall(r"```python\n(.*?)```", TEXT, re.S)
)
def test_the_python_examples_print_what_they_say(block, capsys):
    """Each printed line is in the comment behind it."""
    promised = re.findall(r"^print.*# (.+)$", block, re.M)
    assert promised
    exec(block, {})
    assert capsys.readouterr().out.splitlines() == promised


def batches(instance, spec):
    """Prefills and decodes of every iteration, by request."""
    result = simulate_staged(instance, spec)
    return [(list(s.prefill), list(s.decode)) for s in result.iterations]


def test_wait_pauses_what_is_below_its_threshold():
    """Type (1,1) waits for two; meanwhile type (2,1) runs alone."""
    instance = Instance.of(
        20, [(0, 1, 1), (0, 2, 1), (1, 1, 1), (3, 2, 1), (9, 1, 1)]
    )
    assert batches(instance, "wait:thresholds=1x1:2+2x1:1") == [
        ([(1, 2)], []),
        # Two of type (1,1) are there; 1 pauses, for no other (2,1) waits.
        ([(0, 1), (2, 1)], []),
        # At 3 the next (2,1) arrives, and 1 goes on with it.
        ([(3, 2)], [1]),
        # Nothing will arrive after 9: what is left runs without thresholds.
        ([(4, 1)], [0, 2, 3]),
        ([], [4]),
    ]


def test_nested_wait_runs_a_later_segment_when_enough_survive():
    """Segment 2 (stage 2) runs when two have survived stage 1."""
    requests = [(t, 1, 2) for t in (0, 1, 2, 3)]
    instance = Instance.of(20, [*requests, (30, 1, 1)])
    found = batches(instance, "nested-wait:ends=1+2,thresholds=1+2")
    assert found == [
        ([(0, 1)], []),
        ([(1, 1)], [0]),
        ([(2, 1)], [1]),  # 0 waits at the boundary
        ([(3, 1)], [2, 0, 1]),  # 0 and 1 make their second token
        # Nothing waits for its prompt until 30, so nothing runs.
        ([(4, 1)], [3]),
        ([], [4, 2, 3]),
    ]


def test_sarathi_fills_its_budget():
    """Four tokens an iteration: decodes, then prompt chunks in order."""
    instance = Instance.of(30, [(0, 3, 3), (0, 6, 1), (0, 2, 1)])
    assert batches(instance, "sarathi-like:chunk=4,reserve=0") == [
        ([(0, 3), (1, 1)], []),
        ([(1, 3)], [0]),
        ([(1, 2), (2, 1)], [0]),
        ([(2, 1)], [0, 1]),
        ([], [2]),
    ]


def test_time_is_that_of_the_batch():
    """A paused request takes memory but no time; TTFT and latency by hand."""
    clock = AffineClock(d0=10, d2=1, arrival_unit=10)
    instance = Instance.of(20, [(0, 4, 1), (0, 1, 1), (0, 1, 1)])
    policy = "wait:thresholds=4x1:1+1x1:2"
    result = simulate_staged(instance, policy, clock)
    # 4+1+1 units; then nobody waits for a prompt: the end of the trace.
    assert [(s.start, s.end) for s in result.iterations] == [
        (0, 16),
        (16, 16 + 10 + 5 + 2 + 2),
    ]
    assert result.memory.tolist() == [6, 9]
    assert result.tokens.tolist() == [6, 9]
    assert result.closed == 16
    assert result.records["latency"].tolist() == [35, 35, 35]
    alone = simulate_staged(
        Instance.of(20, [(0, 4, 1), (2, 1, 1), (2, 1, 1)]), policy, clock
    )
    # The second batch leaves request 0 paused: 6 units held, 2 counted.
    assert alone.memory.tolist()[:2] == [4, 6]
    assert alone.tokens.tolist()[:2] == [4, 2]
    assert alone.iterations[1].start == 20
    assert alone.iterations[1].end == 20 + 10 + 2
