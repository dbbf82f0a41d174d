"""Tiny random instances that are not solved before a backend starts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kvopt.exact import lower_bound
from kvopt.exact.warm_start import one_by_one
from kvopt.model import Instance, Schedule


def _draw(rng: np.random.Generator) -> Instance:
    n = int(rng.integers(2, 5, endpoint=True))
    memory = int(rng.integers(3, 9, endpoint=True))
    arrival = rng.integers(0, 6, n) * rng.integers(0, 2)
    prompt = rng.integers(0, min(3, memory - 1), n, endpoint=True)
    output = rng.integers(1, np.minimum(memory - prompt, 5), endpoint=True)
    return Instance(memory, np.sort(arrival), prompt, output)


def serial(instance: Instance) -> Schedule:
    """Return the schedule that runs one request at a time."""
    return Schedule.from_starts(instance, one_by_one(instance))


@pytest.fixture(scope="session")
def tiny() -> list[tuple[Instance, Schedule]]:
    """300 instances of up to 5 requests, each with its serial schedule.

    No combinatorial bound proves the serial schedule optimal, so that a
    backend that is given it as the warm start has work to do.
    """
    rng = np.random.default_rng(20250211)
    drawn = (_draw(rng) for _ in itertools.count())
    pairs = ((instance, serial(instance)) for instance in drawn)
    hard = (
        (instance, schedule)
        for instance, schedule in pairs
        if lower_bound(instance).value < schedule.total_latency(instance)
    )
    return list(itertools.islice(hard, 300))
