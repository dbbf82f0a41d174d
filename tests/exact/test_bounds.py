"""Lower bounds: valid against brute force, exact on known values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.check import check_bound
from kvopt.exact import lower_bound, solve
from kvopt.exact.bounds.area import area_bound
from kvopt.exact.bounds.mean_busy_time import mean_busy_time_bound
from kvopt.model import InputError, Instance


@st.composite
def instances(draw) -> Instance:
    """Up to 4 requests, M up to 8, any arrivals up to 6."""
    memory = draw(st.integers(2, 8))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        prompt = draw(st.integers(0, memory - 1))
        output = draw(st.integers(1, min(4, memory - prompt)))
        rows.append((draw(st.integers(0, 6)), prompt, output))
    return Instance.of(memory, sorted(rows))


@settings(max_examples=150, deadline=None)
@given(instances())
def test_bounds_never_exceed_the_optimum(instance):
    """No free bound exceeds OPT, and best is the greatest of them."""
    optimum = solve(instance, "brute-force").objective
    methods = ("trivial", "area", "mean-busy-time")
    values = [lower_bound(instance, m).value for m in methods]
    assert max(values) == lower_bound(instance).value <= optimum


@given(instances())
def test_area_at_zero_is_the_published_sum(instance):
    """With all arrivals at 0 the area bound is P6's Proposition 3.1."""
    rows = [(0, r.prompt, r.output) for r in instance]
    instance = Instance.of(instance.memory, rows)
    volumes = sorted(instance.volume.tolist())
    total = sum(sum(volumes[: j + 1]) for j in range(len(volumes)))
    exact = Fraction(total, instance.memory)
    assert area_bound(instance, instance.memory) == -(-exact // 1)


@settings(max_examples=100, deadline=None)
@given(instances())
def test_area_equals_a_simulation_in_small_steps(instance):
    """SRPT worked off unit by unit gives the same sum of completions."""
    m = instance.memory
    left = {
        i: [int(v), r.arrival * m]
        for i, (v, r) in enumerate(zip(instance.volume, instance, strict=True))
    }
    clock = total = 0
    while left:
        ready = [i for i, (_, release) in left.items() if release <= clock]
        if ready:
            i = min(ready, key=lambda i: left[i][0])
            left[i][0] -= 1
            if left[i][0] == 0:
                total += clock + 1
                del left[i]
        clock += 1
    expected = -(-total // m) - int(instance.arrival.sum())
    assert area_bound(instance, m) == expected


def test_area_with_arrivals_by_hand():
    """M=2, works 3 at 0 and 1 at 1: the short one preempts; 1.5 + 2 - 1."""
    instance = Instance.of(2, [(0, 0, 2), (1, 0, 1)])
    # SRPT: at 1, 1 unit is left of the first and 1 of the second.
    assert lower_bound(instance, "area").value == 3  # ceil(3.5) - 1
    assert lower_bound(instance, "trivial").value == 3


def test_certificate_names_instance_and_method():
    """A certificate carries the hash, its method and no data."""
    instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    certificate = lower_bound(instance, "area")
    assert certificate.instance == instance.hash
    assert (certificate.method, certificate.data) == ("area", {})


def test_sizes_beyond_int64_are_exact():
    """Volumes times M exceed int64; the bound is exact all the same."""
    big = 10**9 - 1
    instance = Instance.of(10**9, [(10**12, 0, big)] * 3)
    volume = big * (big + 1) // 2
    expected = -(-6 * volume // 10**9)
    assert lower_bound(instance, "area").value == expected


def test_unknown_method_is_named():
    """An unknown method is an InputError that lists the known ones."""
    with pytest.raises(InputError, match=r"method = 'magic': unknown.*area"):
        lower_bound(Instance.of(3, [(0, 1, 1)]), "magic")


def _exact_mean_busy_time(instance: Instance) -> int:
    """The mean-busy-time bound by units of work, in exact fractions."""
    m = instance.memory
    left = {
        i: [int(v), r.arrival * m]
        for i, (v, r) in enumerate(zip(instance.volume, instance, strict=True))
    }
    total = Fraction(0)
    for volume, r in zip(instance.volume.tolist(), instance, strict=True):
        moments = sum(
            (r.prompt + k) * (r.output - k) for k in range(1, r.output + 1)
        )
        total += Fraction(moments, volume) + Fraction(1, 2) - r.arrival
    clock = 0
    while left:
        ready = [i for i, (_, release) in left.items() if release <= clock]
        if ready:
            i = min(ready, key=lambda i: int(instance.volume[i]))
            total += Fraction(2 * clock + 1, 2 * m * int(instance.volume[i]))
            left[i][0] -= 1
            if left[i][0] == 0:
                del left[i]
        clock += 1
    return -(-total // 1)


@settings(max_examples=150, deadline=None)
@given(instances())
def test_mean_busy_time_equals_a_simulation_in_small_steps(instance):
    """Smallest volume first, unit by unit, gives the bound and checks."""
    certificate = lower_bound(instance, "mean-busy-time")
    assert certificate.value == _exact_mean_busy_time(instance)
    verdict = check_bound(instance.document(), certificate.document())
    assert verdict.derived == certificate.value, verdict


def test_mean_busy_time_on_thousands_of_tiny_instances():
    """It never exceeds the optimum, with arrivals or without."""
    rng = np.random.default_rng(16)
    for k in range(2000):
        memory = int(rng.integers(2, 10))
        n = int(rng.integers(1, 5))
        arrival = np.sort(rng.integers(0, 6, n)) * (k % 2)
        prompt = rng.integers(0, memory, n)
        output = rng.integers(1, np.minimum(memory - prompt, 4) + 1)
        instance = Instance(memory, arrival, prompt, output)
        optimum = solve(instance, "brute-force").objective
        value = mean_busy_time_bound(instance, memory)
        assert value <= optimum, instance
