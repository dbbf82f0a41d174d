"""Exhaustive worst ratios: against a plain enumeration of everything."""

from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest

from kvopt.adversary.exhaustive import Space, witness_of, worst_ratios
from kvopt.adversary.exhaustive.arrays import Arrays
from kvopt.adversary.exhaustive.compiled import Kernel
from kvopt.adversary.exhaustive.kernels import (
    ENDLESS,
    lower_bounds,
    optimum,
)
from kvopt.adversary.exhaustive.proved import proved
from kvopt.adversary.exhaustive.seekers import told
from kvopt.adversary.optimum import cheapest
from kvopt.adversary.optimum_kernels import ENTRIES, WIDEST
from kvopt.check import check_witness
from kvopt.check.witness import Optimality
from kvopt.model import InputError, Instance, PolicyError, Predictions
from kvopt.policies import infos, parse_policy
from kvopt.policies.base import InformationModel
from kvopt.policies.choices import Waiting
from kvopt.policies.gba import GBA
from kvopt.policies.pipeline import pipeline
from kvopt.simulation import simulate

COMPILED = (
    "mc-sf",
    "mc-benchmark",
    "fcfs",
    "sf",
    "peak-order",
    "svf",
    "vllm-like",
    "a-min",
    "a-max:order=arrival",
    "alpha-greedy",
)
INTERPRETED = (
    "sorted-f",
    "receding-horizon",
    "sps",
    "gba",
    "gba-d",
    "gsa",
    "gsa-spec",
    "a-l",
    "two-point-rule",
)
LINEAR = ("sorted-lp", "lp-swap")
# Their bound is the cost of some listing, as is what is compiled of others.
TIGHT = ("sps", "gba")
# Other parameters than those of the table.
VARIANTS = (
    "gba:alpha=2.5",
    "gba-d:overlap=continuous",
    "gsa:alpha=1.5,tau_0=2",
    "gsa-spec:runs=restart",
    "sorted-f:selector=local-swap",
    "sorted-f:selector=local-swap,first=output",
    "sorted-f:selector=quantile-greedy",
    "sorted-f:selector=exact-dp,feasible=start",
    "two-point-rule:update=continuous",
)


def least(instance):
    """The optimum by the search of the adversary, total latency."""
    found = cheapest(instance, 10**6, 10**6)
    assert found.proved
    assert found.starts is not None
    return sum(
        start + request.output - request.arrival
        for start, request in zip(found.starts, instance, strict=True)
    )


def plain_worst(policy, space):
    """The worst ratio over all sequences, nothing left out; inf if stuck."""
    policy = parse_policy(policy)
    worst = Fraction(0)
    for kinds in product(space.types, repeat=space.requests):
        arrivals = [kind.arrival for kind in kinds]
        if arrivals != sorted(arrivals) or arrivals[0]:
            continue
        if space.equal_prompts and len({kind.prompt for kind in kinds}) > 1:
            continue
        instance = Instance.of(space.memory, kinds)
        if policy.information is InformationModel.INTERVALS:
            o = instance.output
            upper = np.minimum(o.max(), space.memory - instance.prompt)
            told = Predictions(np.full(o.size, o.min()), upper)
            instance = Instance.of(space.memory, kinds, predictions=told)
        try:
            cost = simulate(instance, policy, "reference").objective
        except PolicyError:
            return None
        worst = max(worst, Fraction(cost, least(instance)))
    return worst


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("policy", COMPILED + INTERPRETED + LINEAR + VARIANTS)
def test_worst_ratio_is_that_of_all_sequences(policy, equal):
    """No cut, order or kernel changes the worst ratio of tiny spaces."""
    sizes = [(1, 3), (2, 4), (3, 3)]
    if policy in INTERPRETED:
        # There more than one class, slice and pass matter.
        sizes += [(3, 4), (4, 3)]
    for n, memory in sizes:
        space = Space(n, memory, equal)
        (found,) = worst_ratios([parse_policy(policy)], space)
        assert found.ratio == plain_worst(policy, space), (n, memory)


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize(
    "policy", ["mc-sf", "fcfs", "vllm-like", "receding-horizon"]
)
def test_worst_ratio_with_arrivals_is_that_of_all_sequences(policy, equal):
    """The same with later arrivals."""
    for n, memory, latest in ((2, 3, 2), (3, 2, 3)):
        space = Space(n, memory, equal, latest)
        (found,) = worst_ratios([parse_policy(policy)], space)
        assert found.ratio == plain_worst(policy, space), (n, memory)


def test_policies_together_find_what_each_finds_alone():
    """Optima that are shared, and known before, change nothing."""
    space = Space(3, 4, False)
    policies = [parse_policy(name) for name in COMPILED]
    together = worst_ratios(policies, space)
    for policy, found in zip(policies, together, strict=True):
        (alone,) = worst_ratios([policy], space)
        assert (alone.ratio, alone.listing) == (found.ratio, found.listing)


