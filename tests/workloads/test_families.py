"""The parametric families: the numbers that readings.md gives for them."""

from itertools import product
from math import isqrt, sqrt

import numpy as np
import pytest

from kvopt.model import InputError, Schedule
from kvopt.workloads.families.deterministic_lower_bound import (
    deterministic_lower_bound,
)
from kvopt.workloads.families.randomized_lower_bound import (
    draw_release,
    randomized_lower_bound,
)
from kvopt.workloads.families.three_partition import (
    three_partition,
    yes_latency,
)
from kvopt.workloads.families.trap import trap
from kvopt.workloads.families.two_point import TwoPoint, two_point


def peak_usage(instance, starts):
    """Largest memory in any round, added up request by request."""
    used = {}
    for request, start in zip(instance, starts, strict=True):
        for k in range(1, request.output + 1):
            used[start + k] = used.get(start + k, 0) + request.prompt + k
    return max(used.values())


def trap_latencies(instance, heavy):
    """Total latency with the heavy ones first, and with the light first."""
    light = len(instance) - heavy
    bad = [*range(heavy), *[heavy] * light]
    good = [*range(2, heavy + 2), *[0] * light]
    for starts in (bad, good):
        assert peak_usage(instance, starts) <= instance.memory
    return tuple(
        Schedule.from_starts(instance, starts).total_latency(instance)
        for starts in (bad, good)
    )


def test_trap_oracle():
    """M=60, K=9: 265 with the heavy ones first, 103 with the light first."""
    instance = trap(60, 9)
    assert [tuple(r) for r in instance] == [(0, 59, 1)] * 9 + [(0, 1, 2)] * 20
    assert trap_latencies(instance, 9) == (265, 103)
    assert trap(60) == instance


@pytest.mark.parametrize(
    ("memory", "ratio"), [(300, 5.36), (3000, 16.2), (30000, 50.4)]
)
def test_trap_ratio_grows_like_the_root_of_memory(memory, ratio):
    """The ratios of readings.md 2.3 at the worst number of heavy requests."""
    instance = trap(memory)
    heavy = int((instance.output == 1).sum())
    light = len(instance) - heavy
    bad = heavy * (heavy + 1) // 2 + light * (heavy + 2)
    good = 2 * light + sum(2 + k for k in range(1, heavy + 1))
    assert bad / good == pytest.approx(ratio, abs=0.05)
    assert bad / good == pytest.approx(0.289 * sqrt(memory), rel=0.08)


def test_two_point_published():
    """6 x (96,160), then 194 x (96,1), M = 256; mean area bound 49.62."""
    instance = two_point()
    expected = [(0, 96, 160)] * 6 + [(0, 96, 1)] * 194
    assert [tuple(r) for r in instance] == expected
    area = np.cumsum(np.sort(instance.volume)).sum() / instance.memory
    assert area / len(instance) == pytest.approx(49.62, abs=0.005)


def test_two_point_order():
    """``long_first=False`` lists the short ones first."""
    instance = two_point(TwoPoint(long=2, short=3, long_first=False))
    assert instance.output.tolist() == [1, 1, 1, 160, 160]


