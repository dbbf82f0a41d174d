"""The checker of staged runs accepts good ones and finds every mutation."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest

from kvopt.check import check_staged
from kvopt.model import InputError, Instance
from kvopt.simulation.clocks import AffineClock
from kvopt.simulation.staged import simulate_staged

CLOCK = AffineClock(d0=7, d1=1, d2=2, prefill=3, free=1, arrival_unit=2)


def documents(policy="staged-fcfs"):
    """An instance and a run in which somebody was evicted."""
    instance = Instance.of(8, [(0, 1, 3), (0, 2, 4), (1, 1, 5), (9, 2, 2)])
    result = simulate_staged(instance, policy, CLOCK)
    return instance.document(), result.document()


def kinds(instance, run):
    """The kinds of violations that are found."""
    return {v.kind for v in check_staged(instance, run).violations}


def test_accepts_and_measures():
    """A good run has no violation, its latency and its peak."""
    instance, run = documents()
    verdict = check_staged(instance, run)
    assert verdict.ok and verdict.requests == 4
    assert any(step["evict"] for step in run["iterations"])
    assert verdict.peak_memory == 8
    assert verdict.total_latency > 0


def drop_eviction(steps):
    step = next(s for s in steps if s["evict"])
    step["evict"] = []


def drop_decode(steps):
    del next(s for s in steps if s["decode"])["decode"][0]


def decode_early(steps):
    steps[0]["decode"] = [0]
    steps[0]["prefill"] = [e for e in steps[0]["prefill"] if e[0]]


def run_before_arrival(steps):
    steps[0]["prefill"].append([3, 2])


def run_twice(steps):
    step = next(s for s in steps if s["decode"])
    step["decode"].append(step["decode"][0])


def shorten(steps):
    steps[1]["end"] -= 1


def overlap(steps):
    steps[1]["start"] -= 1


def evict_a_stranger(steps):
    steps[0]["evict"] = [2]


def prefill_too_much(steps):
    steps[0]["prefill"][0][1] += 1


def prefill_nothing(steps):
    steps[0]["prefill"][0][1] = 0


def unknown(steps):
    steps[0]["prefill"].append([7, 1])


def nothing(steps):
    steps.append({**steps[-1], "evict": [], "prefill": [], "decode": []})


def again(steps):
    end = steps[-1]["end"]
    steps.append(
        {
            "start": end,
            "end": end + 11,
            "evict": [],
            "prefill": [[0, 1]],
            "decode": [],
        }
    )


@pytest.mark.parametrize(
    ("mutate", "kind"),
    [
        (drop_eviction, "memory"),
        (drop_decode, "not-completed"),
        (decode_early, "early-decode"),
        (run_before_arrival, "early-start"),
        (run_twice, "twice"),
        (shorten, "wrong-time"),
        (overlap, "overlap"),
        (evict_a_stranger, "not-resident"),
        (prefill_too_much, "wrong-prefill"),
        (prefill_nothing, "wrong-prefill"),
        (unknown, "unknown-request"),
        (nothing, "empty"),
        (again, "completed-again"),
    ],
)
def test_finds_each_mutation(mutate, kind):
    """Each way to break a run is found, and said."""
    instance, run = documents()
    broken = copy.deepcopy(run)
    mutate(broken["iterations"])
    assert kind in kinds(instance, broken)
    assert check_staged(instance, broken).total_latency is None
    assert not kinds(instance, run)


def test_any_changed_batch_is_found():
    """Removing any one entry of any batch is a violation."""
    rng = np.random.default_rng(0)
    for policy in ("staged-fcfs", "sarathi-like:chunk=2", "nested-wait"):
        instance, run = documents(policy)
        for _ in range(40):
            broken = copy.deepcopy(run)
            step = broken["iterations"][
                int(rng.integers(len(broken["iterations"])))
            ]
            part = step["prefill"] or step["decode"]
            del part[int(rng.integers(len(part)))]
            assert kinds(instance, broken)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "kvopt-staged/2"}, "format"),
        ({"instance": "sha256:0"}, "instance"),
        ({"clock": {"d0": 1}}, "clock"),
        ({"iterations": 3}, "iterations"),
        ({"iterations": [{"start": 0}]}, "iterations[0]"),
    ],
)
def test_malformed(change, field):
    """A malformed document is an error that names the field."""
    instance, run = documents()
    with pytest.raises(InputError) as caught:
        check_staged(instance, {**run, **change})
    assert field in str(caught.value)


def test_memory_is_that_of_all_that_is_resident():
    """The running total is the sum over the residents, in every iteration."""
    rng = random.Random(5)
    for _ in range(50):
        instance = Instance.of(
            30,
            sorted(
                (rng.randint(0, 9), rng.randint(0, 8), rng.randint(1, 8))
                for _ in range(8)
            ),
        )
        for policy in ("staged-fcfs", "sarathi-like"):
            result = simulate_staged(instance, policy)
            verdict = check_staged(instance.document(), result.document())
            assert verdict.ok
            assert verdict.peak_memory == int(result.memory.max())
