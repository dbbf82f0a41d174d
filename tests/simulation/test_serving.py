"""Blocks, chunks and kept tokens: both engines, the checker, bad input."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from kvopt.analysis.metrics import metrics_of
from kvopt.check import check_files, verify
from kvopt.model import (
    InputError,
    Instance,
    PolicyError,
    Predictions,
    Schedule,
    load_schedule,
    save_instance,
    save_schedule,
)
from kvopt.model.serving import (
    PLAIN,
    ServingRules,
    parse_serving,
    serving_spec,
)
from kvopt.policies import names, parse_policy
from kvopt.policies.base import Arrivals, Hint, Job
from kvopt.policies.composed import ComposedPolicy
from kvopt.policies.prefill import Prefill, first_tokens
from kvopt.simulation import simulate
from kvopt.simulation.clocks import PRESETS, UNIT_ROUNDS, AffineClock
from kvopt.simulation.engine import engine_of, sooner
from tests.simulation.test_engines_agree import Mixed, random_composition

SPECS = tuple(
    spec
    for spec in (
        *names(),
        "mc-sf:misfit=skip",
        "mc-sf:lengths=point,misfit=skip,margin=0.05",
        "mc-sf:lengths=upper,batch=3",
        "alpha-greedy:alpha=0.1",
        "alpha-beta-clearing:alpha=0.3,beta=0.7",
        "a-max:order=arrival",
        "a-min:update=continuous",
        "svf-1-bit:longest=16",
        "svf-bypass:most=1",
        "vllm-watermark:reserve=0.2,batch=4",
        "vllm-watermark:spare=1",
    )
    if isinstance(parse_policy(spec), ComposedPolicy)
)


def random_instance(rng, rules, online=True):
    """A small instance whose requests fit into whole blocks one by one."""
    memory = int(rng.integers(6, 31))
    capacity = rules.capacity(memory)
    n = int(rng.integers(1, 16))
    most = int(rng.integers(1, 8))
    prompt = rng.integers(0, min(most, capacity - 1) + 1, n)
    output = rng.integers(1, capacity - prompt + 1)
    spread = int(rng.choice([0, 5, 40])) if online else 0
    arrival = np.sort(rng.integers(0, spread + 1, n))
    lower = rng.integers(1, output + 1)
    upper = rng.integers(output, memory - prompt + 1)
    point = rng.integers(1, memory - prompt + 4)
    forecast = Predictions(lower, upper, point)
    return Instance(memory, arrival, prompt, output, forecast)


def random_clock(rng, alone):
    """Counted rounds, or a clock with numbers of one digit."""
    if rng.random() < 0.4:
        return UNIT_ROUNDS
    d0, d1, d2, prefill, free = (
        int(rng.integers(low, 6)) for low in (1, 0, 0, 0, 0)
    )
    unit = int(rng.integers(1, 40))
    floor = int(rng.integers(0, 9)) if rng.random() < 0.3 else 0
    return AffineClock(d0, d1, d2, prefill, free, alone, unit, floor)


def outcome(instance, spec, engine, seed, clock, rules):
    """Everything that a run gives, or how the policy was reported."""
    try:
        result = simulate(
            instance, spec, engine, seed, clock=clock, serving=rules
        )
    except PolicyError as error:
        assert "uses" not in str(error), error
        return "livelock" if "livelock" in str(error) else str(error)
    verdict = verify(result.instance, result)
    assert verdict.ok, verdict.lines()
    return (
        result.schedule,
        result.times,
        result.tokens.tolist(),
        result.instance.arrival.tolist(),
    )


def random_rules(rng):
    """Rules of a server, each of them drawn."""
    budget = int(rng.integers(1, 9)) if rng.random() < 0.7 else None
    return ServingRules(
        block=int(rng.choice((1, 2, 3, 5))),
        budget=budget,
        restart=str(rng.choice(("discard", "recompute"))),
    )


def check_engines(policy, seed, online, rng):
    """Compare the engines once; return whether there was a schedule."""
    rules = random_rules(rng)
    instance = random_instance(rng, rules, online)
    alone = rules.budget is None and bool(rng.random() < 0.3)
    clock = random_clock(rng, alone)
    fast, reference = (
        outcome(instance, policy, engine, seed, clock, rules)
        for engine in ("fast", "reference")
    )
    assert fast == reference, (policy, rules, clock, instance.document())
    return not isinstance(fast, str)


def check_policy(spec, seeds):
    """Compare the engines on random instances, clocks and rules."""
    policy = parse_policy(spec)
    online = policy.info.arrivals is Arrivals.ONLINE
    found = 0
    for seed in seeds:
        rng = np.random.default_rng([3, seed, crc32(spec.encode())])
        found += check_engines(policy, seed, online, rng)
    assert found


@pytest.mark.parametrize("spec", SPECS)
def test_engines_agree_under_the_rules_of_a_server(spec):
    """By blocks, chunks, kept tokens both make the same runs and ticks.

    The checker accepts them, for every policy that is a composition. No
    policy exceeds the memory: those that look ahead would if they foresaw
    wrongly how long prompts take.
    """
    check_policy(spec, range(10 if "beta" in spec else 40))


@pytest.mark.long
@pytest.mark.parametrize("spec", SPECS)
def test_thousands_of_instances_under_the_rules_of_a_server(spec):
    """The same on hundreds of instances for each policy."""
    check_policy(spec, range(1000, 1060 if "beta" in spec else 1600))


@pytest.mark.parametrize(
    "seeds",
    [range(150), pytest.param(range(150, 5150), marks=pytest.mark.long)],
)
def test_any_composition_agrees_under_the_rules_of_a_server(seeds):
    """So do both engines on compositions that no paper has named."""
    found = 0
    for seed in seeds:
        rng = np.random.default_rng([10, seed])
        cap = int(rng.integers(1, 5)) if rng.random() < 0.3 else None
        policy = Mixed(random_composition(rng), batch=cap)
        if policy.livelock == "patience" and rng.random() < 0.8:
            # It is given up only after thousands of rounds.
            continue
        found += check_engines(policy, seed, True, rng)
    assert found > len(seeds) // 3


def test_chunks_count_where_the_engine_is_chosen(monkeypatch):
    """A request whose prompt takes many rounds is not for round by round."""
    monkeypatch.delitem(sys.modules, "kvopt.simulation.fast", raising=False)
    instance = Instance.of(100_000, [(0, 50_000, 3)])
    policy = parse_policy("fcfs")
    for budget, engine in (
        (None, "reference"),
        (90, "reference"),
        (9, "fast"),
    ):
        assert sooner(instance, policy, ServingRules(budget=budget)) == engine


def test_chunks_outlive_a_pause_and_more_requests(monkeypatch):
    """Pausing after every few steps and growing buffers change nothing."""
    from kvopt.simulation.fast import engine

    rng = np.random.default_rng(12)
    n = 300
    instance = Instance(
        3000,
        np.sort(rng.integers(0, 300, n)),
        rng.integers(0, 40, n),
        rng.integers(1, 60, n),
    )
    clock = AffineClock(3, 1, 1, 1, 5, arrival_unit=40)
    for spec, budget in (("mc-sf", 90), ("vllm-like", 130), ("svf", 100)):
        rules = ServingRules(4, budget, "recompute")
        row = (instance, spec, "fast", 1, clock, rules)
        whole = outcome(*row)
        monkeypatch.setattr(engine, "STEPS", 7)
        assert outcome(*row) == whole
        monkeypatch.undo()
        assert outcome(instance, spec, "reference", *row[3:]) == whole


def test_a_budget_for_everything_changes_nothing():
    """With a budget that no round exhausts the runs are the papers'."""
    rng = np.random.default_rng(5)
    for seed in range(200):
        spec = SPECS[seed % len(SPECS)]
        online = parse_policy(spec).info.arrivals is Arrivals.ONLINE
        instance = random_instance(rng, PLAIN, online)
        ample = ServingRules(budget=10**6)
        clock = random_clock(rng, alone=False)
        try:
            plain = simulate(instance, spec, "reference", clock=clock)
            chunked = simulate(
                instance, spec, "reference", clock=clock, serving=ample
            )
        except PolicyError:
            continue
        for name in ("request", "start", "stop", "completed"):
            columns = (getattr(r.schedule, name) for r in (plain, chunked))
            assert np.array_equal(*columns)
        assert plain.times == chunked.times
        assert plain.records.tolist() == chunked.records.tolist()


