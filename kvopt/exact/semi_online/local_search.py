"""A good schedule of any instance in polynomial time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kvopt.exact.control.session import Session
from kvopt.exact.warm_start import engine_for, one_by_one, prepare
from kvopt.model import Instance, SearchParams
from kvopt.model.instance import IntArray
from kvopt.simulation import simulate

__all__ = ["MOVES", "POLICIES", "STEPS", "improved", "policy_schedules"]
__all__ += ["warm_up"]

POLICIES = ("mc-sf", "svf", "sorted-f", "sps")
# A move costs at most n * A^2 steps, where A requests can run at once: this
# many steps in all, and at most this many moves.
STEPS = 20_000_000_000
MOVES = 400_000
# First temperature, in rounds.
HEAT = 5.0


def policy_schedules(
    session: Session,
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each of four policies with the starts of its schedule."""
    instance = session.instance
    prepare(session)
    for policy in POLICIES:
        result = simulate(
            instance,
            policy,
            engine_for(instance),
            progress=lambda completed: session.checkpoint(),
        )
        yield policy, tuple(result.schedule.starts(instance).tolist())


def improved(
    instance: Instance,
    seed: int,
    starts: Sequence[int],
    better: Callable[[tuple[int, ...], str], None],
    session: Session,
) -> None:
    """Improve a schedule by annealing over orders with delays.

    ``min(400,000, 2e10 / (n * A^2))`` moves, where ``A`` is how many requests
    of the smallest prompt have room at once, and none if that is below a
    hundred: polynomial, whatever the instance. Each better schedule is given
    to ``better``; ``session`` may end it.

    Parameters
    ----------
    instance
        The instance.
    seed
        Seed of the moves.
    starts
        Start rounds of a feasible schedule, shape ``(n,)``.
    better
        Called with the start rounds of a better schedule, and how many
        moves there are.
    session
        Is asked whether the time is over.
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
    annealing = Annealing(instance, rng, SearchParams())
    annealing.run(starts, moves, HEAT, report, session.checkpoint)


def warm_up() -> None:
    """Have numba compile all that :func:`improved` calls."""
    # Loading the compiler takes a good part of a second.
    from kvopt.exact.heuristics.annealing import Annealing

    instance = Instance.of(4, [(0, 0, 3), (0, 1, 2), (0, 0, 1)])
    annealing = Annealing(instance, np.random.default_rng(0), SearchParams())
    annealing.run(
        one_by_one(instance), 100, HEAT, lambda rounds, latency: None
    )
