"""The costs that families predict, against simulation and the optimum."""

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.model import InputError, Status
from kvopt.simulation import simulate
from kvopt.workloads.families.dominating_prompts import DominatingPrompts
from kvopt.workloads.families.eviction_cycle import EvictionCycle
from kvopt.workloads.families.identical_requests import IdenticalRequests
from kvopt.workloads.families.length_laws import LAWS, LengthLawFamily
from kvopt.workloads.families.sps_bad_sizes import SPSBadSizes
from kvopt.workloads.families.svf_peaks import SVFPeaks
from kvopt.workloads.families.trap import (
    heavy_first_cost,
    light_first_cost,
    trap,
)
from kvopt.workloads.families.two_point import two_point


def cost(instance, policy, seed=0):
    """Total latency of a policy."""
    return simulate(instance, policy, "reference", seed).objective


def optimum(instance):
    """The proved optimum."""
    result = solve(instance, time_limit=60)
    assert result.status is Status.OPTIMAL
    return result.objective


@pytest.mark.parametrize(("memory", "heavy"), [(12, 1), (60, 9), (300, 20)])
def test_trap_costs(memory, heavy):
    """FCFS, SF and MC-SF serve the heavy first; Sorted-F the light."""
    instance = trap(memory, heavy)
    light = memory // 3
    for policy in ("fcfs", "sf", "mc-sf"):
        assert cost(instance, policy) == heavy_first_cost(heavy, light)
    if heavy > 1:
        reference = light_first_cost(heavy, light)
        assert cost(instance, "sorted-f") == reference


def test_trap_reference_is_optimal_where_small():
    """Light first is the optimum of small traps."""
    assert optimum(trap(12, 4)) == light_first_cost(4, 4)


@pytest.mark.parametrize(
    ("output", "together", "requests"),
    [(1, 3, 7), (3, 2, 9), (5, 3, 40), (9, 5, 200), (4, 1, 5)],
)
def test_identical_requests_costs(output, together, requests):
    """Greedy policies pay what is predicted, and so does the pipeline."""
    family = IdenticalRequests(output, together, requests)
    instance = family.instance()
    for policy in ("mc-sf", "fcfs", "svf"):
        assert cost(instance, policy) == family.greedy_cost()
    # SPS may start several a round, or later; one start every gap fits.
    starts = np.arange(requests) * family.gap
    usage = np.zeros(starts[-1] + output + 1, np.int64)
    for start in starts:
        usage[start + 1 : start + output + 1] += np.arange(1, output + 1)
    assert usage.max() <= family.memory
    assert family.pipeline_cost() == starts.sum() + requests * output


def test_identical_requests_tend_to_two():
    """The ratio approaches 2o/(o+1) with a pipeline of one a round."""
    for output in (3, 9, 41):
        half = (output + 1) // 2
        family = IdenticalRequests(output, half, 300 * output)
        assert family.gap == 1
        ratio = family.greedy_cost() / family.pipeline_cost()
        assert ratio == pytest.approx(2 * output / (output + 1), rel=0.01)


@pytest.mark.parametrize(
    ("output", "pairs"), [(2, 3), (6, 50), (10, 20), (20, 40)]
)
def test_svf_peaks_costs(output, pairs):
    """SVF pays for serving one by one; the large first fit as predicted."""
    family = SVFPeaks(output, pairs)
    instance = family.instance()
    assert (instance.volume == family.memory).all()
    assert cost(instance, "svf") == family.svf_cost()
    assert cost(instance, "mc-sf") >= family.reference_cost()


def test_svf_peaks_reference_is_optimal_where_small():
    """Three pairs: the reference is the optimum."""
    family = SVFPeaks(3, 3)
    assert optimum(family.instance()) == family.reference_cost()


def test_svf_peaks_ratio_is_unbounded():
    """The ratio tends to (a+1)/2 as the pairs grow."""
    for output in (6, 20, 40):
        family = SVFPeaks(output, 10**5)
        ratio = family.svf_cost() / family.reference_cost()
        assert ratio == pytest.approx((output + 1) / 2, rel=0.001)


@pytest.mark.parametrize(("half", "n"), [(2, 5), (3, 9), (10, 30), (50, 20)])
def test_sps_bad_sizes_costs(half, n):
    """SPS runs one at a time, and a gap of q+1 fits."""
    family = SPSBadSizes(half, n)
    instance = family.instance()
    assert cost(instance, "sps") == family.sps_cost()
    gap, output = half + 1, 2 * half
    assert output + (output - gap) == instance.memory
    starts = np.arange(n) * gap
    assert family.reference_cost() == starts.sum() + n * output


def test_sps_bad_sizes_reference_is_near_optimal():
    """On small sizes the optimum is at most the reference, SPS far above."""
    family = SPSBadSizes(3, 5)
    best = optimum(family.instance())
    assert best <= family.reference_cost() < family.sps_cost()


