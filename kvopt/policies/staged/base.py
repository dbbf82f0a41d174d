"""What a policy of the staged model is: batches, one iteration at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple, Protocol

from kvopt.policies.base import InformationModel, PolicyInfo

__all__ = [
    "Batch",
    "Fitting",
    "Progress",
    "StagedJob",
    "StagedPolicy",
    "StagedSetup",
    "StagedView",
]


class StagedJob(NamedTuple):
    """A request as a staged policy sees it.

    ``prompt`` is ``l``; ``output`` is ``l'``, or None when the policy is not
    told it.
    """

    request: int
    prompt: int
    output: int | None = None


class Progress(NamedTuple):
    """How far a resident request has come.

    ``prefilled`` prompt tokens are processed (all of them before the first
    decode), ``decoded`` tokens are made; it holds ``l + decoded`` units.
    """

    prefilled: int
    decoded: int


class StagedView(NamedTuple):
    """What a staged policy may look at when the worker is idle.

    Parameters
    ----------
    jobs
        Every request that has arrived and is not complete.
    waiting
        Those that hold no memory, in order of the queue: an evicted request
        joins it anew, at the end.
    resident
        Those that hold memory, in order of admission.
    closed
        True when a policy that waits is asked again because nothing will
        ever arrive; always False before that.
    """

    jobs: Mapping[int, StagedJob]
    waiting: Mapping[int, None]
    resident: Mapping[int, Progress]
    closed: bool


class Batch(NamedTuple):
    """What the next iteration does; an empty one waits for an arrival.

    Parameters
    ----------
    prefill
        Requests and prompt tokens to process: new ones, which are admitted
        by it, and resident ones whose prompt is not done.
    decode
        Resident requests that make one token each.
    evict
        Resident requests that give up their memory and all progress, first.
    """

    prefill: Sequence[tuple[int, int]] = ()
    decode: Sequence[int] = ()
    evict: Sequence[int] = ()


class StagedSetup(NamedTuple):
    """What a staged policy knows before the first arrival: ``C``."""

    memory: int


class StagedPolicy(Protocol):
    """A policy of the staged model: parameters, metadata and one method."""

    info: ClassVar[PolicyInfo]

    @property
    def information(self) -> InformationModel: ...

    def session(self, setup: StagedSetup) -> Callable[[StagedView], Batch]:
        """Return the decision function of one run.

        It is called when the worker is idle and something has arrived or an
        iteration has ended.
        """
        ...


class Fitting:
    """The memory of the next iteration, made to fit by the rule of P5.

    The last admitted is evicted first (P5, section 2). A request that would
    be admitted now is the last of all: it is left waiting.

    Parameters
    ----------
    view, memory
        What there is, and ``C``.
    decode
        Resident requests that are to make a token.
    """

    def __init__(
        self, view: StagedView, memory: int, decode: Iterable[int]
    ) -> None:
        self.view = view
        self.decode = dict.fromkeys(decode)
        self.evict: list[int] = []
        self.held = {
            i: view.jobs[i].prompt + done.decoded
            for i, done in view.resident.items()
        }
        self.free = memory - sum(self.held.values()) - len(self.decode)
        for i in reversed(list(view.resident)):
            if self.free >= 0:
                break
            self._evict(i)

    def _evict(self, request: int) -> None:
        self.evict.append(request)
        self.free += self.held.pop(request)
        if request in self.decode:
            del self.decode[request]
            self.free += 1

    def admit(self, waiting: Iterable[int], spare: int = 0) -> list[int]:
        """Return the longest prefix of ``waiting`` that fits.

        With ``spare``, so many units stay free; not for a request that would
        be alone.
        """
        admitted: list[int] = []
        for i in waiting:
            prompt = self.view.jobs[i].prompt
            alone = not self.held and not admitted
            if self.free - prompt < (0 if alone else spare):
                break
            self.free -= prompt
            admitted.append(i)
        return admitted

    def displace(self, waiting: Iterable[int]) -> list[int]:
        """Admit like :meth:`admit`, evicting the latest to make room."""
        admitted: list[int] = []
        latest = list(self.held)
        for i in waiting:
            prompt = self.view.jobs[i].prompt
            while self.free < prompt and latest:
                self._evict(latest.pop())
            if self.free < prompt:
                break
            self.free -= prompt
            admitted.append(i)
        return admitted

    def batch(self, admitted: Sequence[int]) -> Batch:
        """Return the batch: whole prompts, and one token of each decode."""
        return Batch(
            [(i, self.view.jobs[i].prompt) for i in admitted],
            list(self.decode),
            self.evict,
        )
