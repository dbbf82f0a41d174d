"""Rect: attempts with doubling caps, in order of their rectangles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    Job,
    PolicyInfo,
    Setup,
    View,
)

__all__ = ["Rect", "RectSession"]


@dataclass(frozen=True)
class Rect:
    """Run every request for 1, 2, 4, .. rounds until it ends.

    Feng, Liu, Yang, Zhang (arXiv 2607.09248), for requests whose usage
    stays near their prompt. Attempt ``r`` of a request is a rectangle of
    width ``2 s`` and length ``2**r``; those that wait are in order of their
    areas, and whenever memory is free the least that fits starts. An
    attempt that reaches its cap is cancelled and waits for the next one.

    Notes
    -----
    A request whose prompt is small against its cap would outgrow ``2 s``.
    Its width is then its peak at the cap, ``s + min(2**r, M - s)``, so that
    memory never overflows on any instance; and no width exceeds ``M``
    [inferred]. What does not fit is passed over; ties go to the earlier
    request [inferred].
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="rect",
        title="Rect",
        summary="attempts with doubling caps, least 2s * cap first",
        paper="Feng, Liu, Yang, Zhang, arXiv 2607.09248, Rect",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio=(
            "36 if all a_i = 0 and all requests are large (s > M/4), or all "
            "small and prompt-heavy (o <= s <= M/4)"
        ),
        complexity="O(w log w) a round, w = waiting requests",
        reading=(
            "as summarised; the width of requests that outgrow 2s, "
            "misfits, ties and later arrivals [inferred]"
        ),
    )

    @property
    def information(self) -> InformationModel:
        """Nothing."""
        return InformationModel.NON_CLAIRVOYANT

    @property
    def idles(self) -> bool:
        """False: whatever waits fits into the empty worker."""
        return False

    @property
    def livelock(self) -> Literal["none"]:
        """Caps double until they reach what memory leaves."""
        return "none"

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return RectSession(setup.memory).decide


class RectSession:
    """What Rect remembers during one run.

    Attributes
    ----------
    memory
        ``M``, in units.
    attempts
        How many attempts of each request were cancelled.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.attempts: dict[int, int] = {}

    def cap(self, job: Job) -> int:
        """Return the most rounds of the present attempt."""
        attempt = self.attempts.get(job.request, 0)
        return min(1 << min(attempt, 62), self.memory - job.prompt)

    def width(self, job: Job) -> int:
        """Return the memory that an attempt reserves."""
        peak = job.prompt + self.cap(job)
        return min(max(2 * job.prompt, peak), self.memory)

    def decide(self, view: View, left: int | None = None) -> Decision:
        """Cancel what has reached its cap, then start what fits.

        Parameters
        ----------
        view
            What runs and waits.
        left
            Start only attempts that end within so many rounds, if given.
        """
        jobs = view.jobs
        cancel = [
            i
            for i, start in view.running.items()
            if view.round - start >= self.cap(jobs[i])
        ]
        gone = set(cancel)
        used = sum(self.width(jobs[i]) for i in view.running if i not in gone)
        for i in cancel:
            self.attempts[i] = self.attempts.get(i, 0) + 1
        started = []
        for i in sorted(
            [*view.waiting, *cancel],
            key=lambda i: (self.width(jobs[i]) * self.cap(jobs[i]), i),
        ):
            in_time = left is None or self.cap(jobs[i]) <= left
            if in_time and used + self.width(jobs[i]) <= self.memory:
                used += self.width(jobs[i])
                started.append(i)
        return Decision(started, cancel)
