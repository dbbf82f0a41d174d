"""A schedule to start from: the best that the policies make."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kvopt.exact.control.session import Session
from kvopt.model import InputError, Instance, PolicyError
from kvopt.policies import Policy, infos, parse_policy
from kvopt.policies.base import Arrivals, InformationModel
from kvopt.policies.batches.dp import is_small
from kvopt.policies.choices import Planned
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation import simulate
from kvopt.simulation.engine import engine_of

__all__ = [
    "best_starts",
    "engine_for",
    "one_by_one",
    "policy_starts",
    "prepare",
    "run_policy",
    "start_policies",
]

# They solve a linear program that no checkpoint can stop: seconds for 50
# requests, which would overrun the time limit.
_SLOW = ("sorted-lp", "lp-swap")
# Rounds that the reference engine goes through in some tenths of a second.
MOST_ROUNDS = 20_000
# More requests than this take minutes to plan for.
MOST_PLANNED = 3_000


def one_by_one(instance: Instance) -> list[int]:
    """Return starts that run one request at a time: always feasible."""
    starts = []
    free = 0
    for request in instance:
        start = max(free, request.arrival)
        starts.append(start)
        free = start + request.output
    return starts


def engine_for(instance: Instance) -> str:
    """Return the engine that runs policies on ``instance`` sooner.

    The reference engine goes from round to round, and compiles nothing; the
    other one has to be compiled, and the number of rounds does not matter.
    """
    rounds = int(instance.output.sum())
    return "reference" if rounds <= MOST_ROUNDS else "fast"


def prepare(session: Session) -> None:
    """Compile what policies need on the session's instance, or load it."""
    instance = session.instance
    # Loading the compiler takes a good part of a second.
    if not is_small(len(instance), instance.memory):
        from kvopt.policies.batches import dp_kernel

        session.prepare(dp_kernel.warm_up)
    if engine_for(instance) == "fast":
        from kvopt.simulation import fast

        session.prepare(fast.warm_up)


def start_policies(instance: Instance) -> list[Policy]:
    """Return every policy that needs no predictions and runs in good time.

    Those whose plan for so many requests takes minutes are left out.
    """
    batch = not instance.arrival.any()
    engine = engine_for(instance)
    policies = []
    for info in infos():
        if info.information not in (
            InformationModel.CLAIRVOYANT,
            InformationModel.NON_CLAIRVOYANT,
        ):
            continue
        if info.name in _SLOW:
            continue
        if info.arrivals is Arrivals.BATCH and not batch:
            continue
        policy = parse_policy(info.name)
        if engine == "fast" and engine_of(policy) != engine:
            continue
        if len(instance) > MOST_PLANNED and _plans(policy):
            continue
        policies.append(policy)
    return policies


def _plans(policy: Policy) -> bool:
    """Whether a policy plans the order of its whole queue."""
    return isinstance(policy, ComposedPolicy) and isinstance(
        policy.composition.order, Planned
    )


def run_policy(
    instance: Instance,
    policy: Policy,
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[int] | None:
    """Return the start rounds of a policy's schedule; None if it ends in none.

    Cancelled runs are left out, which only lowers the memory in use.

    Parameters
    ----------
    instance, policy
        What to schedule, and how.
    seed
        Seed for random policies.
    checkpoint
        Called now and then; may raise to stop the simulation.
    """
    try:
        result = simulate(
            instance,
            policy,
            engine_for(instance),
            seed,
            lambda completed: checkpoint(),
        )
    except (InputError, PolicyError):
        return None
    starts: list[int] = result.schedule.starts(instance).tolist()
    return starts


def policy_starts(
    instance: Instance,
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> Iterator[list[int]]:
    """Yield the schedule of each of :func:`start_policies` that has one.

    The parameters are those of :func:`run_policy`.

    Parameters
    ----------
    instance
        The instance.
    seed
        Seed of everything random.
    checkpoint
        Called now and then; it raises to stop.
    """
    for policy in start_policies(instance):
        starts = run_policy(instance, policy, seed, checkpoint)
        if starts is not None:
            yield starts


def best_starts(
    instance: Instance,
    seed: int,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[int]:
    """Return the best of :func:`one_by_one` and :func:`policy_starts`.

    Parameters
    ----------
    instance
        The instance.
    seed
        Seed of random policies.
    checkpoint
        Called now and then; may raise.
    """
    found = [one_by_one(instance)]
    found += policy_starts(instance, seed, checkpoint)
    return min(found, key=sum)
