"""The fast engine gives the reference engine's schedule, run by run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args
from zlib import crc32

import numpy as np
import pytest
from numba import njit

from kvopt.model import Instance, PolicyError, Predictions
from kvopt.policies import make_policy, names, parse_policy
from kvopt.policies.base import Arrivals
from kvopt.policies.choices import (
    Admission,
    Belief,
    CancelShortest,
    ClearAll,
    ClearEach,
    EvictLast,
    Impossible,
    LookAhead,
    Order,
    Overflow,
    PeakReservation,
    Planned,
    Proxy,
    SkipAtMost,
    UsageThreshold,
    Watermark,
    sort_key,
)
from kvopt.policies.composed import ComposedPolicy, Composition
from kvopt.simulation import simulate
from kvopt.simulation.clocks import PRESETS, UNIT_ROUNDS, AffineClock
from kvopt.simulation.engine import engine_of
from kvopt.simulation.fast import total_latency

SPECS = (
    *names(),
    "mc-sf:misfit=skip",
    "mc-sf:margin=0.1",
    "mc-sf:lengths=point",
    "mc-sf:lengths=upper,misfit=skip",
    "mc-sf:lengths=point,misfit=skip,margin=0.05",
    "alpha-greedy:alpha=0.1",
    "alpha-greedy:alpha=0.5",
    "alpha-beta-clearing:alpha=0.1,beta=0.2",
    "alpha-beta-clearing:alpha=0.3,beta=0.7",
    "sorted-f:selector=exact-dp,feasible=start",
    "receding-horizon:every=3,selector=quantile-greedy",
    "a-max:order=arrival",
    "a-min:update=continuous",
    "svf-1-bit:longest=16",
    "mc-sf:batch=3",
    "mc-sf:misfit=skip,batch=2",
    "svf:batch=1",
    "vllm-watermark:reserve=0.2,batch=4",
    "vllm-watermark:spare=1",
    "svf-1-bit:longest=30,lengths=point,overflow=clear-all",
    "svf-bypass:most=0",
    "svf-bypass:most=1",
    "svf-bypass:most=3",
)


# The others run on the reference engine only.
FAST = [s for s in SPECS if engine_of(parse_policy(s)) == "fast"]


def random_instance(rng, online=True):
    """A small instance with predictions, right or wrong, in any regime."""
    memory = int(rng.integers(5, 31))
    n = int(rng.integers(1, 25))
    most = int(rng.integers(1, 8))
    prompt = rng.integers(0, min(most, memory - 1) + 1, n)
    if rng.random() < 0.3:
        prompt[:] = prompt[0]
    output = rng.integers(1, memory - prompt + 1)
    spread = int(rng.choice([0, 5, 40])) if online else 0
    arrival = np.sort(rng.integers(0, spread + 1, n))
    lower = rng.integers(1, output + 1)
    upper = rng.integers(output, memory - prompt + 1)
    # Some predict more than the memory could hold.
    point = rng.integers(1, memory - prompt + 4)
    return Instance(
        memory, arrival, prompt, output, Predictions(lower, upper, point)
    )


def random_clock(rng):
    """A clock whose iterations are as long as the time between arrivals."""
    if rng.random() < 0.1:
        preset = PRESETS["llama-2-70b-2xa100"]
        return replace(preset, arrival_unit=preset.d0 * 5 // 4)
    d0, d1, d2, prefill, free = (
        int(rng.integers(low, 6)) for low in (1, 0, 0, 0, 0)
    )
    if rng.random() < 0.3:
        d2 = 0
    unit = int(rng.integers(1, 40))
    alone = bool(rng.random() < 0.3)
    floor = int(rng.integers(0, 9)) if rng.random() < 0.3 else 0
    return AffineClock(d0, d1, d2, prefill, free, alone, unit, floor)


def outcome(instance, spec, engine, seed, clock=UNIT_ROUNDS):
    """Schedule and times, or how the policy was reported."""
    try:
        result = simulate(instance, spec, engine, seed, clock=clock)
    except PolicyError as error:
        return "livelock" if "livelock" in str(error) else "stuck"
    if clock is UNIT_ROUNDS:
        return result.schedule
    return result.schedule, result.times, result.instance.arrival.tolist()


@pytest.mark.parametrize("spec", FAST)
def test_engines_agree(spec):
    """Both engines make the same runs, or report the same fault."""
    rng = np.random.default_rng([7, crc32(spec.encode())])
    schedules = 0
    policy = parse_policy(spec)
    online = policy.info.arrivals is Arrivals.ONLINE
    count = 60
    if "beta" in spec:
        count = 20  # It is given up only after thousands of rounds.
    if "lp" in policy.info.name.split("-"):
        count = 15  # A linear program takes a while.
    for seed in range(count):
        instance = random_instance(rng, online)
        fast = outcome(instance, spec, "fast", seed)
        assert fast == outcome(instance, spec, "reference", seed)
        schedules += not isinstance(fast, str)
    assert schedules >= 1


@pytest.mark.parametrize("spec", FAST)
def test_engines_agree_on_times(spec):
    """With clocks, both engines make the same runs at the same ticks."""
    rng = np.random.default_rng([11, crc32(spec.encode())])
    schedules = 0
    policy = parse_policy(spec)
    online = policy.info.arrivals is Arrivals.ONLINE
    count = 40
    if "beta" in spec or "lp" in policy.info.name.split("-"):
        count = 10
    for seed in range(count):
        instance, clock = random_instance(rng, online), random_clock(rng)
        fast = outcome(instance, spec, "fast", seed, clock)
        slow = outcome(instance, spec, "reference", seed, clock)
        assert fast == slow, (clock, instance.document())
        schedules += not isinstance(fast, str)
    assert schedules >= 2


@pytest.mark.parametrize("spec", FAST)
def test_a_constant_clock_counts_rounds(spec):
    """Where every iteration takes one tick, ticks are rounds.

    Not for policies that plan now and then, or give up after many rounds:
    with a clock idle time is no round.
    """
    policy = parse_policy(spec)
    if policy.livelock == "patience" or isinstance(
        policy.composition.order, Planned
    ):
        return
    rng = np.random.default_rng([12, crc32(spec.encode())])
    online = policy.info.arrivals is Arrivals.ONLINE
    clock = AffineClock(1, arrival_unit=1)
    for seed in range(20):
        instance = random_instance(rng, online)
        rounds = outcome(instance, spec, "fast", seed)
        ticks = outcome(instance, spec, "fast", seed, clock)
        if isinstance(rounds, str):
            assert ticks == rounds
            continue
        # Rows are in order of start in both, but idle rounds are left out.
        times = ticks[1]
        assert ticks[0].request.tolist() == rounds.request.tolist()
        assert times.begin.tolist() == rounds.start.tolist()
        assert times.first.tolist() == (rounds.start + 1).tolist()
        assert times.end.tolist() == rounds.stop.tolist()
        assert times.arrival.tolist() == instance.arrival.tolist()


@dataclass(frozen=True)
class Mixed(ComposedPolicy):
    """Any mixture of the four choices."""

    mixture: Composition

    info = make_policy("mc-sf").info

    @property
    def composition(self):
        return self.mixture


def by_peak_backwards(waiting, memory):
    """A plan that no static order makes: it depends on the whole queue."""
    rows = sorted(waiting, key=lambda w: (w.prompt + w.length, w.request))
    return [w.request for w in rows[1:] + rows[:1]]


def random_composition(rng):
    """Four choices that go together, drawn at random."""

    def pick(*items):
        return items[int(rng.integers(len(items)))]

    order = pick(*Order, Planned(by_peak_backwards, int(rng.integers(1, 6))))
    belief = pick(*Belief, Proxy(9), Proxy(40, Belief.POINT))
    rules: list[Overflow] = [
        ClearAll(),
        EvictLast(),
        EvictLast(spare=2),
        CancelShortest(),
        CancelShortest(True),
    ]
    if order is not Order.RANDOM:
        rules.append(ClearEach(0.4))
    admission = pick(LookAhead(), LookAhead(0.1), PeakReservation())
    if belief is Belief.TRUE and not isinstance(admission, PeakReservation):
        rules.append(Impossible())
    if belief is Belief.UNUSED:
        admission = pick(
            UsageThreshold(0.0), UsageThreshold(0.4), Watermark(0.1)
        )
    misfit = pick("break", "skip", SkipAtMost(1), SkipAtMost(3))
    return Composition(order, admission, pick(*rules), belief, misfit)


@pytest.mark.parametrize(
    ("block", "count"),
    [(block, 60) for block in range(4)]
    + [pytest.param(4, 10_000, marks=pytest.mark.long)],
)
def test_any_composition_agrees(block, count):
    """Both engines agree on compositions that no paper has named."""
    rng = np.random.default_rng([9, block])
    seen = set()
    for seed in range(count):
        cap = int(rng.integers(1, 5)) if rng.random() < 0.3 else None
        policy = Mixed(random_composition(rng), batch=cap)
        instance = random_instance(rng)
        if policy.livelock == "patience":
            instance = instance_below(rng, 12)
        fast = outcome(instance, policy, "fast", seed)
        slow = outcome(instance, policy, "reference", seed)
        assert fast == slow, (policy, instance.document())
        clock = random_clock(rng)
        fast_times = outcome(instance, policy, "fast", seed, clock)
        slow_times = outcome(instance, policy, "reference", seed, clock)
        assert fast_times == slow_times, (policy, clock, instance.document())
        if not isinstance(fast, str):
            seen.add(type(policy.mixture.overflow))
    assert len(seen) >= 4


def test_every_choice_is_drawn():
    """The random compositions leave no member of a choice out."""
    rng = np.random.default_rng(3)
    drawn = [random_composition(rng) for _ in range(3000)]
    orders = {getattr(c.order, "value", "planned") for c in drawn}
    assert orders == {"planned", *(order.value for order in Order)}
    for name, union in (("admission", Admission), ("overflow", Overflow)):
        assert {type(getattr(c, name)) for c in drawn} == set(get_args(union))
    beliefs = {c.belief for c in drawn}
    assert beliefs >= set(Belief) and any(
        isinstance(belief, Proxy) for belief in beliefs
    )


def test_an_order_is_written_once():
    """Every order has a key, and it is the same for one and for all.

    The compiled kernel and the array of the fast engine call the function
    that the reference engine calls; a member without a key is refused.
    """
    rng = np.random.default_rng(5)
    prompt, length = rng.integers(0, 50, 20), rng.integers(1, 50, 20)
    places = rng.permutation(20)
    compiled = njit(sort_key)
    for order in Order:
        keys = sort_key(order.code, np.arange(20), prompt, length, places)
        for i in range(20):
            row = (i, int(prompt[i]), int(length[i]), int(places[i]))
            assert keys[i] == sort_key(order.code, *row)
            assert keys[i] == compiled(order.code, *row)
    for function in (sort_key, compiled):
        with pytest.raises(ValueError, match="without a sort key"):
            function(len(Order), 0, 0, 1, 0)


def instance_below(rng, memory):
    """A small instance with at most so much memory."""
    while True:
        instance = random_instance(rng)
        if instance.memory <= memory:
            return instance


def test_long_runs_pause_and_grow(monkeypatch):
    """Pausing after every few steps and growing buffers change nothing."""
    from kvopt.simulation.fast import engine

    rng = np.random.default_rng(8)
    n = 400
    instance = Instance(
        5000,
        np.sort(rng.integers(0, 300, n)),
        rng.integers(0, 9, n),
        rng.integers(1, 60, n),
    )
    whole = {
        spec: outcome(instance, spec, "fast", 1)
        for spec in ("mc-sf", "mc-sf:misfit=skip", "alpha-beta-clearing")
    }
    monkeypatch.setattr(engine, "STEPS", 7)
    for spec, schedule in whole.items():
        told = []
        again = simulate(instance, spec, seed=1, progress=told.append)
        assert again.schedule == schedule
        assert told == sorted(told) and told[-1] == n and len(told) > 10
    clock = AffineClock(3, 1, 1, 1, 5, arrival_unit=40)
    paused = outcome(instance, "alpha-beta-clearing", "fast", 1, clock)
    monkeypatch.undo()
    assert paused == outcome(instance, "alpha-beta-clearing", "fast", 1, clock)
    reference = outcome(instance, "alpha-beta-clearing", "reference", 1)
    assert reference == whole["alpha-beta-clearing"]


def test_engine_is_named():
    """A result says which engine made it."""
    instance = Instance.of(10, [(0, 1, 2)])
    assert simulate(instance, "mc-sf", "fast").engine == "fast"
    assert simulate(instance, "mc-sf", "reference").engine == "reference"


def test_total_latency_alone():
    """The total latency without a schedule is that of the schedule."""
    rng = np.random.default_rng(5)
    for name in ("mc-sf", "svf", "a-min", "vllm-like", "sorted-f"):
        policy = parse_policy(name)
        for _ in range(20):
            instance = random_instance(rng, online=name != "a-min")
            result = simulate(instance, policy, engine="fast", seed=3)
            found = total_latency(instance, policy, seed=3)
            assert found == result.objective
