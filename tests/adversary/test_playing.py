"""Adaptive families: what the adversary sees, releases and proves."""

from dataclasses import dataclass
from itertools import product
from math import isqrt

import numpy as np
import pytest

from kvopt.adversary.optimum import cheapest
from kvopt.adversary.playing import (
    ADVERSARIES,
    adversary_called,
    play,
    playable,
    refused,
)
from kvopt.check import check_witness
from kvopt.model import InputError, PolicyError
from kvopt.policies import make_policy, names
from kvopt.policies.base import Decision
from kvopt.policies.mc_sf import MCSF
from kvopt.workloads.families.deterministic_lower_bound import (
    DeterministicLowerBound,
)
from kvopt.workloads.families.randomized_lower_bound import (
    LargePrompt,
    best_expected_ratio,
    randomized_lower_bound,
)
from kvopt.workloads.long_and_shorts import LongAndShorts

SIZES = {256: 2.11, 1024: 3.57, 4096: 6.50, 10000: 9.80, 40000: 18.97}


def test_long_and_shorts_against_the_optimum_of_all_schedules():
    """On hundreds of tiny instances the best start is an optimal schedule."""
    rng = np.random.default_rng(0)
    for _ in range(400):
        memory = int(rng.integers(2, 9))
        prompt, short = rng.integers(0, memory, 2).tolist()
        game = LongAndShorts(
            memory=memory,
            prompt=prompt,
            output=int(rng.integers(1, memory - prompt + 1)),
            short_prompt=short,
            count=int(rng.integers(0, 5)),
            release=int(rng.integers(0, 7)),
        )
        instance = game.instance("", "")
        start = game.best_start()
        cost = game.cost(start)
        starts = game.starts(start)
        latency = sum(
            p + r.output - r.arrival
            for p, r in zip(starts, instance, strict=True)
        )
        assert latency == cost
        found = cheapest(instance, cost + 1, 10**6)
        assert found.proved and found.starts is not None
        best = sum(
            p + r.output - r.arrival
            for p, r in zip(found.starts, instance, strict=True)
        )
        assert best == cost, game


@pytest.mark.parametrize(("memory", "ratio"), SIZES.items())
def test_mc_sf_played_has_the_stated_ratios(memory, ratio):
    """MC-SF loses what readings.md 1.7(a) says, and more to the optimum."""
    played = play(DeterministicLowerBound(memory), "mc-sf", engine="fast")
    assert played.start == 0
    assert played.stated_ratio == pytest.approx(ratio, abs=0.005)
    assert played.reference_cost < played.stated_cost
    game = DeterministicLowerBound(memory).after(0)
    # Shortest first serves as many shorts as fit: the cost in closed form.
    assert played.cost == game.cost(0)


@pytest.mark.parametrize("name", playable())
def test_every_online_policy_loses_at_three_sizes(name):
    """The ratio grows with the size, for each policy that can be played.

    Not from every size to the next: what Rect loses depends on how near the
    long request is to one of its doubling caps.
    """
    ratios = [
        play(DeterministicLowerBound(memory), name).ratio
        for memory in (64, 256, 576)
    ]
    assert min(ratios) > 1
    assert max(ratios[:2]) < ratios[2]


def test_every_policy_is_played_or_refused():
    """At least eleven can be played; the others are refused, with a reason."""
    assert len(playable()) >= 11
    assert {*playable(), *refused()} == set(names())
    for name in refused():
        with pytest.raises(InputError, match="all there at 0"):
            play(LargePrompt(4), name)


@dataclass(frozen=True)
class Waits(MCSF):
    """MC-SF that starts nothing before a round."""

    first: int = 0

    @property
    def idles(self):
        """It waits for its round."""
        return True

    @property
    def composition(self):
        """None of the compositions."""
        raise AssertionError

    @property
    def information(self):
        """As MC-SF."""
        return MCSF().information

    @property
    def livelock(self):
        """It cancels nothing."""
        return "none"

    def session(self, setup):
        """Return MC-SF's decisions from the first round on."""
        inner = make_policy("mc-sf").session(setup)
        unseen = []

        def decide(view):
            unseen.extend(view.arrived)
            if view.round < self.first:
                return Decision(())
            seen = view._replace(arrived=list(unseen))
            unseen.clear()
            return inner(seen)

        return decide


