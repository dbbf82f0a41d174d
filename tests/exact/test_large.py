"""The solver for many requests: feasible, never worse than a policy."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.check import verify
from kvopt.exact import lower_bound, solve
from kvopt.exact.control.session import Session
from kvopt.exact.large import kernels
from kvopt.exact.large.annealing import Anneal, AnnealingParams, Profile
from kvopt.exact.large.backend import rounds_for
from kvopt.exact.large.packing import packing_keys
from kvopt.exact.solving import choose
from kvopt.exact.warm_start import one_by_one, run_policy, start_policies
from kvopt.model import Instance, Schedule, Status
from kvopt.policies import parse_policy

BYPASS = [f"svf-bypass:most={w}" for w in (0, 1, 3, 10, 30, 100)]


def draw(rng, n, memory, spread=0):
    """n requests of mixed sizes; arrivals up to ``spread``."""
    prompt = rng.integers(0, memory // 2, n)
    output = rng.integers(1, memory - prompt + 1)
    short = rng.random(n) < 0.7
    output[short] = np.minimum(output[short], rng.integers(1, 6))
    arrival = np.sort(rng.integers(0, spread + 1, n))
    return Instance(memory, arrival, prompt, output)


def profile_of(instance):
    """An empty profile with room for every schedule that is serial."""
    longest = int(instance.arrival.max() + 2 * instance.output.sum())
    return Profile(instance, longest)


def usage(instance, starts, rounds):
    """Units in use in each round, added up one by one."""
    used = np.zeros(rounds, np.int64)
    for request, p in zip(instance, starts, strict=True):
        for k in range(1, request.output + 1):
            used[p + k] += request.prompt + k
    return used


def first_fit(instance, request, used, earliest=0):
    """The earliest start that fits, by trying all."""
    p = max(earliest, request.arrival)
    held = request.prompt + np.arange(1, request.output + 1)
    while (used[p + 1 : p + 1 + held.size] + held > instance.memory).any():
        p += 1
    return p


def test_insertion_is_the_earliest_fit():
    """Each request of an order starts at the first round that fits it, among
    whatever was placed before, earlier or later in time.
    """
    rng = np.random.default_rng(0)
    for _ in range(300):
        memory = int(rng.integers(4, 40))
        spread = int(rng.choice([0, 15]))
        instance = draw(rng, int(rng.integers(1, 25)), memory, spread)
        profile = profile_of(instance)
        order = rng.permutation(len(instance))
        assert profile.decode(order)
        requests = list(instance)
        used = np.zeros(profile.rounds, np.int64)
        for i in order:
            p = first_fit(instance, requests[i], used)
            assert profile.start[i] == p
            span = slice(p + 1, p + 1 + requests[i].output)
            used[span] += requests[i].prompt
            used[span] += np.arange(1, requests[i].output + 1)


def test_compacting_leaves_nothing_to_the_left():
    """Compacting only moves requests to earlier starts that fit."""
    rng = np.random.default_rng(1)
    saved = 0
    for _ in range(100):
        instance = draw(rng, 12, int(rng.integers(6, 30)))
        profile = profile_of(instance)
        apart = np.cumsum(instance.output) - instance.output
        profile.load(apart)
        fell = profile.compact()
        assert fell == int((apart - profile.start).sum())
        assert (profile.start <= apart).all()
        used = usage(instance, profile.start, profile.rounds)
        assert used.max() <= instance.memory
        saved += fell
    assert saved > 0


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_annealing_keeps_the_profile(workers):
    """After any phases the profile is that of the starts, within memory."""
    rng = np.random.default_rng(2)
    for seed in range(12):
        memory = int(rng.integers(8, 60))
        instance = draw(rng, 80, memory, int(rng.choice([0, 200])))
        profile = profile_of(instance)
        assert profile.decode(rng.permutation(80))
        before = int(profile.start.sum())
        params = AnnealingParams(hot=3.0, pause=(100, 0.0), phase=300)
        anneal = Anneal(profile, workers, seed, params)
        shares = iter([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
        kept = []
        anneal.run(lambda shares=shares: next(shares), kept.append)
        used = usage(instance, profile.start, profile.rounds)
        assert (used == profile.arrays[0]).all()
        assert used.max() <= memory
        assert (profile.start >= instance.arrival).all()
        ends = np.bincount(
            profile.start + instance.output, minlength=profile.rounds
        )
        assert (ends == profile.arrays[1]).all()
        assert not kept or int(kept[-1].sum()) <= before + 10**6


def plain_move(rng, instance, order, start, heat, most, spread):
    """One move of annealing by its description, all usage added up anew."""
    requests, n = list(instance), len(instance)
    count = 2 + int(rng.random() * (most - 1))
    width = 1 + int(count * (1 + rng.random() * spread))
    first = int(rng.random() * n) - width // 2
    places = [first + int(rng.random() * width) for _ in range(count)]
    chosen = list(dict.fromkeys(order[x] for x in places if 0 <= x < n))
    level = 0.6 * rng.random()
    shift = [level * (2 * rng.random() - 1) for _ in chosen]
    key = [
        instance.volume[i] * np.exp(x)
        for i, x in zip(chosen, shift, strict=True)
    ]
    most_risen = -heat * np.log(1 - rng.random())
    moved = start.copy()
    there = [i for i in range(n) if i not in chosen]
    for x in np.argsort(key, kind="stable"):
        others = Instance(
            instance.memory,
            instance.arrival[there],
            instance.prompt[there],
            instance.output[there],
        )
        rounds = int(start.max() + 3 * instance.output.sum())
        used = usage(others, moved[there], rounds)
        request = requests[chosen[x]]
        # What was taken out leaves no room before its first round.
        earliest = int(start[chosen].min()) - request.output
        moved[chosen[x]] = first_fit(instance, request, used, earliest)
        there.append(chosen[x])
    return moved if (moved - start).sum() <= most_risen else start


@pytest.mark.parametrize("heat", [0.5, 6.0])
def test_moves_are_as_described(heat):
    """Whatever a move leaves out, it ends as one that tries all rounds."""
    rng = np.random.default_rng([13, int(heat)])
    changed = 0
    for seed in range(50):
        instance = draw(rng, 20, int(rng.integers(8, 60)))
        profile = profile_of(instance)
        assert profile.decode(rng.permutation(20))
        profile.compact()
        one, two = (np.random.default_rng(seed) for _ in range(2))
        for _ in range(20):
            before = profile.start.copy()
            order = np.argsort(before, kind="stable")
            expected = plain_move(one, instance, order, before, heat, 5, 4.0)
            kernels.destroy_and_repair(
                two,
                profile.arrays,
                profile.requests,
                instance.volume.astype(float),
                order,
                0,
                profile.last,
                (1, 2, 5, 4.0, 0.6),
                heat,
                profile.start,
            )
            assert (profile.start == expected).all()
            changed += (before != expected).any()
    assert changed > 60


@pytest.mark.parametrize(
    ("block", "count"),
    [(0, 150), pytest.param(1, 4_000, marks=pytest.mark.long)],
)
def test_between_bound_and_optimum(block, count):
    """On tiny instances bound <= optimum <= objective, and often equality."""
    rng = np.random.default_rng([3, block])
    met = 0
    for _ in range(count):
        instance = draw(
            rng,
            int(rng.integers(2, 7)),
            int(rng.integers(3, 12)),
            int(rng.choice([0, 6])),
        )
        optimum = solve(instance, "brute-force").objective
        found = solve(instance, "large", workers=1)
        verdict = verify(instance, found.schedule)
        assert verdict.ok
        assert verdict.total_latency == found.objective
        assert found.lower_bound <= optimum <= found.objective
        met += found.objective == optimum
    assert met > count / 2


def keys_of(instance, time_limit=None):
    """The keys that pack, or None."""
    starts = one_by_one(instance)
    session = Session(instance, time_limit, starts, lower_bound(instance))
    latency = Schedule.from_starts(instance, starts).total_latency(instance)
    return packing_keys(instance, latency, session)


def test_wide_requests_are_packed():
    """Requests around 0.6 and 0.35 of the memory are ordered so that more
    run side by side than in the order of volumes, which takes small ones
    first.
    """
    rng = np.random.default_rng(11)
    for _ in range(2):
        prompt = np.where(np.arange(200) % 2, 560, 350)
        prompt += rng.integers(0, 40, 200)
        output = rng.integers(10, 30, 200)
        instance = Instance(1_000, np.zeros(200, np.int64), prompt, output)
        profile = profile_of(instance)
        sums = []
        for keys in (instance.volume, keys_of(instance)):
            assert profile.decode(np.argsort(keys, kind="stable"))
            sums.append(int(profile.start.sum()))
        assert sums[1] < 0.98 * sums[0]


def test_an_order_that_packs_has_room():
    """The profile has room for the order that packs, also where it ends
    later than a policy's schedule.
    """
    rng = np.random.default_rng(12)
    later = 0
    for _ in range(6):
        wide = rng.random(400) < 0.5
        prompt = np.where(wide, 550, 475) + rng.integers(-25, 25, 400)
        output = rng.integers(1, 8, 400)
        instance = Instance(1_000, np.zeros(400, np.int64), prompt, output)
        starts = run_policy(instance, parse_policy("svf-bypass"), 0)
        profile = Profile(instance, rounds_for(instance, np.array(starts)))
        order = np.argsort(keys_of(instance), kind="stable")
        assert profile.decode(order)
        end = int((profile.start + output).max())
        later += end > max(np.array(starts) + output)
    assert later > 0


def test_keys_wait_for_arrivals():
    """No request is ordered before it arrives."""
    rng = np.random.default_rng(9)
    for _ in range(3):
        prompt = rng.integers(40, 60, 40)
        arrival = np.sort(rng.integers(0, 2_000, 40))
        output = rng.integers(1, 40, 40)
        instance = Instance(100, arrival, prompt, output)
        assert (keys_of(instance) >= arrival).all()


def test_narrow_requests_are_ordered_by_volume():
    """Where few need half of the memory there is no other order."""
    instance = draw(np.random.default_rng(10), 50, 60)
    prompt, output = instance.prompt, instance.output
    narrow = Instance(240, instance.arrival, prompt, output)
    assert keys_of(narrow) is None


@pytest.mark.parametrize("spread", [0, 150])
def test_never_worse_than_a_policy(spread):
    """The schedule is at least as good as that of every policy that needs
    no predictions.
    """
    rng = np.random.default_rng([4, spread])
    for seed in range(6):
        instance = draw(rng, 50, int(rng.integers(10, 80)), spread)
        found = solve(instance, "large", workers=2, seed=seed)
        policies = [*start_policies(instance), *map(parse_policy, BYPASS)]
        for policy in policies:
            starts = run_policy(instance, policy, seed)
            if starts is not None:
                schedule = Schedule.from_starts(instance, starts)
                assert found.objective <= schedule.total_latency(instance)


@pytest.mark.parametrize("workers", [1, 2])
def test_same_seed_same_schedule(workers):
    """Without a time limit the seed decides, whatever the threads do."""
    instance = draw(np.random.default_rng(5), 230, 60)
    one, two = (
        solve(instance, "large", workers=workers, seed=7) for _ in range(2)
    )
    assert one.schedule == two.schedule
    assert one.status is Status.FEASIBLE
    assert one.reason.startswith("annealing ended after")


def test_tiny_limit_gives_policy_and_bound():
    """A limit too small for anything still gives our policy's schedule."""
    instance = draw(np.random.default_rng(6), 400, 100)
    found = solve(instance, "large", time_limit=1e-3, workers=2)
    starts = run_policy(instance, parse_policy("svf-bypass"), 0)
    best = Schedule.from_starts(instance, starts).total_latency(instance)
    assert found.objective <= best
    assert found.lower_bound == lower_bound(instance).value
    assert found.status is Status.TIME_LIMIT


