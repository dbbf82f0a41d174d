"""How an engine that goes round by round tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Progress", "Pulse"]

# Called now and then with the number of completed requests; it may raise.
Progress = Callable[[int], Any]

# Work between two calls, in requests looked at: some milliseconds.
STEPS = 500


class Pulse:
    """Calls ``progress`` when requests complete, and every so many rounds.

    What is called may end the run by an exception, so a run ends soon after
    a signal or its time limit, however long its requests are.

    Parameters
    ----------
    progress
        Called with the number of completed requests; None for nobody.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.completed = 0
        self.steps = 0

    def beat(self, active: int, completed: int) -> None:
        """Note a round that is over.

        Parameters
        ----------
        active
            Requests that ran in the round, or waited for it: its work.
        completed
            Requests that are complete after it.
        """
        self.steps += 1 + active
        if self.steps < STEPS and completed == self.completed:
            return
        self.steps = 0
        self.completed = completed
        if self.progress is not None:
            self.progress(completed)
