"""One run of a solver or bound: its clock, its results, how to stop it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from kvopt.exact.control.feasibility import fault
from kvopt.model import BoundCertificate, Instance, KvoptError
from kvopt.model.compilation import COMPILING, noting_compilation

__all__ = ["Session", "SolveEvent", "SolverError", "Stopped"]

# Objectives are integers; a bound this little above one proves no more.
TOLERANCE = 1e-6
# Seconds between two looks at whether it is done.
POLL = 0.05


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
        Wall time since the clock began; see :attr:`Session.seconds`.
    objective
        Total latency of the best schedule so far, in rounds.
    lower_bound
        Best proved lower bound so far, in rounds.
    busy
        ``COMPILING`` while the clock stands still for it, else "".
    """

    seconds: float
    objective: int
    lower_bound: int
    busy: str = ""


class Session:
    """What a backend and the thread that waits for it tell each other.

    The backend of ``solve`` runs in a thread of its own and calls
    :meth:`found`, :meth:`proved`, :meth:`certified`, :meth:`remaining`,
    :meth:`over`, :meth:`checkpoint`, :meth:`prepare`, :meth:`on_stop` and
    :meth:`by_theorem`. It may set :attr:`ground`. All else is for the waiting
    thread, which alone checks and keeps results. A bound runs in the thread
    of its caller.

    Parameters
    ----------
    instance
        The instance.
    time_limit
        Seconds from now, without those of :meth:`prepare`; None for no
        limit.
    starts
        Start rounds of a feasible schedule, shape ``(n,)``.
    certificate
        Of a lower bound.
    look
        Called with the session whenever its backend looks whether it is
        over, in the backend's thread.

    Attributes
    ----------
    certificate
        The best so far.
    ground
        What an optimum rests on that the certificate does not prove; "" to
        say no more than that schedule and bound meet.
    theorem
        The theorem by which the schedule is optimal and the certificate
        tight; "" if there is none.
    interrupted
        Whether the user asked for an end.
    """

    def __init__(
        self,
        instance: Instance,
        time_limit: float | None,
        starts: Sequence[int],
        certificate: BoundCertificate,
        look: Callable[[Session], Any] | None = None,
    ) -> None:
        self.instance = instance
        self.time_limit = time_limit
        self.starts = list(starts)
        self.objective = self.latency(starts)
        self.certificate = certificate
        self.lower_bound = certificate.value
        self.ground = ""
        self.theorem = ""
        self.interrupted = False
        # When the clock began, and when it was stopped, if it stands still;
        # one value, because two threads look at it.
        self._clock: tuple[float, float | None] = (time.monotonic(), None)
        self._busy = ""
        self._told = self._news()
        self._look = look
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

    def by_theorem(self, theorem: str, certificate: BoundCertificate) -> None:
        """Report the bound that a theorem says the best schedule meets."""
        self.theorem = theorem
        self.certificate = certificate
        self.proved(certificate.value)

    def remaining(self) -> float | None:
        """Seconds left, at least a little; None for no limit."""
        if self.time_limit is None:
            return None
        return max(self.time_limit - self.seconds, 0.01)

    def over(self) -> bool:
        """Whether it is time to stop."""
        return self.told_to_stop() or self.overdue()

    def told_to_stop(self) -> bool:
        """Whether somebody asked for an end, whatever the time limit."""
        if self._look is not None:
            self._look(self)
        return self._stop.is_set() or self.interrupted

    def checkpoint(self) -> None:
        """Raise :class:`Stopped` when it is time to stop."""
        if self.over():
            raise Stopped

    def prepare(self, warm_up: Callable[[], None]) -> None:
        """Call ``warm_up`` while the clock stands still: limits are for work.

        It runs in a thread of its own, because a compiler cannot be stopped:
        whoever interrupts need not wait for it.

        Parameters
        ----------
        warm_up
            Loads, and compiles if this machine has not yet, what is needed.

        Raises
        ------
        Stopped
            When it is told to stop before. A time limit that has passed is
            no reason: what runs next may have a first schedule at once.
        """
        done = Event()
        failures: list[Exception] = []

        def work() -> None:
            try:
                warm_up()
            except Exception as failure:
                failures.append(failure)
            finally:
                done.set()

        began, _ = self._clock
        halted = time.monotonic()
        self._clock = began, halted
        try:
            with noting_compilation(self._compiling):
                Thread(target=work, name="kvopt-compile", daemon=True).start()
                while not done.wait(POLL):
                    if self.told_to_stop():
                        raise Stopped
        finally:
            self._busy = ""
            self._clock = began + time.monotonic() - halted, None
        if failures:
            raise failures[0]

    def _compiling(self) -> None:
        self._busy = COMPILING

    def on_stop(self, stopper: Callable[[], None]) -> None:
        """Have ``stopper`` called when it is time to stop."""
        self._stoppers.append(stopper)
        if self._stop.is_set():
            stopper()

    # The waiting side.

    @property
    def seconds(self) -> float:
        """Wall time since the beginning, without that of :meth:`prepare`."""
        began, stopped = self._clock
        return (time.monotonic() if stopped is None else stopped) - began

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
        objective = self.latency(starts)
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
            if self.latency(starts) != round(value):
                raise SolverError(
                    f"objective {value} claimed for a schedule with total "
                    f"latency {self.latency(starts)}"
                )
            self.offer(starts)
        if self.lower_bound > self.objective:
            raise SolverError(
                f"lower bound {self.lower_bound} claimed, but a schedule "
                f"has total latency {self.objective}"
            )
        told, self._told = self._told, self._news()
        return told != self._told

    def event(self) -> SolveEvent:
        """Return the present state as a progress event."""
        return SolveEvent(self.seconds, *self._news())

    def _news(self) -> tuple[int, int, str]:
        return self.objective, self.lower_bound, self._busy

    def latency(self, starts: Sequence[int]) -> int:
        """Return the total latency of a schedule, in rounds."""
        rows = zip(self.instance, starts, strict=True)
        return sum(p + r.output - r.arrival for r, p in rows)
