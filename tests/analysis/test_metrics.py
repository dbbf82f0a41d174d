"""Metrics against sums done iteration by iteration."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from kvopt.analysis.energy import (
    TWO_A100_FLOPS,
    FlopPower,
    PowerModel,
    energy_of,
)
from kvopt.analysis.metrics import metrics_of
from kvopt.analysis.timeline import throughput_of, timeline_of, usage_of
from kvopt.model import InputError, Instance, Schedule
from kvopt.simulation import simulate
from kvopt.simulation.clocks import PRESETS, SECOND, UNIT_ROUNDS, AffineClock

# Seconds by the hundred, so that the numbers are easy.
CLOCK = AffineClock(
    100 * SECOND, 10 * SECOND, SECOND, 2 * SECOND, 3, arrival_unit=SECOND
)
POWER = PowerModel(idle=100, peak=300, saturation=10)


def random_instance(rng):
    """A small crowded instance, with pauses."""
    n = int(rng.integers(1, 15))
    memory = int(rng.integers(10, 40))
    prompt = rng.integers(0, 6, n)
    output = rng.integers(1, memory // 2 - prompt.min(), n)
    output = np.minimum(output, memory - prompt)
    arrival = np.sort(rng.integers(0, 4000, n))
    return Instance(memory, arrival, prompt, output)


def stepped(result, clock):
    """Time, memory, energy, one iteration after the other; plain Python."""
    instance, runs = result.instance, result.schedule.runs
    prompt = instance.prompt.tolist()
    begins = dict(
        zip(
            result.schedule.start.tolist(),
            result.times.begin.tolist(),
            strict=True,
        )
    )
    usage, energy, wasted, busy = [], 0.0, 0.0, 0
    now = 0
    for t in range(1, result.schedule.makespan + 1):
        batch = [r for r in runs if r.start < t <= r.stop]
        if not batch:
            continue
        now = begins.get(t - 1, now)
        held = sum(prompt[r.request] + t - r.start for r in batch)
        fresh = [r for r in batch if r.start == t - 1]
        prefill = sum(prompt[r.request] for r in fresh)
        took = clock.iteration(len(batch), held, prefill)
        work = {r: 1 for r in batch}
        work.update({r: max(1, prompt[r.request]) for r in fresh})
        share = min(1, sum(work.values()) / POWER.saturation)
        joules = took / SECOND * (100 + 200 * share)
        lost = sum(w for r, w in work.items() if not r.completed)
        usage.append(held)
        energy += joules
        wasted += joules * lost / sum(work.values())
        busy += took
        now += took
        for r in batch:
            if r.stop == t and r.completed:
                at = result.schedule.runs.index(r)
                assert result.times.end[at] == now
    return usage, energy, wasted, busy


@pytest.mark.parametrize("spec", ["mc-sf", "vllm-like"])
def test_energy_and_memory_step_by_step(spec):
    """Closed forms equal the sums over iterations."""
    rng = np.random.default_rng(1)
    cancelled = 0
    for _ in range(60):
        result = simulate(random_instance(rng), spec, clock=CLOCK)
        usage, energy, wasted, busy = stepped(result, CLOCK)
        metrics = metrics_of(result, POWER)
        assert metrics.peak_memory == max(usage)
        assert metrics.mean_memory == pytest.approx(np.mean(usage))
        idle = metrics.span - busy / SECOND
        assert metrics.energy.idle == pytest.approx(100 * idle, abs=1e-6)
        assert metrics.energy.total == pytest.approx(energy + 100 * idle)
        assert metrics.energy.wasted == pytest.approx(wasted, abs=1e-9)
        cancelled += metrics.cancellations
    assert (cancelled > 0) == (spec == "vllm-like")


def test_latencies_by_hand():
    """Every latency of one example, in seconds."""
    instance = Instance.of(9, [(0, 0, 3), (0, 0, 1)])
    clock = AffineClock(SECOND, 0, 0, arrival_unit=SECOND)
    metrics = metrics_of(simulate(instance, "mc-sf", clock=clock))
    assert metrics.unit == "s"
    assert metrics.total_latency == 4
    assert metrics.latency[:4] == (2, 1, 3, 3)
    assert metrics.first_token.mean == 1
    assert metrics.per_token.mean == 1
    assert metrics.between_tokens.mean == 1
    assert metrics.span == 3
    assert metrics.throughput == pytest.approx(4 / 3)
    assert metrics.request_throughput == pytest.approx(2 / 3)


@pytest.mark.parametrize("clock", [UNIT_ROUNDS, CLOCK])
def test_metrics_follow_the_records(clock):
    """Latency metrics agree with the rows that are written to files."""
    rng = np.random.default_rng(2)
    instance = random_instance(rng)
    result = simulate(instance, "vllm-like", clock=clock)
    rows, metrics = result.records, metrics_of(result)
    if clock is UNIT_ROUNDS:
        latency, unit = rows["latency"], "rounds"
        first = rows["start"] + 1 - rows["arrival"]
        assert metrics.energy is None
    else:
        latency, unit = rows["completion_s"] - rows["arrival_s"], "s"
        first = rows["first_token_s"] - rows["arrival_s"]
    assert metrics.unit == unit
    assert metrics.latency.mean == pytest.approx(latency.mean())
    assert metrics.first_token.mean == pytest.approx(first.mean())
    assert metrics.total_latency == pytest.approx(latency.sum())
    assert metrics.cancellations == rows["cancellations"].sum()
    assert metrics.wasted_tokens == rows["wasted_rounds"].sum()


def test_a_percentile_is_a_latency_that_was_observed():
    """With latencies 1..44 the p-th percentile is one, not between two."""
    instance = Instance.of(1000, [(0, 0, o) for o in range(1, 45)])
    latency = metrics_of(simulate(instance, "mc-sf")).latency
    assert (latency.p50, latency.p95, latency.p99) == (22, 42, 44)


def test_no_mean_over_unfinished_requests():
    """A schedule that leaves a request out has no metrics at all."""
    instance = Instance.of(9, [(0, 1, 3), (0, 1, 1)])
    result = simulate(instance, "mc-sf")
    part = Schedule(result.schedule.runs[:1])
    starved = dataclasses.replace(result, schedule=part)
    for measure in (metrics_of, lambda r: throughput_of(r, 1)):
        with pytest.raises(InputError, match="completed runs of request"):
            measure(starved)


def test_throughput_counts_each_token_once():
    """Windows add up to all tokens, at the time of their completion."""
    instance = Instance.of(9, [(0, 0, 3), (0, 0, 1), (10, 1, 4)])
    result = simulate(instance, "mc-sf")
    series = throughput_of(result, 2)
    assert series.edges.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    assert (2 * series.completed).tolist() == [1, 3, 0, 0, 0, 0, 4]
    assert (2 * series.arrived).tolist() == [4, 0, 0, 0, 0, 4, 0]
    with pytest.raises(InputError, match="window = 0"):
        throughput_of(result, 0)


def test_energy_needs_seconds_and_sense():
    """Joules of rounds are refused, and a model that makes no sense."""
    result = simulate(Instance.of(9, [(0, 0, 3)]), "mc-sf")
    with pytest.raises(InputError, match="clock = 'unit'"):
        energy_of(result, timeline_of(result))
    with pytest.raises(InputError, match=r"power\.idle = -1"):
        PowerModel(-1, 100, 10)
    with pytest.raises(InputError, match=r"power\.saturation = 0"):
        PowerModel(1, 100, 0)


def test_preset_is_near_what_it_was_fitted_to():
    """A lone decode takes some 56 ms: one iteration after the other."""
    clock = PRESETS["llama-2-70b-2xa100"]
    result = simulate(Instance.of(500, [(0, 10, 100)]), "mc-sf", clock=clock)
    between = metrics_of(result).between_tokens
    assert between.mean == pytest.approx(0.0564, abs=2e-4)


@pytest.mark.parametrize("clock", [UNIT_ROUNDS, CLOCK])
def test_usage_over_time(clock):
    """Points follow the time; nothing is in use where nothing runs."""
    instance = Instance.of(9, [(0, 2, 3), (1, 0, 1), (2000, 1, 2)])
    result = simulate(instance, "mc-sf", clock=clock)
    when, usage = usage_of(result, timeline_of(result))
    assert (np.diff(when) >= 0).all()
    assert usage.max() == 6 or usage.max() == 5
    quiet = (when > when[0]) & (when < 1999) & (usage == 0)
    assert quiet.sum() == 1
    assert when[-1] == result.times.end.max() / result.times.ticks


def test_power_by_operations_is_the_formula():
    """Half of the knee's utilisation, the knee, and beyond; idle at none."""
    model = FlopPower(flops_a_token=100, devices=2, device_flops=1000)
    tokens = np.array([0, 45, 90, 900])
    share = np.array([0, 0.5**0.7, 1, 1])
    # 20,000 operations in ten seconds; 90 tokens need 9,000 of them.
    watts = model.watts(tokens, np.full(4, 10.0))
    assert watts == pytest.approx(2 * (100 + 300 * share))
    assert model.idle == 200
    assert TWO_A100_FLOPS.watts(np.array([10**9]), np.array([1.0])) == 800
