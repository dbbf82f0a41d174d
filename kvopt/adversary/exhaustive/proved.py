"""What is proved of single policies, so that few listings need be run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import permutations

from kvopt.adversary.exhaustive.arrays import Arrays
from kvopt.adversary.exhaustive.ceilings import planned
from kvopt.adversary.exhaustive.compiled import Kernel
from kvopt.adversary.exhaustive.space import Space
from kvopt.model.instance import IntArray
from kvopt.policies import Policy
from kvopt.policies.a_l import AL
from kvopt.policies.a_min import AMin
from kvopt.policies.gba import GBA
from kvopt.policies.gba_d import GBAD
from kvopt.policies.gsa import GSA
from kvopt.policies.gsa_spec import GSASpec
from kvopt.policies.lp_swap import LPSwap
from kvopt.policies.mc_benchmark import MCBenchmark
from kvopt.policies.pipeline import PlannedPolicy
from kvopt.policies.receding_horizon import RecedingHorizon
from kvopt.policies.sorted_f import SortedF
from kvopt.policies.sorted_lp import SortedLP
from kvopt.policies.sps import SPS
from kvopt.policies.two_point_rule import TwoPointRule

__all__ = ["Listing", "Proved", "proved"]

# Places of requests in `Space.types`, in order of listing.
Listing = tuple[int, ...]
# Returns an upper bound on the sum of completions of each multiset.
Most = Callable[[Arrays], IntArray]
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
    most
        Returns an upper bound on the sum of completions of each multiset of
        a chunk; None where none is known.
    listings
        Yields some listings of a multiset, such that no other costs more.
    """

    most: Most | None
    listings: Callable[[Listing], Iterable[Listing]]


def proved(policy: Policy, space: Space) -> Proved:
    """Return what is proved of a policy; docs/exhaustive.md says why."""
    every = partial(_every, space)
    if space.latest_arrival or type(policy) not in _KNOWN:
        return Proved(None, every)
    match policy:
        case GBAD() | GSASpec():
            return Proved(_slots(policy, space), every)
        case SPS() | GBA():
            return Proved(_slots(policy, space), partial(_by_output, space))
        case GSA():
            return Proved(_slots(policy, space), partial(_outputs, space))
        case SortedF() | SortedLP() | LPSwap():
            kernel = Kernel(MCBenchmark(), space)
            return Proved(
                lambda chunk: kernel.ceilings(chunk.kinds, chunk.rows),
                partial(_by_output, space),
            )
        case AL():
            return Proved(partial(_a_l, memory=space.memory), every)
        case TwoPointRule():
            return Proved(_two_point(policy, space), every)
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
    """Return the bound of :func:`planned` for chunks of a space."""
    memory, types = space.memory, space.types
    return lambda chunk: planned(policy, memory, types, chunk.rows)


def _a_l(chunk: Arrays, memory: int) -> IntArray:
    """Return what A_l costs at most, which is compiled."""
    from kvopt.adversary.exhaustive.two_passes import two_passes

    most: IntArray = two_passes(chunk.kinds, chunk.rows, memory)
    return most


def _two_point(policy: TwoPointRule, space: Space) -> Most:
    """Return what A_l costs at most, or A_min where that is chosen."""
    kernel = Kernel(AMin(policy.update), space)

    def most(chunk: Arrays) -> IntArray:
        outputs = chunk.kinds[2][chunk.rows]
        costs = _a_l(chunk, space.memory)
        near = 2 * outputs.min(axis=1) > outputs.max(axis=1)
        costs[near] = kernel.ceilings(chunk.kinds, chunk.rows[near])
        return costs

    return most
