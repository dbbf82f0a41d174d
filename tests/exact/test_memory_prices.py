"""The memory-prices bound: valid, as the checker has it, with arrivals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kvopt.check import check_bound
from kvopt.check.documents import read_instance
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.exact import lower_bound, run_bound
from kvopt.exact.bounds.lp_value import Multipliers, proved
from kvopt.exact.bounds.memory_prices import AscentParams, memory_prices_bound
from kvopt.exact.control.session import Session, Stopped
from kvopt.exact.warm_start import one_by_one
from kvopt.model import InputError, Instance

MIDDLING = AscentParams(buckets=(64, 512), steps=(100, 100), step=(0.5, 0.1))
QUICK = AscentParams(buckets=(4, 16), steps=(12, 12), step=(0.5, 0.1))


def _random(rng: np.random.Generator, n: int, memory: int, last: int):
    arrival = np.sort(rng.integers(0, last + 1, n))
    prompt = rng.integers(0, memory // 2, n)
    output = rng.integers(1, memory - prompt + 1)
    return Instance(memory, arrival, prompt, output)


def _session(instance: Instance) -> Session:
    certificate = lower_bound(instance, "trivial")
    return Session(instance, None, one_by_one(instance), certificate)


def test_it_never_exceeds_the_optimum():
    """On 400 tiny instances, with arrivals or without, OPT is not less."""
    rng = np.random.default_rng(1617)
    for k in range(400):
        n, memory = int(rng.integers(1, 5)), int(rng.integers(2, 10))
        instance = _random(rng, n, memory, 5 * (k % 2))
        found = memory_prices_bound(_session(instance), QUICK)
        problem = read_instance(instance.document())
        assert cheaper_schedule(problem, found.value, 2_000_000) is None
        verdict = check_bound(instance.document(), found.document())
        assert verdict.derived == found.value, instance


def test_the_value_is_that_of_the_rows():
    """The compiled evaluation agrees with the one of the linear program."""
    rng = np.random.default_rng(8)
    for n, memory, last in ((5, 20, 0), (30, 60, 40), (12, 200, 500)):
        instance = _random(rng, n, memory, last)
        certificate = memory_prices_bound(_session(instance), QUICK)
        rows = certificate.data["prices"]
        price = np.zeros(rows[-1][0], np.int64)
        for (first, own), (end, _) in pairwise(rows):
            price[first:end] = own
        scale = certificate.data["scale"]
        multipliers = Multipliers(scale >> 12, price >> 12, {})
        coarse = proved(instance, multipliers)
        assert abs(coarse - certificate.value) <= 1 + certificate.value // 100


def test_arrivals_are_priced():
    """Where requests arrive faster than they are served it beats the free."""
    rng = np.random.default_rng(9)
    arrival = np.sort(rng.integers(0, 450, 150))
    prompt = rng.integers(1, 30, 150)
    output = rng.integers(1, 60, 150)
    instance = Instance(300, arrival, prompt, output)
    free = lower_bound(instance).value
    found = memory_prices_bound(_session(instance), MIDDLING)
    assert found.value > 1.02 * free


def test_stopped_it_has_certified_what_it_reached():
    """A session that ends in the second stage is told what that reached."""
    rng = np.random.default_rng(10)
    instance = _random(rng, 60, 80, 300)
    values: list[int] = []

    def look(session: Session) -> None:
        if session.certificate.method == "memory-prices":
            values.append(session.certificate.value)
        session.interrupted = len(values) > 40

    certificate = lower_bound(instance, "trivial")
    session = Session(instance, None, one_by_one(instance), certificate, look)
    with pytest.raises(Stopped):
        memory_prices_bound(session)
    assert session.certificate.method == "memory-prices"
    assert session.certificate.value >= values[0]
    verdict = check_bound(instance.document(), session.certificate.document())
    assert verdict.ok


def test_sizes_beyond_integers_are_named():
    """What 64-bit integers cannot hold is refused in one line."""
    rows = [(10**12, 0, 10**9 - 1)] * 3
    instance = Instance.of(10**9, rows)
    with pytest.raises(InputError, match="rounds = "):
        lower_bound(instance, "memory-prices")


def test_the_run_says_how_it_ended():
    """Without a limit the method is complete."""
    run = run_bound(Instance.of(8, [(0, 1, 5), (2, 1, 3)]), "memory-prices")
    assert (run.ended, run.certificate.method) == ("complete", "memory-prices")