def test_the_compiled_optimum_and_its_bound():
    """On thousands of multisets: the optimum is exact, the bound below it."""
    rng = np.random.default_rng(0)
    table = (
        np.zeros((ENTRIES, WIDEST + 3), np.int64),
        np.zeros(ENTRIES, np.int64),
        np.zeros(1, np.int64),
    )
    for memory, latest in product((2, 3, 5, 8), (0, 4)):
        space = Space(4, memory, False, latest)
        types = space.types
        kinds = np.ascontiguousarray(np.array(types, np.int64).T)
        rows = np.sort(rng.integers(0, len(types), (250, 4)), axis=1)
        bounds = lower_bounds(kinds, memory, rows)
        for row, bound in zip(rows, bounds, strict=True):
            instance = space.instance(tuple(row.tolist()))
            found = optimum(kinds, row, memory, 10**6, table)
            arrivals = int(instance.arrival.sum())
            assert found - arrivals == least(instance)
            assert bound <= found
            # Nothing below the optimum: the limit itself comes back.
            assert optimum(kinds, row, memory, found, table) == found


@pytest.mark.parametrize(
    "policy", ["mc-sf", "fcfs", "vllm-like", "a-max:order=arrival", "svf"]
)
def test_serial_policies_complete_one_after_the_other_at_the_latest(policy):
    """The bound behind the cut: longest first, one by one, is never cheaper.

    Tested on a thousand random instances, in random order of listing.
    """
    rng = np.random.default_rng(1)
    chosen = parse_policy(policy)
    for _ in range(1000):
        memory, n = int(rng.integers(2, 9)), int(rng.integers(1, 6))
        prompt = rng.integers(0, memory, n)
        output = rng.integers(1, memory - prompt + 1)
        upper = np.minimum(output.max(), memory - prompt)
        told = Predictions(np.full(n, output.min()), upper)
        zeros = np.zeros(n, np.int64)
        instance = Instance(memory, zeros, prompt, output, told)
        cost = simulate(instance, chosen, "reference").objective
        serial = np.cumsum(np.sort(output)[::-1]).sum()
        assert cost <= serial


def chunk_of(space, rows):
    """The multisets of these rows, as the seekers see them."""
    chunk = Arrays(space)
    chunk.take(np.sort(np.array(rows, np.int64), axis=1))
    return chunk


def cost_of(space, policy, listing):
    """The total latency of a policy on a listing, all requests at 0."""
    instance = told(space.instance(listing), policy)
    return simulate(instance, policy).objective


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("policy", INTERPRETED + VARIANTS)
def test_no_listing_costs_more_than_is_proved(policy, equal):
    """On hundreds of random listings the cost is at most the bound.

    Twenty policies, so thousands of instances.
    """
    policy = parse_policy(policy)
    rng = np.random.default_rng(3)
    for n, memory in ((2, 8), (3, 7), (4, 6), (5, 8)):
        space = Space(n, memory, equal)
        rows = np.array([], np.int64).reshape(0, n)
        for chunk in space.chunks():
            rows = np.concatenate([rows, chunk])
            if len(rows) > 1000:
                break
        rows = rows[rng.integers(0, len(rows), 40)]
        if not equal:
            rows = rng.integers(0, len(space.types), (40, n))
        chunk = chunk_of(space, rows)
        most = proved(policy, space).most(chunk.kinds, chunk.rows)
        for row, bound in zip(chunk.rows, most.tolist(), strict=True):
            listing = tuple(rng.permutation(row).tolist())
            assert cost_of(space, policy, listing) <= bound, listing


@pytest.mark.parametrize("policy", ("sps", *INTERPRETED, *LINEAR, *VARIANTS))
def test_the_listings_that_are_run_have_the_worst_among_them(policy):
    """Of all orders of random multisets none costs more than these."""
    chosen = parse_policy(policy)
    rng = np.random.default_rng(4)
    for n, memory in ((2, 8), (3, 5), (4, 4), (4, 8)):
        space = Space(n, memory, False)
        known = proved(chosen, space)
        tries = 5 if policy in LINEAR else 20
        for row in rng.integers(0, len(space.types), (tries, n)).tolist():
            every = {
                order: cost_of(space, chosen, order)
                for order in set(permutations(row))
            }
            run = list(known.listings(tuple(sorted(row))))
            assert max(every[order] for order in run) == max(every.values())
            exact = known.most if policy in TIGHT else known.exact
            if exact is not None:
                chunk = chunk_of(space, [row])
                (cost,) = exact(chunk.kinds, chunk.rows).tolist()
                assert cost == max(every.values())