def long_first_cost(instance):
    """Total latency of the long request from 0, shorts as soon as they fit."""
    memory, shorts = instance.memory, len(instance) - 1
    release = int(instance.arrival[1])
    cost, t = memory - 1, release
    while shorts:
        t += 1
        held = 1 + t if t <= memory - 1 else 0
        served = min(shorts, (memory - held) // 2)
        cost += served * (t - release)
        shorts -= served
    return cost


@pytest.mark.parametrize(
    ("memory", "ratio"),
    [(256, 2.11), (1024, 3.57), (4096, 6.50), (10000, 9.80), (40000, 18.97)],
)
def test_deterministic_lower_bound_oracle(memory, ratio):
    """The ratios of readings.md 1.7(a) for a policy that starts at once."""
    instance = deterministic_lower_bound(memory, start=0)
    shorts = len(instance) - 1
    assert shorts == memory // 2
    release = int(instance.arrival[1])
    assert release == memory - 1 - int(sqrt(memory) / 2)
    # All shorts in the round after their release, then the long request.
    reference = shorts + (release + 1) + (memory - 1)
    found = long_first_cost(instance) / reference
    assert found == pytest.approx(ratio, abs=0.02)


def test_deterministic_lower_bound_follows_the_start():
    """Starting later moves the shorts by as much."""
    early, late = (deterministic_lower_bound(100, b) for b in (0, 17))
    assert (late.arrival[1:] - early.arrival[1:] == 17).all()


def test_randomized_lower_bound_lengths():
    """No short fits beside the long request; all shorts fit together."""
    for size in (1, 2, 16, 64):
        instance = randomized_lower_bound(size, 1)
        long, short, *_ = instance
        assert len(instance) == size + 1
        free = instance.memory - (long.prompt + 1)
        assert short.prompt + short.output > free
        assert size * (short.prompt + short.output) == instance.memory
        assert long.prompt + long.output == instance.memory


def yao_cost(instance, start):
    """Total latency when the long request starts at ``start`` if alone."""
    length, shorts = int(instance.output[0]), len(instance) - 1
    if not shorts:
        return start + length
    release = int(instance.arrival[1])
    if release <= start:
        return shorts + release + 1 + length
    wait = max(release, start + length) + 1 - release
    return start + length + shorts * wait


@pytest.mark.parametrize(("size", "ratio"), [(16, 1.56), (64, 2.27)])
def test_randomized_lower_bound_oracle(size, ratio):
    """Best expected ratio over all start rounds, as in readings.md 1.7(b)."""
    last = isqrt(size**3)
    alone = randomized_lower_bound(size, None)
    others = [randomized_lower_bound(size, r) for r in range(1, last + 1)]

    def expected(cost):
        return (cost(alone) + sum(map(cost, others)) / last) / 2

    policy = min(
        expected(lambda i, b=b: yao_cost(i, b)) for b in range(last + 1)
    )
    best = expected(lambda i: min(yao_cost(i, 0), yao_cost(i, 10**9)))
    # Alone, the long request starts at once.
    best -= (yao_cost(alone, 0) - size) / 2
    assert policy / best == pytest.approx(ratio, abs=0.01)


def test_release_is_never_half_of_the_time():
    """The release is None with probability 1/2, else in 1..floor(N^1.5)."""
    rng = np.random.default_rng(0)
    drawn = [draw_release(rng, 9) for _ in range(4000)]
    rounds = [r for r in drawn if r is not None]
    assert abs(len(rounds) / 4000 - 0.5) < 0.05
    assert (min(rounds), max(rounds)) == (1, 27)


@pytest.mark.parametrize(
    ("numbers", "answer"),
    [
        ((6, 6, 8, 6, 7, 7), True),
        ((8, 6, 7, 6, 7, 6), True),
        # B = 23 is odd and every sum of three even numbers is even.
        ((6, 6, 8, 8, 8, 10), False),
    ],
)
def test_three_partition_reaches_its_bound_iff_yes(numbers, answer):
    """Over all schedules in rounds 1..4, the least TEL is 9 iff yes."""
    instance = three_partition(numbers)
    totals = [
        sum(starts) + len(starts)
        for starts in product(range(4), repeat=len(numbers))
        if peak_usage(instance, starts) <= instance.memory
    ]
    assert min(totals) >= yes_latency(2) == 9
    assert (min(totals) == 9) is answer


def test_yes_latency():
    """Three requests in each of rounds 1..m."""
    for m in range(1, 6):
        assert yes_latency(m) == sum(3 * t for t in range(1, m + 1))


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: trap(2), "memory"),
        (lambda: trap(60, 0), "heavy"),
        (lambda: trap(60.0), "memory"),
        (lambda: TwoPoint(long=-1), "long"),
        (lambda: two_point(TwoPoint(long=0, short=0)), "requests"),
        (
            lambda: two_point(TwoPoint(memory=255)),
            "requests[0].prompt + output",
        ),
        (lambda: deterministic_lower_bound(3, 0), "memory"),
        (lambda: deterministic_lower_bound(16, -1), "start"),
        (lambda: randomized_lower_bound(0, None), "size"),
        (lambda: randomized_lower_bound(4, 9), "release"),
        (lambda: randomized_lower_bound(4, 0), "release"),
        (lambda: three_partition([]), "numbers"),
        (lambda: three_partition([6, 7]), "numbers"),
        (lambda: three_partition([6, 6, 8, 6, 7, 8]), "sum of numbers"),
        (lambda: three_partition([5, 7, 8, 6, 7, 7]), "numbers[0]"),
        (lambda: three_partition([6, 6, 8, 10, 4, 6]), "numbers[3]"),
        (lambda: three_partition([6, 6.5, 7.5]), "requests[1].numbers"),
    ],
)
def test_bad_family_parameters_are_refused(build, field):
    """Parameters outside the family are refused by name."""
    with pytest.raises(InputError) as error:
        build()
    assert error.value.field == field