def test_interruption_keeps_schedule_bound_and_certificate():
    """Ctrl-C in the middle gives the incumbent, the bound and its proof."""
    instance = draw(np.random.default_rng(7), 500, 200)
    first = lower_bound(instance)
    events = []

    def interrupting(event):
        events.append(event.objective)
        if len(events) == 3:
            raise KeyboardInterrupt

    found = solve(instance, "large", progress=interrupting, workers=2)
    assert (found.status, found.reason) == (Status.FEASIBLE, "interrupted")
    assert found.objective <= min(events)
    assert found.certificate.value >= first.value
    assert verify(instance, found.schedule).total_latency == found.objective


def test_profile_needs_its_memory():
    """Where the rounds do not fit into the limit, a policy has to do."""
    long = 10**7
    instance = Instance.of(
        2 * long + 1, [(0, 0, long), (0, 1, 2 * long), (0, 1, long + 1)]
    )
    found = solve(instance, "large", memory_limit=1 / 16)
    assert found.reason.startswith("no memory for a profile of")
    assert verify(instance, found.schedule).ok


def test_auto_takes_it_for_many_requests():
    """From 200 requests on auto is this solver, below it is the search."""
    rng = np.random.default_rng(8)
    names = [choose(draw(rng, n, 50)).info.name for n in (199, 200)]
    assert names == ["search", "large"]
