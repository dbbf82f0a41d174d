"""A_l: two passes over requests whose outputs have one of two lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import ClassVar, Literal

from kvopt.model import InputError
from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    PolicyInfo,
    Setup,
    View,
)
from kvopt.policies.choices import Active, Belief, LookAhead

__all__ = ["AL"]


@dataclass(frozen=True)
class AL:
    """Run each request for ``l_i`` rounds; then the survivors as ``u_i``.

    P3 (arXiv 2508.14544), the policy for lengths that are ``l`` or ``u``.
    First pass: every request is started as if it were ``l_i`` long, and
    dropped if it is not done by then. Second pass: the dropped ones are
    known to be ``u_i`` long, and are served as H-SF serves them.

    Notes
    -----
    The queue holds the first pass, then the second, each by believed length,
    ties by number; the second pass may begin while the last of the first
    still run [inferred]. The look-ahead rules overflow out in both passes,
    and a request is dropped at most once. Lengths between the two are served
    as ``u_i``.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="a-l",
        title="A_l",
        summary="a first pass of l rounds each, then the survivors",
        paper="P3: Chen, Ye, Zhou, arXiv 2508.14544, two-point lengths",
        information=InformationModel.INTERVALS,
        arrivals=Arrivals.BATCH,
        restarts=True,
        ratio=(
            "1.5 against H-SF if alpha = l/u <= 1/2, all a_i = 0, s_i = s "
            "small and o_i is l or u (fluid limit [inferred, checked])"
        ),
        complexity="O(k log k) a test, k = active requests",
        reading=(
            "two passes [inferred]; their overlap, intervals of different "
            "requests and online use are readings, too"
        ),
    )

    @property
    def information(self) -> InformationModel:
        """Both ends of the intervals."""
        return InformationModel.INTERVALS

    @property
    def idles(self) -> bool:
        """False: the head of the queue starts as soon as it fits."""
        return False

    @property
    def livelock(self) -> Literal["none"]:
        """A request is cancelled at most once."""
        return "none"

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run.

        It raises InputError when a request outlives its upper end.
        """
        return _Session(setup.memory).decide


class _Session:
    """What A_l remembers during one run.

    Attributes
    ----------
    length
        Believed output length of each request in its current pass, in rounds.
    queue
        Heap of those that wait, with their pass (0 or 1) and that length.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.length: dict[int, int] = {}
        self.queue: list[tuple[int, int, int]] = []

    def decide(self, view: View) -> Decision:
        """Drop whoever has lived its first pass, then start what fits."""
        now, length = view.round, self.length
        for i in view.arrived:
            self.wait(0, Belief.LOWER.length(view.jobs[i], 1), i)
        cancel = [
            i for i, start in view.running.items() if now - start >= length[i]
        ]
        for i in cancel:
            upper = Belief.UPPER.length(view.jobs[i], 1)
            if now - view.running[i] >= upper:
                raise InputError(
                    "must not be below the true length",
                    field=f"requests[{i}].upper",
                    value=upper,
                )
            self.wait(1, upper, i)
        return Decision(self.admit(view, cancel), cancel)

    def wait(self, passed: int, length: int, request: int) -> None:
        """Put a request into the queue, with what is believed of it now."""
        self.length[request] = length
        heappush(self.queue, (passed, length, request))

    def admit(self, view: View, cancel: list[int]) -> list[int]:
        """Take from the queue what starts beside those that go on."""
        if not self.queue:
            return []
        now, test = view.round, LookAhead()
        active = [
            Active(start, view.jobs[i].prompt, start + self.length[i])
            for i, start in view.running.items()
            if i not in cancel
        ]
        chosen: list[Active] = []
        started: list[int] = []
        while self.queue:
            _, length, i = self.queue[0]
            new = Active(now, view.jobs[i].prompt, now + length)
            if not test.fits(active, chosen, new, now, self.memory):
                break
            chosen.append(new)
            started.append(i)
            heappop(self.queue)
        return started
