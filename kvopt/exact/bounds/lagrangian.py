"""The Lagrangian bound: the state-space relaxation, refined while that helps.

What is relaxed and why its value is a bound: ``docs/theory/relaxation.md``.
"""

from __future__ import annotations

import numpy as np

from kvopt.exact.control.session import Session
from kvopt.exact.relaxation.ascent import (
    Point,
    ascend,
    carried,
    first_multipliers,
)
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.ladder import ladder
from kvopt.exact.relaxation.tables import (
    MAX_ROUNDS,
    OutOfRange,
    RelaxationTables,
)
from kvopt.exact.warm_start import best_starts, one_by_one, prepare
from kvopt.model import BoundCertificate, InputError, Instance, SearchParams
from kvopt.model.sums import exact_sum

__all__ = ["check_size", "lagrangian_bound", "warm_up"]

# Most evaluations, and the first step as a share of the distance.
Ascent = tuple[int, float]

# States times rounds of a relaxation: the independent checker, in plain
# Python, then takes some ten seconds.
MAX_STEPS = 100_000_000
# States of a first relaxation at most, and by how much each next one has
# more at least.
FIRST_STATES = 15_000
GROWTH = 2
# The coarsest threshold is the memory over this, or the largest prompt.
COARSEST = 4
# Rounds in a bucket of the first, coarse prices.
COARSE = 20
# Most evaluations and first step: with coarse prices, at the first threshold,
# and at a finer one, where multipliers are good already. Measured: with a
# longer step the last kind stalls where it began.
COARSE_ASCENT = (120, 0.3)
FIRST_ASCENT = (250, 0.15)
FINER_ASCENT = (250, 0.03)


def lagrangian_bound(session: Session) -> BoundCertificate:
    """Return the best bound over thresholds that the checker can follow.

    Multipliers are improved at a coarse threshold and carried to finer ones;
    the session is told what each has reached, also when it ends the ascent.

    Raises
    ------
    InputError
        When there are too many states or rounds even at a coarse threshold.
    Stopped
        When the session is over.

    Notes
    -----
    Steps and horizon come from a schedule that policies make; the bound
    itself holds for every makespan and does not rest on that schedule.
    """
    instance = session.instance
    check_size(instance)
    groups = Groups(instance)
    prepare(session)
    starts = np.array(best_starts(instance, 0, session.checkpoint))
    completion = starts + instance.output
    target = exact_sum(completion - instance.arrival)
    makespan = int(completion.max())
    rounds = makespan + makespan // 8 + 10
    steps = _steps(groups, rounds)
    nu = np.zeros((0, 0), np.int64)
    params = SearchParams()
    lam = first_multipliers(groups, completion, params.multiplier_raise)
    point = Point(lam, nu, params.first_step)
    old: RelaxationTables | None = None
    found: list[BoundCertificate] = []
    for threshold, width, (evaluations, step) in steps:
        session.checkpoint()
        new = RelaxationTables(groups, rounds, threshold, width)
        if old is None:
            nu = np.zeros((new.buckets, new.columns), np.int64)
            point = Point(point.lam, nu, step)
        else:
            point = Point(*carried(point.lam, point.nu, old, new), step)
        try:
            ascend(new, point, target, evaluations, params, session.checkpoint)
        except OutOfRange:
            break
        finally:
            if point.value is not None:
                known = (point.lam, point.nu, point.value)
                found.append(new.certificate(instance.hash, *known))
                session.certified(found[-1])
        old = new
    if not found:
        raise InputError(
            "the multipliers left the range of 32-bit integers",
            where=instance.name,
        )
    return max(found, key=lambda certificate: certificate.value)


def check_size(instance: Instance) -> None:
    """Refuse an instance too large whatever its schedule.

    Schedules of many rounds take minutes to make, so it is refused before.

    Raises
    ------
    InputError
        As :func:`lagrangian_bound`.
    """
    end = int((instance.arrival + instance.output).max())
    _steps(Groups(instance), end)


def warm_up() -> None:
    """Have numba compile all that :func:`lagrangian_bound` calls."""
    instance = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)])
    certificate = BoundCertificate(instance.hash, "trivial", 0)
    starts = one_by_one(instance)
    lagrangian_bound(Session(instance, None, starts, certificate))


def _steps(groups: Groups, rounds: int) -> list[tuple[int, int, Ascent]]:
    """Return threshold, width and kind of ascent of each relaxation."""
    if rounds >= MAX_ROUNDS:
        raise InputError(
            f"the Lagrangian bound is for fewer than {MAX_ROUNDS:,} rounds",
            field="rounds",
            value=rounds,
        )
    limit = MAX_STEPS // rounds
    # Prices are kept for each round and prompt.
    prompts = int(groups.prompt.max()) + 1
    chosen = ladder(
        groups,
        groups.memory // COARSEST,
        limit,
        FIRST_STATES,
        GROWTH,
        lambda threshold: prompts <= limit,
        lambda threshold: True,
    )
    if not chosen:
        raise InputError(
            "the Lagrangian bound would have too many states or prompts: "
            f"more than {limit:,} in each of {rounds:,} rounds",
            field="memory",
            value=groups.memory,
        )
    steps = [(chosen[0], 1, FIRST_ASCENT)]
    if rounds > 3 * COARSE:
        steps.insert(0, (chosen[0], COARSE, COARSE_ASCENT))
    return steps + [(h, 1, FINER_ASCENT) for h in chosen[1:]]
