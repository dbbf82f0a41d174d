"""A schedule to start from: the best that the policies make."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import infos
from kvopt.policies.base import Arrivals, Sight
from kvopt.simulation import simulate

__all__ = ["best_starts", "one_by_one", "policy_starts"]

# They solve a linear program that no checkpoint can stop: seconds for 50
# requests, which would overrun the time limit.
_SLOW = ("sorted-lp", "lp-swap")


def one_by_one(instance: Instance) -> list[int]:
    """Return starts that run one request at a time: always feasible."""
    starts = []
    free = 0
    for request in instance:
        start = max(free, request.arrival)
        starts.append(start)
        free = start + request.output
    return starts


def policy_starts(
    instance: Instance,
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> Iterator[list[int]]:
    """Yield the schedule of every policy that needs no predictions.

    Policies that do not finish, or for which the instance is too large, are
    passed over. Cancelled runs are left out, which only lowers the memory in
    use.

    Parameters
    ----------
    instance
        The instance.
    seed
        Seed for random policies.
    checkpoint
        Called now and then; may raise to stop the simulation.
    """
    batch = not instance.arrival.any()
    for info in infos():
        if info.sight not in (Sight.TRUE, Sight.NOTHING):
            continue
        if info.name in _SLOW:
            continue
        if info.arrivals is Arrivals.BATCH and not batch:
            continue
        try:
            result = simulate(
                instance,
                info.name,
                # Compiling the fast engine cannot be stopped half-way.
                engine="reference",
                seed=seed,
                progress=lambda completed: checkpoint(),
            )
        except (InputError, PolicyError):
            continue
        yield result.schedule.starts(instance).tolist()


def best_starts(
    instance: Instance,
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[int]:
    """Return the best of :func:`one_by_one` and :func:`policy_starts`."""
    found = [one_by_one(instance)]
    found += policy_starts(instance, seed, checkpoint)
    return min(found, key=sum)