@pytest.mark.parametrize("overlap", ["discrete", "continuous"])
def test_slots_of_smaller_requests_are_not_later(overlap):
    """No pipeline is slowed by shorter prompts or outputs, in any space.

    GSA-Spec has fewer unfinished requests than GSA in a phase, so that its
    longest prompt and its slice may be shorter.
    """
    for memory in range(1, 31):
        pipes = {
            (s, length): pipeline(memory, s, length, overlap)
            for s in range(memory)
            for length in range(1, memory + 1)
        }
        for (s, length), pipe in pipes.items():
            for smaller in ((s - 1, length), (s, length - 1)):
                if smaller in pipes:
                    sooner = pipes[smaller]
                    for i in range(8):
                        assert sooner.slot(i) <= pipe.slot(i)


@pytest.mark.parametrize(
    ("policy", "tries"),
    [
        ("sorted-f", 2000),
        ("sorted-f:selector=exact-dp", 500),
        ("sorted-f:selector=local-swap,first=output", 500),
        ("sorted-f:selector=local-swap", 500),
        ("lp-swap", 100),
    ],
)
def test_nobody_is_planned_before_a_shorter_one_of_no_larger_peak(
    policy, tries
):
    """On many instances, up to the largest that can be enumerated."""
    rng = np.random.default_rng(5)
    plan = parse_policy(policy).composition.order.plan
    for _ in range(tries):
        memory, n = int(rng.integers(2, 31)), int(rng.integers(2, 9))
        prompt = rng.integers(0, memory, n)
        output = rng.integers(1, memory - prompt + 1)
        if rng.random() < 0.5:
            # Few lengths, and many that are as good as others.
            output = np.minimum(output, 3)
        rows = list(zip(prompt.tolist(), output.tolist(), strict=True))
        waiting = [Waiting(i, s, o) for i, (s, o) in enumerate(rows)]
        order = [rows[i] for i in plan(waiting, memory)]
        for (s, o), (t, p) in combinations(order, 2):
            assert not (p < o and t + p <= s + o), rows


def test_nothing_is_proved_of_a_subclass_or_of_arrivals():
    """A stranger's variant of a known policy is run on all listings."""

    class Mine(GBA):
        pass

    space, later = Space(3, 3, False), Space(3, 3, False, 1)
    for policy, where in ((Mine(), space), (parse_policy("a-l"), later)):
        assert proved(policy, where).most is None
    assert len(list(proved(Mine(), space).listings((0, 1, 2)))) == 6
    # The first request of type 3 arrives at 1, after those of types 0 to 2.
    first_late = later.types.index((1, 0, 1))
    row = (0, 1, first_late)
    assert len(list(proved(GBA(), later).listings(row))) == 2


def test_who_does_not_finish_has_no_bound():
    """What is alpha-protected never starts alone, and costs without end."""
    space = Space(2, 3, False)
    kernel = Kernel(parse_policy("alpha-greedy"), space)
    (rows,) = space.chunks()
    chunk = chunk_of(space, rows)
    most = kernel.ceilings(chunk.kinds, chunk.rows)
    assert (most == ENDLESS).any()
    assert (most < ENDLESS).any()


def test_witnesses_are_certified():
    """The checker proves the optimum of each worst instance by itself."""
    for found in worst_ratios(
        [parse_policy(p) for p in ("mc-sf", "a-min", "gsa")],
        Space(3, 5, False),
    ):
        verdict = check_witness(witness_of(found).document())
        assert verdict.ok
        assert verdict.optimality is Optimality.CERTIFIED
        assert verdict.ratio == found.ratio


def test_a_batch_policy_has_no_arrivals():
    """It is refused by name; and so are spaces out of reach."""
    with pytest.raises(InputError, match="all there at 0"):
        worst_ratios([parse_policy("gba")], Space(2, 2, True, 1))
    for bad in ((0, 2), (9, 2), (2, 0), (2, 31)):
        with pytest.raises(InputError):
            Space(*bad, True)


def test_a_random_order_is_refused():
    """An order that is drawn is no order to enumerate."""
    with pytest.raises(InputError, match="draws its order"):
        worst_ratios([parse_policy("a-max")], Space(2, 2, True))


@pytest.mark.parametrize("policy", ["vllm-watermark", "mc-sf:margin=0.4"])
def test_policies_that_admit_nobody_are_not_passed_over(policy):
    """Who keeps memory free never finishes some request, and is found out."""
    space = Space(2, 3, False)
    (found,) = worst_ratios([parse_policy(policy)], space)
    assert found.ratio == plain_worst(policy, space)


def test_progress_counts_instances():
    """The last call of progress has the number of instances."""
    seen = []
    (found,) = worst_ratios(
        [parse_policy("sps")], Space(2, 3, False), seen.append
    )
    assert seen[-1] == found.instances == 21


def test_every_policy_of_the_papers_has_a_way():
    """No policy of P1 to P4 or SVF is left out."""
    papers = ("P1", "P2", "P3", "P4")
    listed = [info for info in infos() if info.paper.startswith(papers)]
    assert len(listed) > 20
    for name in ["svf", *(info.name for info in listed)]:
        spec = "a-max:order=arrival" if name == "a-max" else name
        (found,) = worst_ratios([parse_policy(spec)], Space(2, 2, False))
        assert found.instances == 6
