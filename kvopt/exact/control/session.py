"""One solve: its clock, its best schedule and bound, and how to stop it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event

from kvopt.exact.control.feasibility import fault
from kvopt.model import BoundCertificate, Instance, KvoptError

__all__ = ["Session", "SolveEvent", "SolverError", "Stopped"]

# Objectives are integers; a bound this little above one proves no more.
TOLERANCE = 1e-6


class SolverError(KvoptError, RuntimeError):
    """A backend contradicts itself, the model, or another proof."""


class Stopped(Exception):
    """Raised at a checkpoint: the time is over or the user interrupted."""


@dataclass(frozen=True)
class SolveEvent:
    """Progress: the best schedule and bound, and when they were reached.

    Parameters
    ----------
    seconds
        Wall time since the call of ``solve``.
    objective
        Total latency of the best schedule so far.
    lower_bound
        Best proved lower bound so far.
    """

    seconds: float
    objective: int
    lower_bound: int


class Session:
    """What a backend and the thread that waits for it tell each other.

    The backend runs in a thread of its own and calls :meth:`found`,
    :meth:`proved`, :meth:`certified`, :meth:`remaining`, :meth:`checkpoint`
    and :meth:`on_stop`. It may set :attr:`ground`. All else is for the
    waiting thread, which alone checks and keeps results.

    Parameters
    ----------
    instance
        The instance.
    time_limit
        Seconds from now; None for no limit.
    starts
        Start rounds of a feasible schedule, shape ``(n,)``.
    certificate
        Of a lower bound.

    Attributes
    ----------
    certificate
        The best so far.
    ground
        What an optimum rests on that the certificate does not prove; "" to
        say no more than that schedule and bound meet.
    """

    def __init__(
        self,
        instance: Instance,
        time_limit: float | None,
        starts: Sequence[int],
        certificate: BoundCertificate,
    ) -> None:
        self.instance = instance
        self.began = time.monotonic()
        self.time_limit = time_limit
        self.starts = list(starts)
        self.objective = self._latency(starts)
        self.certificate = certificate
        self.lower_bound = certificate.value
        self.ground = ""
        self.interrupted = False
        self._messages: SimpleQueue[tuple[Sequence[int] | None, float]]
        self._messages = SimpleQueue()
        self._stop = Event()
        self._stoppers: list[Callable[[], None]] = []

    # The backend's side.

    def found(self, starts: Sequence[int], claimed: float) -> None:
        """Report a schedule and the objective the backend claims for it."""
        self._messages.put((starts, claimed))

    def proved(self, lower_bound: float) -> None:
        """Report a proved lower bound; infinite ones say nothing."""
        if math.isfinite(lower_bound):
            self._messages.put((None, lower_bound))

    def certified(self, certificate: BoundCertificate) -> None:
        """Report a lower bound with its certificate."""
        if certificate.value > self.certificate.value:
            self.certificate = certificate
        self.proved(certificate.value)

    def remaining(self) -> float | None:
        """Seconds left, at least a little; None for no limit."""
        if self.time_limit is None:
            return None
        return max(self.time_limit - self.seconds, 0.01)

    def checkpoint(self) -> None:
        """Raise :class:`Stopped` when it is time to stop."""
        if self._stop.is_set() or self.interrupted or self.overdue():
            raise Stopped

    def on_stop(self, stopper: Callable[[], None]) -> None:
        """Have ``stopper`` called when it is time to stop."""
        self._stoppers.append(stopper)
        if self._stop.is_set():
            stopper()

    # The waiting side.

    @property
    def seconds(self) -> float:
        """Seconds since the session began."""
        return time.monotonic() - self.began

    @property
    def optimal(self) -> bool:
        """True when schedule and bound meet."""
        return self.objective == self.lower_bound

    def overdue(self, grace: float = 0.0) -> bool:
        """Whether the limit passed, ``grace`` seconds ago or more."""
        limit = self.time_limit
        return limit is not None and self.seconds >= limit + grace

    def stop(self) -> None:
        """Ask the backend to stop; at once the first time, then never."""
        if not self._stop.is_set():
            self._stop.set()
            for stopper in self._stoppers:
                stopper()

    def offer(self, starts: Sequence[int]) -> None:
        """Keep a schedule that is known to be feasible, if it is better."""
        objective = self._latency(starts)
        if objective < self.objective:
            self.starts, self.objective = list(starts), objective

    def absorb(self) -> bool:
        """Check and keep what was reported; return whether it was news.

        Raises
        ------
        SolverError
            When a schedule breaks a rule, has not the objective that was
            claimed, or beats a proved bound.
        """
        before = (self.objective, self.lower_bound)
        while True:
            try:
                starts, value = self._messages.get_nowait()
            except Empty:
                break
            if starts is None:
                bound = math.ceil(value - TOLERANCE)
                self.lower_bound = max(self.lower_bound, bound)
                continue
            problem = fault(self.instance, starts)
            if problem:
                raise SolverError(f"infeasible schedule: {problem}")
            if self._latency(starts) != round(value):
                raise SolverError(
                    f"objective {value} claimed for a schedule with total "
                    f"latency {self._latency(starts)}"
                )
            self.offer(starts)
        if self.lower_bound > self.objective:
            raise SolverError(
                f"lower bound {self.lower_bound} claimed, but a schedule "
                f"has total latency {self.objective}"
            )
        return before != (self.objective, self.lower_bound)

    def event(self) -> SolveEvent:
        """Return the present state as a progress event."""
        return SolveEvent(self.seconds, self.objective, self.lower_bound)

    def _latency(self, starts: Sequence[int]) -> int:
        rows = zip(self.instance, starts, strict=True)
        return sum(p + r.output - r.arrival for r, p in rows)
