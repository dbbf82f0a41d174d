"""A good schedule of any instance in polynomial time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kvopt.exact.control.watch import Watch
from kvopt.model import Instance
from kvopt.model.instance import IntArray
from kvopt.simulation import simulate

__all__ = ["MOVES", "POLICIES", "STEPS", "best_of_policies", "improved"]

POLICIES = ("mc-sf", "svf", "sorted-f", "sps")
# A move costs at most n * A^2 steps, where A requests can run at once: this
# many steps in all, and at most this many moves.
STEPS = 20_000_000_000
MOVES = 400_000
# First temperature, in rounds.
HEAT = 5.0


def best_of_policies(instance: Instance) -> tuple[str, tuple[int, ...]]:
    """Return the best of four policies, and its starts."""
    found = []
    for policy in POLICIES:
        schedule = simulate(instance, policy).schedule
        found.append((policy, tuple(schedule.starts(instance).tolist())))
    return min(found, key=lambda row: sum(row[1]))


def improved(
    instance: Instance,
    seed: int,
    starts: Sequence[int],
    better: Callable[[tuple[int, ...], str], None],
    watch: Watch,
) -> None:
    """Improve a schedule by annealing over orders with delays.

    ``min(400,000, 2e10 / (n * A^2))`` moves, where ``A`` is how many requests
    of the smallest prompt have room at once, and none if that is below a
    hundred: polynomial, whatever the instance. Each better schedule is given
    to ``better``; ``watch`` may raise.
    """
    # Loading the compiler takes a good part of a second.
    from kvopt.exact.heuristics.annealing import Annealing

    n = len(instance)
    most = min(n, instance.memory // (int(instance.prompt.min()) + 1))
    moves = min(MOVES, STEPS // (n * most**2))
    if moves < 100:
        return

    def report(rounds: IntArray, latency: int) -> None:
        better(tuple(rounds.tolist()), f"{moves:,} moves")

    rng = np.random.default_rng(seed)
    annealing = Annealing(instance, rng)
    annealing.run(starts, moves, HEAT, report, watch.checkpoint)
