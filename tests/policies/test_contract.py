"""The contract that every policy of the registry keeps."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from kvopt.model import Instance, PolicyError, Predictions
from kvopt.policies import make_policy, names, parse_policy, policy_spec
from kvopt.policies.base import Arrivals, InformationModel, View
from kvopt.policies.testing import check_policy
from kvopt.simulation import simulate

SPECS = (
    *names(),
    "mc-sf:misfit=skip",
    "mc-sf:margin=0.1",
    "mc-sf:lengths=point",
    "mc-sf:lengths=upper,misfit=skip",
    "alpha-greedy:alpha=0.5",
    "alpha-beta-clearing:alpha=0.3,beta=0.7",
    "sorted-f:selector=exact-dp,feasible=start",
    "sorted-f:units=5",
    "sorted-f:selector=local-swap,first=output",
    "sorted-f:selector=local-swap,feasible=start",
    "sorted-f:selector=quantile-greedy,quantile=0.5",
    "lp-swap:feasible=start",
    "receding-horizon:every=3,selector=quantile-greedy",
    "a-max:order=arrival",
    "a-min:update=continuous",
    "gba-d:alpha=2,beta=3",
    "gsa:alpha=1.5,tau_0=2,overlap=continuous",
    "gsa-spec:runs=restart",
    "gsa-spec:tau_0=4",
    "svf-1-bit:longest=16",
    "svf-1-bit:longest=30,lengths=point,overflow=clear-all",
    "svf-bypass:most=1",
    "eviction-free-cap:rate=0.5",
)


def serves_online(spec):
    """Whether the policy is defined for requests that arrive later."""
    return parse_policy(spec).info.arrivals is Arrivals.ONLINE


# The labels of docs/readings.md; other sources have none, or are "ours".
PAPERS = {
    "P1": "2502.07115",
    "P2": "2508.06133",
    "P3": "2508.14544",
    "P4": "2601.22996",
    "P5": "2504.11320",
    "P6": "2606.22327",
}
ONLINE = [s for s in SPECS if serves_online(s)]
# Policies that are not told the true lengths.
BLIND = [
    s
    for s in SPECS
    if parse_policy(s).information is not InformationModel.CLAIRVOYANT
]


def random_instance(rng, *, online=True, equal_prompts=False, n=None):
    """A small instance whose requests use at most nine tenths of M."""
    memory = int(rng.integers(10, 31))
    n = n or int(rng.integers(1, 13))
    limit = memory * 9 // 10
    prompt = rng.integers(0, 6, n)
    if equal_prompts:
        prompt[:] = prompt[0]
    output = rng.integers(1, limit - prompt + 1)
    arrival = np.sort(rng.integers(0, 15, n)) if online else np.zeros(n, int)
    lower = rng.integers(1, output + 1)
    upper = rng.integers(output, limit - prompt + 1)
    point = rng.integers(1, limit - prompt + 1)
    return Instance(
        memory, arrival, prompt, output, Predictions(lower, upper, point)
    )


def naive_usage(instance, schedule):
    """Memory in every round, added up one unit at a time."""
    usage = [0] * (schedule.makespan + 1)
    for run in schedule.runs:
        for t in range(run.start + 1, run.stop + 1):
            usage[t] += int(instance.prompt[run.request]) + t - run.start
    return usage


def finished(instance, spec, seed=0):
    """The simulation, or None when the policy cannot make progress."""
    try:
        return simulate(instance, spec, seed=seed)
    except PolicyError as error:
        assert spec.startswith("alpha-")
        assert "livelock" in str(error) or "stuck" in str(error)
        return None


@pytest.mark.parametrize("spec", SPECS)
def test_keeps_the_contract(spec):
    """The check that users run on their policies accepts each of ours."""
    stalls = spec.startswith("alpha-")
    check_policy(parse_policy(spec), may_stall=stalls)


@pytest.mark.parametrize(
    ("spec", "online"),
    [(s, False) for s in SPECS] + [(s, True) for s in ONLINE],
)
def test_serves_all_within_memory(spec, online):
    """Each request completes once, after arrival, and memory stays <= M."""
    rng = np.random.default_rng(1)
    served = 0
    for seed in range(60):
        instance = random_instance(rng, online=online)
        result = finished(instance, spec, seed)
        if result is None:
            continue
        served += 1
        schedule = result.schedule
        assert max(naive_usage(instance, schedule)) <= instance.memory
        assert (schedule.starts(instance) >= instance.arrival).all()
        runs = schedule.stop - schedule.start
        full = instance.output[schedule.request]
        assert (runs[schedule.completed] == full[schedule.completed]).all()
        assert (runs[~schedule.completed] < full[~schedule.completed]).all()
        restarts = parse_policy(spec).info.restarts or "lengths" in spec
        assert restarts or schedule.completed.all()
    assert served >= 10


@pytest.mark.parametrize("spec", SPECS)
def test_is_deterministic_for_a_seed(spec):
    """The same seed gives the same schedule, run by run."""
    rng = np.random.default_rng(2)
    for seed in range(20):
        instance = random_instance(rng, online=serves_online(spec))
        first, second = (finished(instance, spec, seed) for _ in range(2))
        if first is not None:
            assert first.schedule == second.schedule


class Spy:
    """A policy that passes everything on and notes what was decided."""

    def __init__(self, policy):
        self.policy = policy
        self.info = policy.info
        self.information = policy.information
        self.idles = policy.idles
        self.livelock = policy.livelock
        self.decisions = []
        self.__dataclass_fields__ = policy.__dataclass_fields__

    def __getattr__(self, name):
        return getattr(self.policy, name)

    def session(self, setup):
        decide = self.policy.session(setup)

        def spied(view: View):
            decision = decide(view)
            self.decisions.append(
                (view.round, tuple(decision.cancel), tuple(decision.start))
            )
            return decision

        return spied


def decisions_before(instance, policy, round_, seed=0):
    """What the policy decided before a round, livelocked later or not."""
    spy = Spy(policy)
    with contextlib.suppress(PolicyError):
        simulate(instance, spy, seed=seed)
    return [d for d in spy.decisions if d[0] < round_]


@pytest.mark.parametrize("spec", ONLINE)
def test_does_not_read_the_future(spec):
    """Changing requests that have not arrived changes no earlier decision."""
    rng = np.random.default_rng(3)
    compared = 0
    for seed in range(40):
        instance = random_instance(rng, n=8)
        cut = int(rng.integers(1, 15))
        late = instance.arrival >= cut
        other = random_instance(np.random.default_rng(seed), n=8)
        columns = {}
        limit = instance.memory * 9 // 10
        for name in ("prompt", "output"):
            changed = np.minimum(getattr(other, name), limit // 2)
            columns[name] = np.where(late, changed, getattr(instance, name))
        forecast = {
            kind: np.where(
                late,
                columns["output"],
                getattr(instance.predictions, kind),
            )
            for kind in ("lower", "upper", "point")
        }
        twin = Instance(
            instance.memory,
            np.where(late, cut + 3, instance.arrival),
            columns["prompt"],
            columns["output"],
            Predictions(**forecast),
        )
        policy = parse_policy(spec)
        mine = decisions_before(instance, policy, cut, seed)
        assert mine == decisions_before(twin, policy, cut, seed)
        compared += bool(mine)
    assert compared >= 15


@pytest.mark.parametrize("spec", BLIND)
def test_does_not_read_hidden_lengths(spec):
    """A true length matters to its policy only once it has been lived."""
    policy = parse_policy(spec)
    rng = np.random.default_rng(4)
    compared = 0
    for seed in range(40):
        instance = random_instance(rng, online=serves_online(spec), n=6)
        longest = int(instance.output.max())
        i = int(instance.output.argmax())
        if longest < 3 or (instance.output == longest).sum() > 1:
            continue
        shorter = instance.output.copy()
        shorter[i] -= 1
        twin = Instance(
            instance.memory,
            instance.arrival,
            instance.prompt,
            shorter,
            instance.predictions,
        )
        result = finished(twin, spec, seed)
        if result is None:
            continue
        lived = int(result.records["start"][i]) + longest - 1
        mine = decisions_before(instance, policy, lived, seed)
        assert mine == decisions_before(twin, policy, lived, seed)
        compared += 1
    assert compared >= 5


@pytest.mark.parametrize("name", names())
def test_says_what_it_is(name):
    """Metadata is complete, labels its paper rightly, fits the object."""
    policy = make_policy(name)
    info = policy.info
    assert info.name == name
    label, _, _ = info.paper.partition(":")
    if label in PAPERS:
        assert PAPERS[label] in info.paper
        assert label in type(policy).__doc__
    else:
        assert info.paper.startswith("ours") or "arXiv" in info.paper
        assert not any(number in info.paper for number in PAPERS.values())
    assert all(
        (info.title, info.summary, info.ratio, info.complexity, info.reading),
    )
    assert policy.information is info.information
    assert type(policy).__doc__


@pytest.mark.parametrize("spec", SPECS)
def test_text_form_reads_back(spec):
    """The text form of a policy names the same policy."""
    policy = parse_policy(spec)
    assert parse_policy(policy_spec(policy)) == policy
