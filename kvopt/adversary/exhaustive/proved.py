"""What is proved of single policies, so that few listings need be run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np

from kvopt.adversary.exhaustive.ceilings import in_two_passes, planned
from kvopt.adversary.exhaustive.compiled import Kernel
from kvopt.adversary.exhaustive.space import Space
from kvopt.model.instance import IntArray
from kvopt.policies import Policy
from kvopt.policies.a_l import AL
from kvopt.policies.a_min import AMin
from kvopt.policies.base import Hint, Job
from kvopt.policies.gba import GBA
from kvopt.policies.gba_d import GBAD
from kvopt.policies.gsa import GSA, Slices
from kvopt.policies.gsa_spec import GSASpec
from kvopt.policies.lp_swap import LPSwap
from kvopt.policies.mc_benchmark import MCBenchmark
from kvopt.policies.pipeline import PlannedPolicy, pipeline
from kvopt.policies.receding_horizon import RecedingHorizon
from kvopt.policies.sorted_f import SortedF
from kvopt.policies.sorted_lp import SortedLP
from kvopt.policies.sps import SPS
from kvopt.policies.two_point_rule import TwoPointRule

__all__ = ["Listing", "Proved", "proved"]

# Places of requests in `Space.types`, in order of listing.
Listing = tuple[int, ...]
# Takes ``Arrays.kinds`` and rows of it; returns an upper bound on the sum of
# completions of each multiset.
Most = Callable[[IntArray, IntArray], IntArray]
# Policies of which something is proved; a subclass may do something else.
_KNOWN = (
    *(SPS, GBA, GBAD, GSA, GSASpec),
    *(SortedF, RecedingHorizon, SortedLP, LPSwap),
    *(AL, TwoPointRule),
)


@dataclass(frozen=True)
class Proved:
    """What is proved of a policy, for any order of listing.

    Parameters
    ----------
    listings
        Yields some listings of a multiset, such that no other costs more.
    most
        Returns an upper bound for each multiset; None where none is known.
    exact
        Returns the largest cost over all listings, which takes longer; None
        where nothing is compiled for it.
    """

    listings: Callable[[Listing], Iterable[Listing]]
    most: Most | None = None
    exact: Most | None = None


def proved(policy: Policy, space: Space) -> Proved:
    """Return what is proved of a policy; docs/exhaustive.md says why."""
    every = partial(_every, space)
    if space.latest_arrival or type(policy) not in _KNOWN:
        return Proved(every)
    match policy:
        case GBAD():
            return Proved(every, _slots(policy, space))
        case GSASpec():
            slots, exact = _slots(policy, space), _speculation(policy, space)
            return Proved(every, slots, exact)
        case SPS() | GBA():
            return Proved(partial(_by_output, space), _slots(policy, space))
        case GSA():
            return Proved(partial(_outputs, space), _slots(policy, space))
        case SortedF() | SortedLP() | LPSwap():
            return Proved(partial(_by_output, space), _orders(policy, space))
        case AL():
            exact = partial(_a_l, memory=space.memory)
            return Proved(every, _two_passes, exact)
        case TwoPointRule():
            return Proved(every, *_two_point(policy, space))
        case _:
            raise AssertionError("is no policy of which something is proved")


def _every(space: Space, row: Listing) -> Iterator[Listing]:
    """Yield the distinct listings in order of arrival."""
    types = space.types
    for listing in sorted(set(permutations(row))):
        arrivals = [types[k].arrival for k in listing]
        if arrivals == sorted(arrivals):
            yield listing


def _by_output(space: Space, row: Listing) -> list[Listing]:
    """Return the one listing by output."""
    return [tuple(sorted(row, key=lambda k: space.types[k].output))]


def _outputs(space: Space, row: Listing) -> Iterable[Listing]:
    """Return one listing for each order of the outputs."""
    types = space.types
    return {
        tuple(types[k].output for k in listing): listing
        for listing in _every(space, row)
    }.values()


def _slots(policy: PlannedPolicy, space: Space) -> Most:
    """Return the bound of :func:`planned` for rows of a space."""
    memory, types = space.memory, space.types
    return lambda kinds, rows: planned(policy, memory, types, rows)


def _orders(policy: Policy, space: Space) -> Most:
    """Return the cost of the worst order, started with the look-ahead."""
    match policy:
        case SortedF(selector="exact-dp" | "scaled-dp", feasible="peaks"):
            # Rounded weights could hide that a peak is larger.
            monotone = policy.units >= space.memory
        case SortedF(selector="local-swap", feasible="peaks"):
            monotone = True
        case LPSwap(feasible="peaks"):
            monotone = True
        case _:
            monotone = False
    return Kernel(MCBenchmark(), space, monotone=monotone).ceilings


def _speculation(policy: GSASpec, space: Space) -> Most:
    """Return what computes GSA-Spec's largest costs."""
    from kvopt.adversary.exhaustive.speculation import (
        REQUEST,
        SLICES,
        speculation,
    )

    memory = space.memory
    # The slices that a request without a prompt would get.
    slices, lengths = Slices(policy, memory), [0]
    while lengths[-1] < memory:
        slices.begin([Job(0, 0, 0, Hint())], 0)
        lengths.append(slices.length)
    pipes = np.zeros((2, memory, memory + 1), np.int64)
    for s, length in np.ndindex(memory, memory):
        pipe = pipeline(memory, s, length + 1, policy.overlap)
        pipes[:, s, length + 1] = pipe
    rules = policy.runs == "keep", np.array(lengths[1:], np.int64), pipes
    scratch = np.zeros(space.requests, REQUEST), np.zeros(1, SLICES)

    def exact(kinds: IntArray, rows: IntArray) -> IntArray:
        costs: IntArray = speculation(*rules, kinds, rows, memory, *scratch)
        return costs

    return exact


def _a_l(kinds: IntArray, rows: IntArray, memory: int) -> IntArray:
    """Return A_l's largest costs."""
    from kvopt.adversary.exhaustive.two_passes import two_passes

    costs: IntArray = two_passes(kinds, rows, memory)
    return costs


def _two_passes(kinds: IntArray, rows: IntArray) -> IntArray:
    """Return the bound of :func:`in_two_passes`."""
    return in_two_passes(kinds[2][rows])


def _two_point(policy: TwoPointRule, space: Space) -> tuple[Most, Most]:
    """Return both for A_l, and for A_min where that is chosen."""
    kernel = Kernel(AMin(policy.update), space)

    def of(a_l: Most) -> Most:
        def costs(kinds: IntArray, rows: IntArray) -> IntArray:
            outputs = kinds[2][rows]
            near = 2 * outputs.min(axis=1) > outputs.max(axis=1)
            found = a_l(kinds, rows)
            found[near] = kernel.ceilings(kinds, rows[near])
            return found

        return costs

    return of(_two_passes), of(partial(_a_l, memory=space.memory))
