"""The convex-prices bound: valid, as the checker has it, above its parent."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.check import check_bound
from kvopt.check.documents import read_instance
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.exact import lower_bound, run_bound
from kvopt.model import Instance


def _random(rng: np.random.Generator, n: int, memory: int, last: int):
    arrival = np.sort(rng.integers(0, last + 1, n))
    prompt = rng.integers(0, memory // 2, n)
    output = rng.integers(1, memory - prompt + 1)
    return Instance(memory, arrival, prompt, output)


def test_it_never_exceeds_the_optimum():
    """On 2,000 tiny instances, with arrivals or without, OPT is not less."""
    rng = np.random.default_rng(1616)
    for k in range(2000):
        n, memory = int(rng.integers(1, 5)), int(rng.integers(2, 10))
        instance = _random(rng, n, memory, 5 * (k % 2))
        value = lower_bound(instance, "convex-prices").value
        problem = read_instance(instance.document())
        assert cheaper_schedule(problem, value, 2_000_000) is None, instance


def test_the_checker_derives_the_same_value():
    """Two evaluations that share nothing agree to the last unit."""
    rng = np.random.default_rng(2)
    for n, memory in ((1, 5), (7, 30), (60, 50), (300, 400), (40, 10**9)):
        instance = _random(rng, n, memory, n % 2 * 20)
        certificate = lower_bound(instance, "convex-prices")
        document = certificate.document()
        verdict = check_bound(instance.document(), document, budget=10)
        assert verdict.derived == certificate.value


@pytest.mark.parametrize("memory", [500, 4000])
def test_it_is_above_the_mean_busy_time_bound(memory):
    """With hundreds of requests at 0 it is greater: they must grow."""
    rng = np.random.default_rng(3)
    prompt = rng.integers(1, 60, 300)
    output = rng.integers(1, 120, 300)
    instance = Instance(memory, np.zeros(300, int), prompt, output)
    parent = lower_bound(instance, "mean-busy-time").value
    assert lower_bound(instance, "convex-prices").value > parent


def test_equal_requests_are_counted_each():
    """Requests with the same sizes share the work, not the bound."""
    one = Instance.of(10, [(0, 2, 4)] * 3)
    other = Instance.of(10, [(0, 2, 4)] * 3 + [(0, 3, 4)])
    values = [lower_bound(x, "convex-prices").value for x in (one, other)]
    assert 12 <= values[0] < values[1]


def test_progress_hears_of_each_stage():
    """The session is told the bound of each choice of shares."""
    rng = np.random.default_rng(5)
    heard: list[int] = []
    instance = _random(rng, 40, 50, 0)
    run = run_bound(
        instance, "convex-prices", None, lambda _, v: heard.append(v)
    )
    assert run.ended == "complete"
    assert heard == sorted(heard)
    assert heard[-1] <= run.certificate.value
