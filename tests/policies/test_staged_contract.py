"""The contract that every policy of the staged model keeps."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.check import check_staged
from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import policy_spec
from kvopt.policies.base import InformationModel
from kvopt.policies.staged import parse_staged, staged_infos, staged_names
from kvopt.policies.staged.base import Batch
from kvopt.policies.staged.wait import Wait
from kvopt.simulation.clocks import AffineClock
from kvopt.simulation.staged import simulate_staged

SPECS = (
    *staged_names(),
    "wait:thresholds=3",
    "nested-wait:ends=3+6,thresholds=3+2",
    "nested-wait:ends=1+2+8,thresholds=2+1+1",
    "sarathi-like:chunk=3,reserve=0.2",
    "sarathi-like:chunk=1,reserve=0",
    "staged-fcfs:newcomers=evict",
)
BLIND = [
    s
    for s in SPECS
    if parse_staged(s).information is InformationModel.NON_CLAIRVOYANT
]
CLOCK = AffineClock(d0=5, d2=1, prefill=2, free=3, arrival_unit=20)


def random_instance(rng, n=None):
    """A small instance of few types."""
    memory = int(rng.integers(48, 70))
    n = n or int(rng.integers(1, 20))
    prompt = rng.choice(rng.integers(0, 16, 2), n)
    output = rng.choice(rng.integers(1, memory - 16, 3), n)
    return Instance(memory, np.sort(rng.integers(0, 20, n)), prompt, output)


def run(instance, spec):
    """The result, or None if the policy evicts and retries for ever."""
    try:
        return simulate_staged(instance, spec, CLOCK)
    except PolicyError as error:
        assert "newcomers=evict" in spec
        assert "livelock" in str(error)
        return None


@pytest.mark.parametrize("spec", SPECS)
def test_serves_all_within_memory(spec):
    """The checker, which adds every unit again, accepts every run."""
    rng = np.random.default_rng(1)
    served = 0
    for _ in range(60):
        instance = random_instance(rng)
        result = run(instance, spec)
        if result is None:
            continue
        served += 1
        verdict = check_staged(instance.document(), result.document())
        assert verdict.ok, verdict.violations
        assert verdict.peak_memory == result.memory.max() <= instance.memory
        assert verdict.total_latency == result.records["latency"].sum()
        assert (result.records["first_token"] > 0).all()
    assert served >= 25


@pytest.mark.parametrize("spec", SPECS)
def test_is_deterministic(spec):
    """The same instance gives the same iterations."""
    rng = np.random.default_rng(2)
    for _ in range(10):
        instance = random_instance(rng)
        first, second = run(instance, spec), run(instance, spec)
        if first is not None:
            assert first.iterations == second.iterations


@pytest.mark.parametrize("spec", SPECS)
def test_does_not_read_the_future(spec):
    """Changing what has not arrived changes no earlier iteration."""
    rng = np.random.default_rng(3)
    compared = 0
    for seed in range(40):
        instance = random_instance(rng, n=8)
        cut = int(rng.integers(1, 15))
        late = instance.arrival >= cut
        if not late.any() or late.all():
            continue
        other = random_instance(np.random.default_rng(seed), n=8)
        half = instance.memory // 2
        twin = Instance(
            instance.memory,
            np.where(late, cut + 3, instance.arrival),
            np.where(late, np.minimum(other.prompt, half), instance.prompt),
            np.where(late, np.minimum(other.output, half), instance.output),
        )
        mine, theirs = run(instance, spec), run(twin, spec)
        if mine is None or theirs is None:
            continue
        early, same = (
            [s for s in r.iterations if s.start < cut * CLOCK.arrival_unit]
            for r in (mine, theirs)
        )
        assert early == same
        compared += bool(early)
    assert compared >= 10 or "thresholds=3" in spec


@pytest.mark.parametrize("spec", BLIND)
def test_does_not_read_hidden_lengths(spec):
    """A true length matters only once it has been lived."""
    rng = np.random.default_rng(4)
    compared = 0
    for _ in range(40):
        instance = random_instance(rng, n=6)
        output = instance.output.copy()
        i = int(rng.integers(6))
        if output[i] < 2:
            continue
        output[i] -= 1
        twin = Instance(
            instance.memory, instance.arrival, instance.prompt, output
        )
        mine, theirs = run(instance, spec), run(twin, spec)
        if mine is None or theirs is None:
            continue
        lived = int(theirs.records["completion"][i])
        early, same = (
            [s for s in r.iterations if s.end <= lived] for r in (mine, theirs)
        )
        assert early == same
        compared += 1
    assert compared >= 15


def test_thresholds_by_type_never_evict():
    """WAIT with M^pi <= C holds at most M^pi, whatever arrives."""
    rng = np.random.default_rng(5)
    for _ in range(60):
        instance = random_instance(rng, n=15)
        pairs = zip(instance.prompt, instance.output, strict=True)
        kinds = {(int(p), int(o)) for p, o in pairs}
        thresholds = {kind: int(rng.integers(1, 3)) for kind in kinds}
        most = sum(
            n * sum(p + s for s in range(o + 1))
            for (p, o), n in thresholds.items()
        )
        policy = Wait.of(thresholds)
        with pytest.raises(InputError, match="units of memory"):
            simulate_staged(instance, policy)  # far too little
        roomy = Instance(
            most, instance.arrival, instance.prompt, instance.output
        )
        result = simulate_staged(roomy, policy, CLOCK)
        assert result.evictions == 0
        assert check_staged(roomy.document(), result.document()).ok


@pytest.mark.parametrize("info", staged_infos(), ids=staged_names())
def test_says_what_it_is(info):
    """Metadata is complete, and agrees with the policy."""
    policy = parse_staged(info.name)
    assert policy.info is info and policy.information is info.information
    assert info.paper.startswith("P5") and "P5" in type(policy).__doc__
    assert all((info.title, info.ratio, info.complexity, info.reading))


@pytest.mark.parametrize(
    "spec", [*SPECS, "wait:thresholds=3x4:2+1x1:5", "nested-wait:ends=7"]
)
def test_text_form_reads_back(spec):
    """The text form of a policy names the same policy."""
    policy = parse_staged(spec)
    assert parse_staged(policy_spec(policy)) == policy


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ("wait:thresholds=0", "thresholds"),
        ("wait:thresholds=1+2", "thresholds"),
        ("wait:thresholds=1x:2", "thresholds"),
        ("wait:thresholds=ax2:2", "thresholds"),
        ("nested-wait:ends=3+2,thresholds=2+1", "ends"),
        ("nested-wait:ends=2+3,thresholds=2", "thresholds"),
        ("nested-wait:ends=2.5", "ends"),
        ("sarathi-like:chunk=0", "chunk"),
        ("sarathi-like:reserve=1", "reserve"),
        ("staged-fcfs:newcomers=maybe", "newcomers"),
        ("mc-sf", "policy"),
    ],
)
def test_bad_parameters(spec, field):
    """One line with field and value."""
    with pytest.raises(InputError) as caught:
        parse_staged(spec)
    assert field in caught.value.field
    assert "\n" not in str(caught.value)


def test_thresholds_that_do_not_fit():
    """Thresholds beyond memory and types without one are refused."""
    instance = Instance.of(12, [(0, 1, 1)] * 9)
    with pytest.raises(InputError, match="need 15 units of memory"):
        simulate_staged(instance, "wait:thresholds=1x1:5")
    with pytest.raises(InputError, match="need 30 units of memory"):
        simulate_staged(instance, "nested-wait:ends=2+4,thresholds=3+3")
    with pytest.raises(InputError, match="prompt 1, output 1"):
        simulate_staged(instance, "wait:thresholds=2x1:1")


class Scripted:
    """A policy that returns the batches it was given, then waits."""

    info = Wait.info
    information = InformationModel.NON_CLAIRVOYANT

    def __init__(self, *batches):
        self.batches = list(batches)
        self.__dataclass_fields__ = {}

    def session(self, setup):
        return lambda view: self.batches.pop(0) if self.batches else Batch()


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        ([Batch(prefill=[(0, 3)])], "has 2 left"),
        ([Batch(prefill=[(0, 0)])], "has 2 left"),
        ([Batch(prefill=[(9, 1)])], "which is not there"),
        ([Batch(decode=[0])], "before its prefill"),
        ([Batch(prefill=[(0, 1)]), Batch(decode=[0])], "before its prefill"),
        ([Batch(prefill=[(0, 1), (0, 1)])], "twice"),
        ([Batch(prefill=[(0, 2), (1, 2), (2, 2)])], "uses 6 of 5"),
        ([Batch(prefill=[(0, 2)], evict=[1])], "evicts request 1"),
        ([], "is stuck"),
    ],
)
def test_engine_refuses(batches, said):
    """A policy that breaks a rule of the model is named."""
    instance = Instance.of(5, [(0, 2, 2)] * 3)
    with pytest.raises(PolicyError, match=said):
        simulate_staged(instance, Scripted(*batches))
