"""Sorted-F and its relatives: oracles, theorems, the relaxation."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.model import InputError, Instance
from kvopt.policies import lp_relaxation, parse_policy
from kvopt.policies.lp_relaxation import relax
from kvopt.simulation import simulate
from kvopt.workloads import trap

SORTED_F = "sorted-f:selector="


def random_instance(rng, n, *, online=False, memory=None):
    """A few small requests of unequal prompts."""
    memory = memory or int(rng.integers(12, 21))
    prompt = rng.integers(0, 6, n)
    output = rng.integers(1, 7, n)
    arrival = np.sort(rng.integers(0, 10, n)) if online else np.zeros(n, int)
    return Instance(memory, arrival, prompt, output)


@pytest.mark.parametrize(
    ("spec", "cost"),
    [
        (SORTED_F + "exact-dp", 103),
        (SORTED_F + "exact-dp,feasible=start", 103),
        (SORTED_F + "scaled-dp", 103),
        (SORTED_F + "scaled-dp,units=10", 103),
        (SORTED_F + "local-swap", 103),
        ("sorted-lp", 103),
        ("lp-swap", 103),
        ("receding-horizon", 103),
        ("peak-order", 103),
        # Only heavy requests are below both quantiles, once.
        (SORTED_F + "quantile-greedy", 121),
        # Sorted by output the heavy ones come first, and no move helps.
        (SORTED_F + "local-swap,first=output", 265),
    ],
)
def test_trap(spec, cost):
    """On the M=60 trap, where FCFS and SF cost 265, Sorted-F costs 103."""
    assert simulate(trap(60, 9), spec).objective == cost


def test_mean_costs_are_ordered_as_reported():
    """On random sets: FCFS worst, then peak order and SF, Sorted-F best."""
    rng = np.random.default_rng(0)
    specs = (SORTED_F + "exact-dp", "mc-sf", "peak-order", "mc-benchmark")
    total = dict.fromkeys(specs, 0)
    for _ in range(150):
        instance = random_instance(rng, int(rng.integers(6, 10)))
        for spec in specs:
            total[spec] += simulate(instance, spec).objective
    best, *others, fcfs = total.values()
    assert best < min(others) and max(others) < fcfs


def test_receding_horizon_is_sorted_f_on_a_batch():
    """With all requests at 0 one order is made, at any interval."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        instance = random_instance(rng, 12)
        whole = simulate(instance, "sorted-f").schedule
        for every in (1, 7):
            spec = f"receding-horizon:every={every}"
            assert simulate(instance, spec).schedule == whole


def test_receding_horizon_waits_for_its_interval():
    """A short request that arrives between two orders goes to the end."""
    rows = [(0, 0, 6), (0, 4, 4), (0, 4, 5), (1, 0, 1)]
    instance = Instance.of(9, rows)
    soon = simulate(instance, "receding-horizon:every=1")
    late = simulate(instance, "receding-horizon:every=20")
    first, second = soon.records["start"], late.records["start"]
    assert first[3] < second[3] and second[3] >= second[:3].max()


@pytest.mark.parametrize(
    "spec", ["sorted-f", SORTED_F + "local-swap", "peak-order", "sorted-lp"]
)
def test_works_online_too(spec):
    """The extension to arrivals serves everyone, on both engines alike."""
    rng = np.random.default_rng(2)
    for _ in range(8):
        instance = random_instance(rng, 8, online=True)
        fast = simulate(instance, spec).schedule
        assert fast == simulate(instance, spec, "reference").schedule
        assert (fast.starts(instance) >= instance.arrival).all()


def whole_program(prompt, output, memory):
    """The relaxation written out densely, with the horizon of the proof."""
    from scipy.optimize import linprog

    volume = int((prompt * output + output * (output + 1) // 2).sum())
    last = output * (volume // memory + 1) - 1
    pairs = [(i, k) for i, end in enumerate(last) for k in range(end + 1)]
    rounds = int((last + output).max())
    use = np.zeros((rounds + 1, len(pairs)))
    each = np.zeros((output.size, len(pairs)))
    for column, (i, k) in enumerate(pairs):
        each[i, column] = 1
        for age in range(1, output[i] + 1):
            use[k + age, column] = prompt[i] + age
    return linprog(
        [k + output[i] for i, k in pairs],
        A_ub=use,
        b_ub=np.full(rounds + 1, memory),
        A_eq=each,
        b_eq=np.ones(output.size),
    ).fun


def test_relaxation_does_not_depend_on_its_horizon():
    """The value is that of the program with all starts of an optimum."""
    rng = np.random.default_rng(3)
    for _ in range(25):
        n = int(rng.integers(1, 8))
        memory = int(rng.integers(8, 14))
        prompt, output = rng.integers(0, 4, n), rng.integers(1, 5, n)
        found = relax(prompt, output, memory)
        assert found.value == pytest.approx(
            whole_program(prompt, output, memory)
        )
        assert found.start.sum() + output.sum() == pytest.approx(found.value)
        instance = Instance(memory, np.zeros(n, int), prompt, output)
        cost = simulate(instance, "sorted-lp").objective
        assert found.value <= cost + 1e-6


def test_relaxation_treats_equal_requests_alike():
    """Requests with equal lengths have equal fractional starts."""
    prompt, output = np.array([1, 2, 1, 1]), np.array([3, 2, 3, 3])
    start = relax(prompt, output, 6).start
    assert start[0] == start[2] == start[3]
    # One fills the memory, so that the three follow each other.
    full = relax(np.full(3, 4), np.full(3, 2), 6)
    assert full.value == pytest.approx(2 + 4 + 6)
    assert full.start.tolist() == pytest.approx([2, 2, 2])


def test_too_large_a_relaxation_is_refused(monkeypatch):
    """The error names the number of terms."""
    monkeypatch.setattr(lp_relaxation, "MAX_TERMS", 50)
    with pytest.raises(InputError, match=r"terms, more than 50"):
        relax(np.array([1, 2]), np.array([5, 6]), 9)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (SORTED_F + "best", ["policy.selector", "exact-dp"]),
        ("sorted-f:units=0", ["units = 0"]),
        ("sorted-f:units=2.5", ["units = 2.5", "integer"]),
        ("sorted-f:quantile=0", ["quantile = 0.0", "(0, 1]"]),
        ("receding-horizon:every=0", ["every = 0"]),
        ("lp-swap:feasible=no", ["policy.feasible", "peaks, start"]),
    ],
)
def test_bad_parameters_are_named(text, names):
    """An error names the parameter and the value, on one line."""
    with pytest.raises(InputError) as caught:
        parse_policy(text)
    message = str(caught.value)
    assert "\n" not in message
    assert all(name in message for name in names)