def naive_first_tokens(turn, ends, now, budget):
    """Round by round: what is left of the budget goes to the next prompt."""
    left = [prefill.left for prefill in turn]
    last, firsts, time = list(ends), [], now
    while len(firsts) < len(turn):
        time += 1
        room = max(0, budget - sum(end >= time for end in last))
        done = []
        for i in range(len(firsts), len(turn)):
            part = min(left[i], room)
            left[i] -= part
            room -= part
            if left[i]:
                break
            done.append(time + turn[i].length - 1)
            firsts.append(time)
        last += done
    return firsts


def test_first_tokens_are_foreseen():
    """Rounds that are taken together give what single rounds give."""
    rng = np.random.default_rng(6)
    for _ in range(3000):
        now = int(rng.integers(0, 5))
        turn = [
            Prefill(int(rng.integers(0, 12)), int(rng.integers(1, 9)))
            for _ in range(rng.integers(0, 6))
        ]
        ends = rng.integers(now + 1, now + 9, rng.integers(0, 6)).tolist()
        budget = int(rng.integers(1, 7))
        assert first_tokens(turn, ends, now, budget) == naive_first_tokens(
            turn, ends, now, budget
        )


def naive_verdict(instance, runs, rules):
    """Whether the runs are right, and the peak: every round by itself."""
    output, prompt = instance.output.tolist(), instance.prompt.tolist()
    state, kept, peak, right = {}, dict.fromkeys(range(len(instance)), 0), 0, 1
    completed = [r.request for r in runs if r.completed]
    right &= sorted(completed) == list(range(len(instance)))
    for time in range(max(r.stop for r in runs) + 1):
        for run in [r for r in state if r.stop == time]:
            made, _ = state.pop(run)
            whole = output[run.request] - kept[run.request]
            right &= made == whole if run.completed else made < whole
            if not run.completed and rules.restart == "recompute":
                kept[run.request] += made
        for run in sorted(r for r in runs if r.start == time):
            right &= run.stop > time >= instance.arrival[run.request]
            right &= all(r.request != run.request for r in state)
            i = run.request
            state[run] = [0, prompt[i] + kept[i]]
        room = rules.budget or 10**9
        room -= sum(left is None for _, left in state.values())
        blocked, usage = False, 0
        for run, row in sorted(state.items(), key=lambda x: x[0].start):
            if row[1] is None:
                row[0] += 1
            elif not blocked:
                part = min(max(room, 0), row[1])
                room, row[1] = room - part, row[1] - part
                blocked = row[1] > 0
                if not blocked:
                    row[:] = 1, None
            tokens = prompt[run.request] + kept[run.request] + max(1, row[0])
            usage += -(-tokens // rules.block) * rules.block
        peak = max(peak, usage)
    return bool(right and peak <= instance.memory), peak


def test_the_replay_is_that_of_single_rounds():
    """On good and spoilt schedules the checker finds what brute force does."""
    rng = np.random.default_rng(7)
    accepted = rejected = 0
    while rejected < 1500:
        rules = ServingRules(
            block=int(rng.choice((1, 2, 3))),
            budget=[None, int(rng.integers(1, 9))][int(rng.integers(2))],
            restart=str(rng.choice(("discard", "recompute"))),
        )
        if rules.plain:
            continue
        instance = random_instance(rng, rules)
        spec = str(rng.choice(("mc-sf", "vllm-like", "a-max", "fcfs")))
        made = simulate(instance, spec, "reference", serving=rules)
        runs = list(made.schedule.runs)
        for _ in range(4):
            k = int(rng.integers(len(runs)))
            by = {
                "start": int(rng.integers(-1, 2)),
                "stop": int(rng.integers(-1, 2)),
            }
            run = runs[k]
            run = run._replace(
                start=max(0, run.start + by["start"]),
                stop=max(0, run.stop + by["stop"]),
            )
            if run.stop <= run.start:
                continue
            runs[k] = run
            verdict = verify(instance, Schedule(runs, rules))
            right, peak = naive_verdict(instance, runs, rules)
            assert verdict.ok == right, (runs, rules, verdict.lines())
            if right:
                assert verdict.peak_memory == peak
            accepted += right
            rejected += not right
    assert accepted > 100


def test_restarts_that_keep_tokens_make_no_token_twice():
    """Where tokens are kept, all runs of a request make its output once."""
    rng = np.random.default_rng(8)
    restarts = 0
    for seed in range(60):
        rules = ServingRules(block=2, budget=6, restart="recompute")
        instance = random_instance(rng, rules)
        result = simulate(instance, "vllm-like", seed=seed, serving=rules)
        made = np.zeros(len(instance), np.int64)
        np.add.at(made, result.schedule.request, result.tokens)
        assert made.tolist() == instance.output.tolist()
        assert metrics_of(result).wasted_tokens == 0
        restarts += int(result.records["cancellations"].sum())
    assert restarts > 20


def test_the_timeline_adds_up_to_the_peak_of_the_checker():
    """With blocks of one the metrics' peak is the one of the replay."""
    rng = np.random.default_rng(9)
    for seed in range(100):
        rules = ServingRules(
            budget=int(rng.integers(1, 9)),
            restart=str(rng.choice(("discard", "recompute"))),
        )
        instance = random_instance(rng, rules)
        result = simulate(instance, "vllm-like", seed=seed, serving=rules)
        verdict = verify(instance, result)
        assert metrics_of(result).peak_memory == verdict.peak_memory


def test_a_request_that_goes_on_knows_less():
    """Tokens that are kept go from what was told to the prompt."""
    job = Job(3, 0, 5, Hint(output=9, lower=2)).after(4)
    assert job == Job(3, 0, 9, Hint(output=5, lower=1))


@pytest.mark.parametrize(
    ("rules", "spec", "clock", "message"),
    [
        (ServingRules(block=40), "fcfs", UNIT_ROUNDS, "serving.block"),
        (ServingRules(block=7), "fcfs", UNIT_ROUNDS, "prompt + output"),
        (ServingRules(block=2), "gsa", UNIT_ROUNDS, "no composition"),
        (
            ServingRules(budget=4),
            "fcfs",
            PRESETS["llama-2-70b-2xa100-vidur"],
            "prompts=alone",
        ),
    ],
)
def test_rules_that_do_not_go_together_are_refused(
    rules, spec, clock, message
):
    """One line names the rule, or the request, that cannot be."""
    instance = Instance.of(20, [(0, 5, 10)])
    with pytest.raises(InputError, match=re.escape(message)) as error:
        simulate(instance, spec, clock=clock, serving=rules)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["block=0", "budget=0", "restart=no", "block=x", "blocks=2", "budget="],
)
def test_a_bad_rule_is_refused(text):
    """An unknown rule, or a value that it cannot have, is named."""
    with pytest.raises(InputError, match=r"serving\."):
        parse_serving(text)


