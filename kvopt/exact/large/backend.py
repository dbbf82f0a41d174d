"""The entry of the solver for many requests; compiles nothing before it runs.

Policies first, ours with several limits among them; then orders inserted with
the exact look-ahead, and where many are wide one that packs them; then
annealing until the end. Beside that a thread raises the bound: by convex
prices where everything is there at 0, else by prices of the memory over time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np

from kvopt.exact.bounds.convex_prices import convex_prices_bound
from kvopt.exact.control.session import Session, Stopped
from kvopt.exact.large.packing import packing_keys
from kvopt.exact.task import SolverTask
from kvopt.exact.warm_start import run_policy, start_policies
from kvopt.model import InputError, Instance
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum
from kvopt.policies import Policy
from kvopt.policies.svf_bypass import SVFBypass

if TYPE_CHECKING:
    from kvopt.exact.large.annealing import Profile

__all__ = ["rounds_for", "run", "warm_up"]

# Limits of the policy that passes over few misfits; the first runs always.
MISFITS = (30, 10, 100, 3, 300, 1)
# Share of the time that policies may take, and seconds that they get in any
# case, also beyond a short limit: the result is to be as good as the best.
POLICIES, AT_LEAST = 0.25, 1.0
# Exponents of the output length by which volumes are weighted: orders that
# are inserted; and up to how many requests, since each looks at all before.
EXPONENTS, MOST_INSERTED = (-0.4, -0.3, -0.2, -0.1, 0.0), 200_000
# Rounds of the profile for each until the last completion of the policies'
# best schedule: an order that packs may end later, until it is annealed.
ROOM = 1.5
# Seconds of a limit below which no time goes into a better bound, and for
# which the end waits for what the bound is about to say.
LEAST_FOR_BOUND, PATIENCE = 5.0, 1.0
# Seconds between two reports, and for each request: each is checked.
PAUSE, PAUSE_A_REQUEST = 0.2, 2e-5


def run(task: SolverTask, session: Session) -> str:
    """Improve the schedules of policies; return why it ended."""
    from kvopt.exact.large.annealing import (
        BYTES_A_ROUND,
        Anneal,
        AnnealingParams,
        Profile,
    )

    instance = task.instance
    report = _Report(instance, session, task.incumbent)
    try:
        for starts in _policies(task, session):
            report.keep(np.array(starts, np.int64))
        report.flush()
        if report.latency == session.certificate.value:
            return ""
        horizon = rounds_for(instance, report.best)
        if horizon * BYTES_A_ROUND > task.memory:
            return f"no memory for a profile of {horizon:,} rounds"
        profile = Profile(instance, horizon)
        for inserted in _insertions(profile, session):
            report.keep(inserted)
        packed = _packed(profile, report, session)
        # Such a start is far from what it leads to, and needs more heat; and
        # where few fit together, a better packing takes more requests apart.
        params = AnnealingParams(hot=2.0, cold=0.1, most=8, spread=8.0)
        if not packed:
            params = AnnealingParams()
            profile.load(report.best)
        profile.compact()
        report.keep(profile.start)
        anneal = Anneal(profile, task.workers, task.seed, params)
        with _bounding(session):
            anneal.run(_share(session, anneal.phases), report.keep)
    finally:
        report.flush()
    return f"annealing ended after {anneal.phases:,} phases"


def rounds_for(instance: Instance, starts: IntArray) -> int:
    """Return how many rounds a profile gets that begins with these starts."""
    end = int((starts + instance.output).max())
    return int(ROOM * end) + int(instance.output.max())


@contextmanager
def _bounding(session: Session) -> Iterator[None]:
    """Raise the session's bound in a thread as long as the block runs."""
    limit = session.time_limit
    if limit is not None and limit < LEAST_FOR_BOUND:
        yield
        return

    from kvopt.exact.bounds.memory_prices import memory_prices_bound

    def work() -> None:
        # Stopped in the middle, it has told the session what it reached.
        with suppress(Stopped, InputError, MemoryError):
            if session.instance.arrival.any():
                memory_prices_bound(session)
            else:
                convex_prices_bound(session)

    thread = Thread(target=work, name="kvopt-bound", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)