@pytest.mark.parametrize(
    ("longest", "ratio"), [(9, 2.94), (25, 4.81), (100, 9.21)]
)
def test_dominating_prompts_cost_a_min_the_root(longest, ratio):
    """The costs are exact and their ratio that of readings.md 3.5."""
    family = DominatingPrompts(longest)
    instance = family.instance(np.random.default_rng(0))
    for policy in ("a-min", "a-max:order=arrival"):
        assert cost(instance, policy) == family.one_by_one(long_first=True)
    best = family.one_by_one(long_first=False)
    assert cost(instance, "h-sf") == best
    assert family.one_by_one(long_first=True) / best == pytest.approx(
        ratio, abs=0.005
    )


def test_shuffled_prompts_cost_a_max_its_factor():
    """Over H-SF about (1 + sqrt(1/alpha))/2, without a cancellation."""
    for longest in (4, 16):
        family = DominatingPrompts(longest, 100, 30, 3000, "shuffled")
        instance = family.instance(np.random.default_rng(0))
        best = simulate(instance, "h-sf", "fast").objective
        for policy in ("a-max", "a-min"):
            found = simulate(instance, policy, "fast")
            assert found.schedule.completed.all()
            ratio = found.objective / best
            expected = (1 + longest**0.5) / 2
            assert ratio == pytest.approx(expected, rel=0.08)


def states_seen(family, rounds):
    """First and second rounds of vLLM-like, from round 2 on."""
    schedule = simulate(family.instance(), "vllm-like", "reference").schedule
    counts = np.zeros((rounds + 3, 2), np.int64)
    for run in schedule.runs:
        for age, held in enumerate(range(run.start + 1, run.stop + 1)):
            if held < rounds + 3:
                counts[held, age] += 1
    return [tuple(row) for row in counts[2 : rounds + 2].tolist()]


@pytest.mark.parametrize(
    "family",
    [
        EvictionCycle(),
        EvictionCycle(first=20, second=20),
        EvictionCycle(memory=12, prompt=0, first=6, second=3, requests=200),
        EvictionCycle(memory=37, prompt=1, first=5, second=9, requests=400),
    ],
)
def test_eviction_dynamics_are_those_predicted(family):
    """The policy goes through the predicted states, evictions included."""
    assert states_seen(family, 20) == family.states(20)


def test_eviction_cycles_of_the_sources():
    """The trajectory and the cycles that the notes and P5 give."""
    assert EvictionCycle().states(13)[1:] == [
        *[(18, 21), (22, 18), (17, 22), (24, 17), (14, 24), (28, 14)],
        *[(9, 28), (34, 9), (1, 34), (45, 1), (0, 35), (46, 0)],
    ]
    assert EvictionCycle().cycle() == [(0, 35), (46, 0)]
    assert EvictionCycle(first=20, second=20).cycle() == [(20, 20)]
    p5 = EvictionCycle(memory=12, prompt=0, first=6, second=3)
    assert p5.cycle() == [(0, 6), (12, 0)]
    # Completions a round: half of 35 against 20, and 3 against 4.
    assert sum(second for _, second in p5.cycle()) / 2 == 3


def test_two_point_cost():
    """MC-SF: shorts two by two, then longs one at a time; mean 67.24."""
    family = two_point()
    shorts = 2 * sum(range(1, 98))
    longs = sum(97 + 160 * k for k in range(1, 7))
    assert cost(family, "mc-sf") == shorts + longs


@pytest.mark.parametrize("law", LAWS)
def test_length_laws(law):
    """Means of many draws are those of the law; intervals are common."""
    family = LengthLawFamily(law, longest=8, share=0.7, requests=20_000)
    lengths, probabilities = family.probabilities()
    assert probabilities.sum() == pytest.approx(1)
    instance = family.instance(np.random.default_rng(0))
    mean = float(lengths @ probabilities)
    assert instance.output.mean() == pytest.approx(mean, rel=0.03)
    assert instance.predictions is not None
    assert set(instance.predictions.upper.tolist()) == {8}
    assert set(instance.predictions.lower.tolist()) == {1}


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: IdenticalRequests(output=0), "output"),
        (lambda: SVFPeaks(output=1), "output"),
        (lambda: SPSBadSizes(half=1), "half"),
        (lambda: DominatingPrompts(order="random"), "order"),
        (lambda: DominatingPrompts(longest=1), "longest"),
        (lambda: EvictionCycle(first=22), "first"),
        (lambda: EvictionCycle(second=36), "second"),
        (lambda: EvictionCycle(requests=39), "requests"),
        (lambda: LengthLawFamily("pareto"), "law"),
        (lambda: LengthLawFamily(share=0), "share"),
    ],
)
def test_bad_parameters_are_refused(build, field):
    """Parameters outside a family are refused by name."""
    with pytest.raises(InputError) as error:
        build()
    assert error.value.field == field