def test_rules_are_read_back(tmp_path):
    """Text form, and schedule file, give back the rules they were made of."""
    for rules in (PLAIN, ServingRules(16, 512, "recompute"), replace(PLAIN)):
        assert parse_serving(serving_spec(rules)) == rules
        instance = Instance.of(64, [(0, 5, 10), (2, 3, 4)])
        made = simulate(instance, "fcfs", serving=rules).schedule
        save_instance(instance, tmp_path / "instance.json")
        save_schedule(made, instance, tmp_path / "schedule.json")
        assert load_schedule(tmp_path / "schedule.json", instance) == made
        verdict = check_files(
            tmp_path / "instance.json", tmp_path / "schedule.json"
        )
        assert verdict.ok


def test_pictures_are_of_runs():
    """Bands of memory would be wrong, so a picture shows when runs are."""
    instance = Instance.of(20, [(0, 5, 10), (0, 4, 9)])
    rules = ServingRules(budget=3)
    result = simulate(instance, "fcfs", serving=rules)
    assert result.picture() == result.schedule.picture()
    assert simulate(instance, "fcfs").picture() != result.picture()


def test_engines_of_the_rules():
    """Proxies that keep tokens are for the reference engine, others not."""
    plain, proxy = parse_policy("fcfs"), parse_policy("svf-1-bit:longest=9")
    keeping = ServingRules(restart="recompute")
    assert engine_of(plain, keeping) == "fast"
    assert engine_of(proxy, keeping) == "reference"
    assert engine_of(plain, ServingRules(budget=9)) == "fast"
    assert engine_of(parse_policy("gsa"), keeping) == "reference"