class _Report:
    """The best schedule so far, and when the session was told of one."""

    def __init__(
        self, instance: Instance, session: Session, starts: Sequence[int]
    ) -> None:
        self.session = session
        self.best = np.array(starts, np.int64)
        self.offset = exact_sum(instance.output - instance.arrival)
        self.latency = exact_sum(self.best) + self.offset
        self.pause = PAUSE + PAUSE_A_REQUEST * len(instance)
        self.told_at = time.monotonic()
        self.told = self.latency

    def keep(self, starts: IntArray) -> None:
        """Keep a schedule if it is better, and report it now and then."""
        latency = exact_sum(starts) + self.offset
        if latency < self.latency:
            self.best, self.latency = starts.copy(), latency
        if time.monotonic() - self.told_at >= self.pause:
            self.flush()

    def flush(self) -> None:
        """Report the best schedule, if it has not been reported."""
        if self.latency < self.told:
            self.session.found(self.best.tolist(), self.latency)
            self.told = self.latency
            self.told_at = time.monotonic()


def _policies(task: SolverTask, session: Session) -> Iterator[list[int]]:
    """Yield the schedules of policies, run side by side."""
    instance, limit = task.instance, session.time_limit

    def checkpoint() -> None:
        enough = limit is not None and session.seconds > max(
            POLICIES * limit, AT_LEAST
        )
        if enough or session.told_to_stop():
            raise Stopped

    def schedule(policy: Policy) -> list[int] | None:
        try:
            return run_policy(instance, policy, task.seed, checkpoint)
        except Stopped:
            return None

    first, *others = [SVFBypass(most) for most in MISFITS]
    found = run_policy(instance, first, task.seed)
    if found is not None:
        yield found
    with ThreadPoolExecutor(task.workers) as pool:
        policies = (*others, *start_policies(instance))
        runs = [pool.submit(schedule, policy) for policy in policies]
        for done in as_completed(runs):
            starts = done.result()
            if starts is not None:
                yield starts


def _insertions(profile: Profile, session: Session) -> Iterator[IntArray]:
    """Yield what inserting in order of weighted volumes gives."""
    prompt, output = profile.requests[2].astype(float), profile.output
    volume = prompt * output + output * (output + 1) / 2
    if output.size > MOST_INSERTED:
        return
    for exponent in EXPONENTS:
        session.checkpoint()
        key = volume * output.astype(float) ** exponent
        if profile.decode(np.argsort(key, kind="stable")):
            yield profile.start


def _packed(profile: Profile, report: _Report, session: Session) -> bool:
    """Insert requests in an order that packs, where many are wide.

    Annealing begins with that, and not with the best schedule: it begins
    higher and ends lower.
    """
    keys = packing_keys(session.instance, report.latency, session)
    if keys is None:
        return False
    done = profile.decode(np.argsort(keys, kind="stable"))
    if done:
        report.keep(profile.start)
    return done


def _share(session: Session, phases: int) -> Callable[[], float]:
    """Return what says which share of the annealing is over."""
    began, limit = session.seconds, session.time_limit
    done = -1

    def share() -> float:
        nonlocal done
        session.checkpoint()
        done += 1
        if limit is None:
            return min(done / phases, 1.0)
        return (session.seconds - began) / max(limit - began, 1e-3)

    return share


def warm_up() -> None:
    """Compile all that :func:`run` needs, or load it from the cache."""
    from kvopt.exact.bounds import memory_prices
    from kvopt.exact.large.annealing import Anneal, AnnealingParams, Profile
    from kvopt.policies.batches import dp_kernel
    from kvopt.simulation import fast

    fast.warm_up()
    memory_prices.warm_up()
    dp_kernel.warm_up()
    profile = Profile(Instance.of(4, [(0, 1, 2), (0, 0, 2), (1, 2, 1)]), 20)
    profile.decode(np.arange(3))
    profile.load(profile.start)
    profile.compact()
    anneal = Anneal(profile, 1, 0, AnnealingParams(pause=(5, 0.0), phase=5))
    shares = iter((0.0, 1.0))
    anneal.run(lambda: next(shares), lambda starts: None)
