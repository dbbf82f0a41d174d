"""What the threads of one search tell each other and the session."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Lock

import numpy as np

from kvopt.exact.control.session import Session
from kvopt.exact.relaxation.tables import SCALE
from kvopt.exact.search.guide import Guide
from kvopt.exact.task import SolverTask
from kvopt.model.instance import IntArray

__all__ = ["Closed", "Shared"]


class Closed(Exception):
    """Raised at a checkpoint: there is nothing left to search for."""


class Shared:
    """The best schedule and bound, passed on to the session.

    Parameters
    ----------
    task, session
        What is solved, and whom to tell.

    Attributes
    ----------
    guide
        Latest costs to go, for the heuristics; None at first.
    paths
        Latest paths of the present relaxation; another object for another
        relaxation.
    """

    def __init__(self, task: SolverTask, session: Session) -> None:
        instance = task.instance
        self.session = session
        self.starts = np.array(task.incumbent, dtype=np.int64)
        self._fixed = instance.output - instance.arrival
        self.latency = int((self.starts + self._fixed).sum())
        self.bound = session.lower_bound
        self.guide: Guide | None = None
        self.paths: Sequence[IntArray] = ()
        self._lock = Lock()
        self._over = Event()
        self._failure: Exception | None = None

    def found(self, starts: Sequence[int] | IntArray, latency: int) -> None:
        """Keep a schedule if it is the best; tell the session."""
        with self._lock:
            if latency < self.latency:
                self.latency = latency
                self.starts = np.array(starts, dtype=np.int64)
                self.session.found(self.starts.tolist(), latency)

    def proved(self, scaled: int) -> None:
        """Keep a bound on the schedules better than the incumbent.

        ``scaled`` counts in ``1 / SCALE`` rounds. It may rest on fixed
        completions, so it bounds the optimum only up to the incumbent.
        """
        with self._lock:
            bound = min(-(-scaled // SCALE), self.latency)
            if bound > self.bound:
                self.bound = bound
                self.session.proved(bound)

    def best(self) -> tuple[IntArray, int]:
        """Return the best schedule and its total latency."""
        with self._lock:
            return self.starts, self.latency

    def end(self, failure: Exception | None = None) -> None:
        """Have every thread stop at its next checkpoint."""
        if failure is not None:
            self._failure = failure
        self._over.set()

    def checkpoint(self) -> None:
        """Raise when the search is over, the time is, or a thread failed."""
        self.session.checkpoint()
        if self._failure is not None:
            raise self._failure
        if self._over.is_set() or self.bound >= self.latency:
            raise Closed
