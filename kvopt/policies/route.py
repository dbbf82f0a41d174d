"""Route: three kinds of requests share the time of one worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
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
from kvopt.policies.pipeline import Pipeline, pipeline
from kvopt.policies.rect import RectSession

__all__ = ["Route"]


@dataclass(frozen=True)
class Route:
    """Rect for large and for prompt-heavy requests, Response for the rest.

    Feng, Liu, Yang, Zhang (arXiv 2607.09248), for any requests of unknown
    length. *Large* ones have ``s > M/4``. A small one counts as
    prompt-heavy until it has produced ``s`` tokens without ending; then it
    is known to be response-heavy, loses its progress and changes over. In
    phase ``r`` the prompt-heavy, the response-heavy and the large have
    ``2**r`` rounds each, one after the other, and go on where they stood.

    Notes
    -----
    Readings [inferred]: a branch starts only runs that end within its
    slice, so that none is cut off at the slice's end, and its slice ends
    when nothing of it runs and nothing can start in what is left; a branch
    without requests takes no time. In the branch of Response a request
    whose prompt the cap ``2**q`` covers joins with the least such cap,
    requests of the least cap go first, and who has not ended joins those of
    the double cap. With all requests there at once these are Response's
    phases. Later arrivals join their branch.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="route",
        title="Route",
        summary="rect and response share the time; small requests change over",
        paper="Feng, Liu, Yang, Zhang, arXiv 2607.09248, Route",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="O(1), constant not known",
        complexity="O(w log w) a round, w = waiting requests",
        reading=(
            "branches, classes and slices as summarised; what happens at the "
            "end of a slice, and who takes part in a phase of Response once "
            "it runs [inferred]"
        ),
    )

    @property
    def information(self) -> InformationModel:
        """Nothing."""
        return InformationModel.NON_CLAIRVOYANT

    @property
    def idles(self) -> bool:
        """True: a pipeline waits for its next slot."""
        return True

    @property
    def livelock(self) -> Literal["none"]:
        """Caps and slices double until they are long enough."""
        return "none"

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return _Session(setup.memory).decide


class _PromptHeavy(RectSession):
    """Rect, whose attempts end when as much is produced as was asked."""

    def cap(self, job: Job) -> int:
        """Return the most rounds of the present attempt."""
        return min(super().cap(job), job.prompt)


class _Responses:
    """Response for requests that join one after the other.

    Attributes
    ----------
    doublings
        ``q`` of each request: its next run has the cap ``2**q``.
    queue
        Requests of the present pipeline that have not started in it.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.doublings: dict[int, int] = {}
        self.queue: list[int] = []
        self.pipe = Pipeline(1, 1)
        # Of the present pipeline: q, cap, and prompt that all count with.
        self.level, self.length, self.prompt = -1, 0, 0
        self.begun = self.taken = 0

    def decide(self, view: View, left: int) -> Decision:
        """Kill at the cap; start what has its slot and ends in time.

        Parameters
        ----------
        view
            What of the branch runs and waits.
        left
            Rounds left of the branch's slice.
        """
        now = view.round
        killed = [
            i
            for i, start in view.running.items()
            if now - start >= self.length
        ]
        for i in killed:
            self.doublings[i] += 1
        waiting = {*view.waiting, *killed}
        for i in waiting - self.doublings.keys():
            prompt = view.jobs[i].prompt
            self.doublings[i] = max(0, prompt - 1).bit_length()
        self._choose(view, waiting, drained=len(killed) == len(view.running))
        # A slot that fell into the time of others is now; those after it
        # keep their distance.
        self.begun += max(0, now - self._slot())
        started: list[int] = []
        while self.queue and self.length <= left and self._slot() == now:
            started.append(self.queue.pop(0))
            self.taken += 1
        return Decision(started, killed)

    def waits(self, now: int, left: int) -> bool:
        """Return whether a slot comes from which a run ends in time.

        Parameters
        ----------
        now
            The current round.
        left
            Rounds left of the branch's slice.
        """
        wait = self._slot() - now
        return bool(self.queue) and wait + self.length <= left

    def _choose(self, view: View, waiting: set[int], drained: bool) -> None:
        """Take those of the least cap; others once what runs has ended."""
        least = min((self.doublings[i] for i in waiting), default=-1)
        first = sorted(i for i in waiting if self.doublings[i] == least)
        self.queue = [
            i
            for i in first
            if least == self.level and view.jobs[i].prompt <= self.prompt
        ]
        if self.queue or not first or not drained:
            return
        prompts = [view.jobs[i].prompt for i in first]
        self.queue, self.level, self.prompt = first, least, max(prompts)
        self.length = min(1 << least, self.memory - min(prompts))
        self.pipe = pipeline(self.memory, self.prompt, self.length, "discrete")
        self.begun, self.taken = view.round, 0

    def _slot(self) -> int:
        return self.begun + self.pipe.slot(self.taken)


class _Turn(IntEnum):
    """The branches of a phase, in order."""

    PROMPT_HEAVY = 0
    RESPONSE_HEAVY = 1
    LARGE = 2


class _Session:
    """What Route remembers during one run."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.rects = {
            _Turn.PROMPT_HEAVY: _PromptHeavy(memory),
            _Turn.LARGE: RectSession(memory),
        }
        self.responses = _Responses(memory)
        self.branch: dict[int, _Turn] = {}
        self.turn = _Turn.PROMPT_HEAVY
        self.phase = 0
        self.ends = 1

    def decide(self, view: View) -> Decision:
        """Ask the branch whose turn it is, or the next that has work."""
        cancelled = self._sort(view)
        while view.waiting or view.running:
            own = self._own(view, cancelled)
            left = max(0, self.ends - view.round)
            waits = False
            if self.turn is _Turn.RESPONSE_HEAVY:
                decision = self.responses.decide(own, left)
                waits = self.responses.waits(view.round, left)
            else:
                decision = self.rects[self.turn].decide(own, left)
            cancelled += decision.cancel
            still = len(own.running) > len(decision.cancel)
            if still or waits or decision.start:
                return Decision(decision.start, cancelled)
            self._next(view.round)
        return Decision([])

    def _sort(self, view: View) -> list[int]:
        """Give new requests their branch; return those that change over."""
        for i in view.arrived:
            prompt = view.jobs[i].prompt
            if 4 * prompt > self.memory:
                self.branch[i] = _Turn.LARGE
            elif prompt:
                self.branch[i] = _Turn.PROMPT_HEAVY
            else:
                self.branch[i] = _Turn.RESPONSE_HEAVY
        changed = [
            i
            for i, start in view.running.items()
            if self.branch[i] is _Turn.PROMPT_HEAVY
            and view.round - start >= view.jobs[i].prompt
        ]
        for i in changed:
            self.branch[i] = _Turn.RESPONSE_HEAVY
        return changed

    def _own(self, view: View, cancelled: list[int]) -> View:
        """Return what the branch whose turn it is may see."""
        gone = set(cancelled)
        waits = [*view.waiting, *cancelled]
        return view._replace(
            running={i: p for i, p in view.running.items() if i not in gone},
            waiting={i: None for i in waits if self.branch[i] is self.turn},
        )

    def _next(self, now: int) -> None:
        """Begin the slice of the next branch."""
        self.phase += self.turn is _Turn.LARGE
        self.turn = _Turn((self.turn + 1) % len(_Turn))
        self.ends = now + (1 << min(self.phase, 62))
