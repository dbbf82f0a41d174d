"""Clocks: exact times, readable forms, refused nonsense."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt import verify
from kvopt.model import InputError, Instance, PolicyError, Predictions
from kvopt.policies import make_policy, names
from kvopt.policies.base import Arrivals
from kvopt.simulation import simulate
from kvopt.simulation.clocks import (
    PRESETS,
    SECOND,
    AffineClock,
    UnitRounds,
    clock_spec,
    parse_clock,
)
from kvopt.simulation.staged import simulate_staged

MS = 10**9


def test_iteration_time_is_the_formula():
    """Every term counts, and prompt tokens only beyond the free ones."""
    clock = PRESETS["llama-2-70b-2xa100"]
    decode = clock.iteration(10, 5000)
    assert decode == round((56.20 + 1.696 + 0.565) * MS)
    assert clock.iteration(10, 5000, prefill=149) == decode
    more = clock.iteration(10, 5000, prefill=249) - decode
    assert more == 37 * MS
    assert UnitRounds().iteration(10, 5000, 9) == 1


def test_prefill_alone_is_flat_then_linear():
    """A prefill takes about 55 ms up to 149 tokens, then 0.37 ms a token."""
    clock = PRESETS["llama-2-70b-2xa100"]
    times = [clock.iteration(1, n, n) / MS for n in (1, 100, 1000, 4000)]
    assert times[1] == pytest.approx(times[0], rel=0.01)
    assert times[0] == pytest.approx(55, rel=0.05)
    assert times[2] == pytest.approx(0.37 * 1000, rel=0.02)
    assert times[3] == pytest.approx(0.37 * 4000, rel=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "unit",
        "llama-2-70b-2xa100",
        "affine:d0=10",
        "affine:d0=0.1,d1=0.000000001,d2=0.25,prefill=1.5,free=7",
        "affine:d0=1,prefill=2,prompts=alone,floor=0.25",
    ],
)
def test_text_forms_read_back(text):
    """What is printed is read as the same clock."""
    clock = parse_clock(text)
    assert clock_spec(clock) == text
    assert parse_clock(clock_spec(clock)) == clock


def test_the_form_of_p5():
    """``d0 + d1 * sum(l + s)``: no cost a request, none a prompt token."""
    clock = parse_clock("p5:d0=10,d1=0.002")
    assert clock == AffineClock(d0=10 * MS, d2=2 * MS // 1000)
    assert clock.iteration(3, 500, 100) == 11 * MS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sundial", ["clock", "sundial", "llama-2-70b-2xa100"]),
        ("unit:d0=1", ["clock", "unit:d0=1"]),
        ("affine", ["clock", "affine", "d0"]),
        ("affine:d1=3", ["clock", "affine:d1=3", "d0"]),
        ("affine:d0=-1", ["clock.d0", "-1"]),
        ("affine:d0=0", ["clock.d0", "0"]),
        ("affine:d0=5,d1=-0.5", ["clock.d1", "-0.5"]),
        ("affine:d0=5,d2=-1e-6", ["clock.d2", "-1e-06"]),
        ("affine:d0=5,prefill=-1", ["clock.prefill", "-1"]),
        ("affine:d0=5,free=-1", ["clock.free", "-1"]),
        ("affine:d0=5,free=1.5", ["clock.free", "1.5"]),
        ("affine:d0=nan", ["clock.d0", "nan"]),
        ("affine:d0=soon", ["clock.d0", "soon"]),
        ("affine:d0=1e30", ["clock.d0", "1e+30"]),
        ("affine:d0=5,d2=1e-12", ["clock.d2", "1e-12"]),
        ("affine:d0=5,d3=1", ["clock.d3", "prefill"]),
        ("p5:d0=5,d2=1", ["clock.d2", "d1"]),
    ],
)
def test_nonsense_is_refused(text, parts):
    """One line with the parameter and its value."""
    with pytest.raises(InputError) as caught:
        parse_clock(text)
    for part in parts:
        assert part in str(caught.value)


def test_ticks_are_whole_numbers():
    """A clock built by hand takes integers only."""
    with pytest.raises(InputError, match=r"clock\.d0 = 1\.5"):
        AffineClock(d0=1.5)
    with pytest.raises(InputError, match=r"clock\.arrival_unit = 0"):
        AffineClock(d0=1, arrival_unit=0)
    with pytest.raises(InputError, match="memory = 1000000000"):
        PRESETS["llama-2-70b-2xa100"].check_range(10**9)
    PRESETS["llama-2-70b-2xa100"].check_range(10**5)


# Two requests at 0, one in the middle of an iteration, one much later.
SMALL = Instance.of(20, [(0, 1, 3), (0, 2, 4), (15, 3, 3), (500, 3, 4)])


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_worked_example(engine):
    """Times by hand: d0=5, one a request, two a token, three a prompt token.

    Iteration 1 holds 2+3 units and prefills 1+2 tokens, two of them free:
    5 + 2 + 2*5 + 3*1 = 20, so the request due at 15 is seen at boundary 1.
    Iteration 2 holds 3+4+4 and prefills 3: 5 + 3 + 22 + 3 = 33, and ends at
    53. Iteration 3 holds 4+5+5: 5 + 3 + 28 = 36, at 89; the first is done.
    Iteration 4 holds 6+6: 5 + 2 + 24 = 31, at 120; the others are done. The
    worker idles until 500, which is boundary 4 still: 5+1+8+3 = 17, then
    5 + 1 + 2*5 = 16, 18 and 20.
    """
    clock = AffineClock(5, 1, 2, 3, 2, arrival_unit=1)
    result = simulate(SMALL, "mc-benchmark", engine, clock=clock)
    assert result.records["arrival"].tolist() == [0, 0, 1, 4]
    assert result.schedule.start.tolist() == [0, 0, 1, 4]
    times = result.times
    assert times.arrival.tolist() == [0, 0, 15, 500]
    assert times.begin.tolist() == [0, 0, 20, 500]
    assert times.first.tolist() == [20, 20, 53, 517]
    assert times.end.tolist() == [89, 120, 120, 571]
    rows = result.records
    assert rows["completion_s"].tolist() == [x / SECOND for x in times.end]
    assert result.clock == "affine:d0=0.000000005,d1=0.000000001," + (
        "d2=0.000000002,prefill=0.000000003,free=2"
    )


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_a_timed_schedule_passes_the_checker(engine):
    """Rounds of arrival make the schedule one that anybody can check."""
    rng = np.random.default_rng(3)
    clock = AffineClock(7, 2, 1, 1, arrival_unit=3)
    for _ in range(30):
        n = int(rng.integers(1, 20))
        arrival = np.sort(rng.integers(0, 200, n))
        output = rng.integers(1, 8, n)
        instance = Instance(20, arrival, rng.integers(0, 9, n), output)
        result = simulate(instance, "vllm-like", engine, clock=clock)
        verdict = verify(result.instance, result.schedule)
        assert verdict.ok, verdict
        # Seen at the first end of an iteration at or after the arrival.
        times, runs = result.times, result.schedule
        ends = dict(zip(runs.stop.tolist(), times.end.tolist(), strict=True))
        for due, seen in zip(
            times.arrival.tolist(), result.instance.arrival, strict=True
        ):
            if int(seen) in ends and int(seen) - 1 in ends:
                assert ends[int(seen) - 1] < due


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_times_out_of_range_are_refused(engine):
    """After 53 days the clock stops with one line, it does not wrap."""
    hour = AffineClock(3600 * SECOND, arrival_unit=SECOND)
    long = Instance.of(600, [(0, 0, 500)] * 3)
    with pytest.raises(InputError, match=r"clock = .*53 days in round"):
        simulate(long, "mc-sf", engine, clock=hour)
    late = Instance.of(9, [(10**7, 0, 1)])
    with pytest.raises(InputError, match=r"requests\[0\]\.arrival"):
        simulate(late, "mc-sf", engine, clock=hour)


@pytest.mark.parametrize("name", names())
def test_every_policy_runs_with_a_clock(name):
    """Also those that pause: an empty iteration takes d0."""
    policy = make_policy(name)
    rng = np.random.default_rng([5, len(name)])
    clock = AffineClock(7, 2, 1, 1, arrival_unit=5)
    for _ in range(6):
        n = int(rng.integers(2, 9))
        memory = int(rng.integers(20, 40))
        prompt = np.full(n, int(rng.integers(1, 4)))
        output = rng.integers(1, 9, n)
        online = policy.info.arrivals is Arrivals.ONLINE
        arrival = np.sort(rng.integers(0, 40 * online + 1, n))
        instance = Instance(
            memory,
            arrival,
            prompt,
            output,
            Predictions(lower=output, upper=output + 1, point=output),
        )
        try:
            result = simulate(instance, policy, clock=clock)
        except PolicyError as error:
            assert name == "alpha-greedy" and "livelock" in str(error)
            continue
        assert verify(result.instance, result.schedule).ok
        times, runs = result.times, result.schedule
        assert (times.begin >= times.arrival[runs.request]).all()
        # Every iteration takes d0 and a request of one unit, at least.
        rounds = runs.stop - runs.start
        assert (times.end - times.begin >= rounds * (7 + 2 + 1)).all()


def test_prompts_alone_take_an_iteration_of_their_own():
    """``d0`` twice where both are there; first tokens after the first part."""
    mixed = parse_clock("affine:d0=10,d1=1,d2=0.1,prefill=2,free=5")
    alone = parse_clock(
        "affine:d0=10,d1=1,d2=0.1,prefill=2,free=5,prompts=alone"
    )
    assert parse_clock(clock_spec(alone)) == alone != mixed
    # Three requests, one of them new with a prompt of 8, hold 100 units.
    assert mixed.iteration(3, 100, 8, 1) == (10 + 3 + 10 + 6) * MS
    assert alone.iteration(3, 100, 8, 1) == (20 + 3 + 10 + 6) * MS
    assert mixed.first_token(3, 100, 8, 1) == mixed.iteration(3, 100, 8, 1)
    # The new one holds 9 units at the end of its own iteration.
    assert alone.first_token(3, 100, 8, 1) == round((10 + 1 + 0.9 + 6) * MS)
    # Nothing to share: one iteration, as before.
    for batch, fresh in ((3, 0), (3, 3)):
        same = alone.iteration(batch, 100, 8, fresh)
        assert same == mixed.iteration(batch, 100, 8, fresh)


def test_prompts_take_at_least_the_floor():
    """However short they are; an iteration without prompts has none."""
    plain = parse_clock("affine:d0=10,d1=1,prefill=2,free=5")
    clock = parse_clock("affine:d0=10,d1=1,prefill=2,free=5,floor=7")
    for prompts, more in ((0, 7), (5, 7), (8, 7), (9, 8), (20, 30)):
        assert clock.iteration(3, 100, prompts, 1) == (13 + more) * MS
        assert clock.first_token(3, 100, prompts, 1) == (13 + more) * MS
    assert clock.iteration(3, 100) == plain.iteration(3, 100)
    with pytest.raises(InputError, match=r"clock\.floor"):
        parse_clock("affine:d0=10,floor=-1")


@pytest.mark.parametrize("value", ["", "yes", "Alone"])
def test_how_prompts_are_computed_has_two_words(value):
    """Anything but mixed and alone is refused, naming the field."""
    with pytest.raises(InputError, match="prompts"):
        parse_clock(f"affine:d0=1,prompts={value}")


@pytest.mark.parametrize(
    "clock",
    [PRESETS["llama-2-70b-2xa100-vidur"], AffineClock(d0=5, floor=2)],
)
def test_staged_runs_refuse_clocks_that_say_how_prompts_are_computed(clock):
    """There the policy makes the batches, and the clock has no say."""
    instance = Instance.of(30, [(0, 2, 3)])
    with pytest.raises(InputError, match="prompts=alone and floor"):
        simulate_staged(instance, "staged-fcfs", clock)