@pytest.mark.parametrize("first", [0, 3, 9, 40])
@pytest.mark.parametrize("kind", [DeterministicLowerBound, LargePrompt])
def test_the_release_follows_the_start(first, kind):
    """The adversary sees when a policy starts, however late that is."""
    adversary = kind(16)
    played = play(adversary, Waits(first=first), engine="reference")
    assert played.start == first
    assert played.instance == adversary.answer(first)
    assert int(played.instance.arrival[-1]) > first
    assert played.reference_cost <= played.stated_cost


@dataclass(frozen=True)
class Clairvoyant(Waits):
    """A policy that knows how many requests there will be."""

    calls: tuple[int, ...] = ()

    def session(self, setup):
        """Begin later in the second run than in the first and third."""
        RUNS.append(0)
        first = 5 if len(RUNS) == 2 else 0
        return Waits(first=first).session(setup)


RUNS: list[int] = []


def test_a_policy_that_sees_the_future_is_found_out():
    """Another start on the grown instance is an error, not a result."""
    RUNS.clear()
    with pytest.raises(PolicyError, match="before round"):
        play(LargePrompt(4), Clairvoyant(), engine="reference")


def test_large_prompt_costs():
    """The costs in closed form are those of the play, optimum included."""
    for size in (2, 5, 16, 33):
        played = play(LargePrompt(size), "mc-sf")
        assert played.cost == size + size * size
        assert played.stated_cost == 2 * size + 2
        assert played.reference_cost == played.stated_cost


def test_plays_are_witnesses():
    """The checker accepts the witness of a play."""
    for name, kind in ADVERSARIES.items():
        size = {"deterministic-lower-bound": 64, "large-prompt": 8}[name]
        witness = play(kind(size), "svf").witness()
        assert check_witness(witness.document()).ok


@pytest.mark.parametrize(
    ("size", "ratio"),
    [(16, 1.56), (64, 2.27), (256, 3.62), (1024, 6.30), (4096, 11.63)],
)
def test_yao_bound_has_the_stated_values(size, ratio):
    """The exact ratios of readings.md 1.7(b), to two places."""
    assert float(best_expected_ratio(size)) == pytest.approx(ratio, abs=0.006)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_yao_bound_by_enumeration(size):
    """The bound is that of all starts, each simulated on all outcomes."""
    last = isqrt(size**3)
    outcomes = [randomized_lower_bound(size, None)] + [
        randomized_lower_bound(size, r) for r in range(1, last + 1)
    ]

    def mean(costs):
        return costs[0] / 2 + sum(costs[1:]) / last / 2

    def answer(instance, first):
        """Start the long at ``first``, or after shorts that come by then."""
        cost = 10**9
        length = int(instance.output[0])
        shorts = len(instance) - 1
        release = int(instance.arrival[-1])
        for b, p in product(range(last + 4 * size), repeat=2):
            after = p >= b + length or p + 1 <= b
            early = shorts and release <= first
            if not early and b != first:
                continue
            if not shorts:
                cost = min(cost, b + length)
            elif p >= release and after and b >= (release if early else 0):
                cost = min(cost, b + length + shorts * (p + 1 - release))
        return cost

    optimum = []
    for instance in outcomes:
        found = cheapest(instance, 10**6, 10**6)
        assert found.proved
        starts = found.starts
        optimum.append(
            sum(
                p + r.output - r.arrival
                for p, r in zip(starts, instance, strict=True)
            )
        )
    policies = [
        mean([answer(i, first) for i in outcomes]) for first in range(last + 1)
    ]
    expected = min(policies) / mean(optimum)
    assert float(best_expected_ratio(size)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("trap", {}, "FAMILY"),
        ("large-prompt", {"memory": "4"}, "memory"),
        ("large-prompt", {"size": "x"}, "size"),
        ("large-prompt", {"size": "0"}, "size"),
        ("deterministic-lower-bound", {"memory": "3"}, "memory"),
    ],
)
def test_bad_parameters_are_refused(name, values, field):
    """Unknown families and parameters, and values out of range, by name."""
    with pytest.raises(InputError) as error:
        adversary_called(name, values)
    assert error.value.field == field
