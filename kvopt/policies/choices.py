"""The four choices of which most published policies are made.

Order of the queue, admission test, overflow rule, belief about lengths. Each
is plain data with its meaning in plain Python, so that an engine may run the
meaning or compile the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any, Literal, NamedTuple, assert_never

import numpy as np

from kvopt.model import InputError
from kvopt.model.serving import PLAIN, ServingRules
from kvopt.policies.base import InformationModel, Job

__all__ = [
    "Active",
    "Admission",
    "Belief",
    "CancelShortest",
    "ClearAll",
    "ClearEach",
    "EvictLast",
    "Impossible",
    "LookAhead",
    "Misfit",
    "Order",
    "Overflow",
    "PeakReservation",
    "Planned",
    "Proxy",
    "Running",
    "SkipAtMost",
    "UsageThreshold",
    "Waiting",
    "Watermark",
    "check_fraction",
    "limit_of",
    "most_passed_over",
    "share",
    "sort_key",
]


class Order(str, Enum):
    """Order of the waiting queue; ties go to the earlier request.

    ``RANDOM`` gives every request a random place when it arrives. What each
    member means is written once, in :func:`sort_key`.
    """

    ARRIVAL = "arrival"
    LENGTH = "length"
    VOLUME = "volume"
    PEAK = "peak"
    RANDOM = "random"
    LARGEST_VOLUME = "largest-volume"

    @property
    def code(self) -> int:
        """The member's place, by which :func:`sort_key` knows it."""
        return tuple(Order).index(self)


# One for each member of Order, in that order.
_ARRIVAL, _LENGTH, _VOLUME, _PEAK, _RANDOM, _LARGEST = range(len(Order))


def sort_key(
    code: int, request: Any, prompt: Any, length: Any, draw: Any
) -> Any:
    """Return the sort key of a request in the waiting queue.

    The reference engine calls it for one request, the fast engine for arrays
    of all of them, and compiled for one: it may use nothing but arithmetic.

    Parameters
    ----------
    code
        The place of the order in :class:`Order`.
    request
        Request number.
    prompt, length
        Prompt in units, and believed output length in rounds.
    draw
        The request's own random draw, or its place among those of others.

    Raises
    ------
    ValueError
        For the code of an order that has no key here.
    """
    if code == _ARRIVAL:
        return request
    if code == _LENGTH:
        return length
    if code == _VOLUME:
        return prompt * length + length * (length + 1) // 2
    if code == _PEAK:
        return prompt + length
    if code == _RANDOM:
        return draw
    if code == _LARGEST:
        return -(prompt * length + length * (length + 1) // 2)
    raise ValueError("an order without a sort key")


class Waiting(NamedTuple):
    """A waiting request, as a planner sees it."""

    request: int
    prompt: int
    length: int


@dataclass(frozen=True)
class Planned:
    """An order of the queue that is planned for all waiting requests at once.

    Parameters
    ----------
    plan
        Takes the waiting requests, by request number, and ``M``; returns the
        request numbers in the order in which to start them.
    every
        Least number of rounds between two plans. A plan is made at the first
        round at which that many have passed and a request waits that is in
        no plan; until then such requests wait behind the planned ones, in
        order of arrival.
    """

    plan: Callable[[Sequence[Waiting], int], Sequence[int]]
    every: int = 1


class Belief(str, Enum):
    """What a policy takes for the output length of a request.

    A running request that has outlived its belief is believed to end in the
    next round. What was seen of a cancelled request raises the belief
    [inferred]: a point prediction or an upper end to one round more than was
    seen (a clear-and-retry loop could not end otherwise), a lower end to
    what was seen, as A_min does.
    """

    TRUE = "true"
    POINT = "point"
    LOWER = "lower"
    UPPER = "upper"
    UNUSED = "unused"

    @property
    def information(self) -> InformationModel:
        """What the belief has to be told."""
        match self:
            case Belief.TRUE:
                return InformationModel.CLAIRVOYANT
            case Belief.POINT:
                return InformationModel.PREDICTIONS
            case Belief.LOWER | Belief.UPPER:
                return InformationModel.INTERVALS
            case Belief.UNUSED:
                return InformationModel.NON_CLAIRVOYANT
            case _:
                assert_never(self)

    @property
    def learns(self) -> bool:
        """Whether what was seen of a request can change the belief."""
        return self in (Belief.POINT, Belief.LOWER, Belief.UPPER)

    def at_least(self, progress: int) -> int:
        """Return the length believed of a job cancelled after ``progress``."""
        return progress if self is Belief.LOWER else progress + 1

    def length(self, job: Job, known: int) -> int:
        """Return the believed length of a job known to need ``known``."""
        told: int | None
        match self:
            case Belief.TRUE:
                told = job.hint.output
            case Belief.POINT:
                told = job.hint.point
            case Belief.LOWER:
                told = job.hint.lower
            case Belief.UPPER:
                told = job.hint.upper
            case Belief.UNUSED:
                told = 1
            case _:
                assert_never(self)
        if told is None:
            raise InputError(
                f"the policy needs the {self.information.value}",
                field=f"requests[{job.request}].{self.value}",
                value=None,
            )
        return max(told, known)


@dataclass(frozen=True)
class Proxy:
    """One of two lengths, for requests told to be short or long.

    P6 (arXiv 2606.22327), 1-bit SVF: up to ``sqrt(T)`` rounds are short and
    count as ``T**(1/4)``, more are long and count as ``T**(3/4)``; roots are
    rounded down. What was seen of a cancelled request raises the belief as
    it does for :class:`Belief` [inferred].

    Parameters
    ----------
    longest
        ``T``, in rounds.
    told
        The lengths that decide which.
    """

    longest: int
    told: Belief = Belief.TRUE

    @property
    def information(self) -> InformationModel:
        """What the belief has to be told."""
        return self.told.information

    @property
    def learns(self) -> bool:
        """True: an output can be longer than its proxy."""
        return True

    @property
    def ends(self) -> tuple[int, int]:
        """The two proxies."""
        root = isqrt(self.longest)
        return isqrt(root), isqrt(isqrt(self.longest**3))

    def at_least(self, progress: int) -> int:
        """Return the length believed of a job cancelled after ``progress``."""
        return progress + 1

    def length(self, job: Job, known: int) -> int:
        """Return the believed length of a job known to need ``known``."""
        short, long = self.ends
        told = self.told.length(job, 1)
        return max(short if told * told <= self.longest else long, known)


class Active(NamedTuple):
    """A running (or just chosen) request, as its admission test sees it.

    ``end`` is the believed completion round, later than the current round.
    ``start`` is the round before the first token, which with a token budget
    may be later than the current one.
    """

    start: int
    prompt: int
    end: int

    def held(self, round_: int, serving: ServingRules) -> int:
        """Return the units that it holds in a round in which it runs.

        Until its first token is made it holds the room for that.
        """
        return serving.held(self.prompt + max(1, round_ - self.start))


@dataclass(frozen=True)
class LookAhead:
    """Admit if the memory of the whole believed future fits.

    P1 (arXiv 2502.07115v5), Eq. (5): for every later round up to the last
    believed completion among the newly chosen requests, the requests
    believed to be still active then fit into ``(1 - margin) M``. Between
    completions memory only grows, so the completion rounds suffice.

    Parameters
    ----------
    margin
        Share of ``M`` that is kept free.
    """

    margin: float = 0.0

    def fits(
        self,
        active: list[Active],
        chosen: list[Active],
        new: Active,
        now: int,
        memory: int,
        serving: ServingRules = PLAIN,
    ) -> bool:
        """Return whether ``new`` can start; O(k log k) for k active.

        Parameters
        ----------
        active
            Running requests at the beginning of the round.
        chosen
            Requests that start in this round already.
        new
            The request in question.
        now
            The round before which it would start.
        memory
            ``M``, in units of KV memory.
        serving
            How the server hands it out; O(k^2) unless as in the papers.
        """
        limit = share(memory, self.margin)
        last = max(new.end, max((a.end for a in chosen), default=0))
        held = count = 0
        # From the last end backwards: usage(t) = held + count * t.
        jobs = sorted([*active, *chosen, new], key=lambda a: -a.end)
        if not serving.plain:
            return all(
                sum(a.held(at, serving) for a in jobs if a.end >= at) <= limit
                for at in {a.end for a in jobs if a.end <= last}
            )
        for i, job in enumerate(jobs):
            held += job.prompt - job.start
            count += 1
            if i + 1 < len(jobs) and jobs[i + 1].end == job.end:
                continue
            if job.end <= last and held + count * job.end > limit:
                return False
        return True


@dataclass(frozen=True)
class PeakReservation:
    """Admit if the peaks ``s + o`` of all active requests fit into ``M``."""

    def fits(
        self,
        active: list[Active],
        chosen: list[Active],
        new: Active,
        now: int,
        memory: int,
        serving: ServingRules = PLAIN,
    ) -> bool:
        """Return whether ``new`` can start; O(k) for k active.

        Parameters
        ----------
        active
            Running requests at the beginning of the round.
        chosen
            Requests that start in this round already.
        new
            The request in question.
        now
            The round before which it would start.
        memory
            ``M``, in units of KV memory.
        serving
            How the server hands it out.
        """
        jobs = [*active, *chosen, new]
        return sum(a.held(a.end, serving) for a in jobs) <= memory


@dataclass(frozen=True)
class UsageThreshold:
    """Admit while the next round's usage stays within ``(1 - alpha) M``.

    P1, section on experiments; the rule is a reading [inferred]: growth of
    the running requests counts, newcomers count with ``s + 1``.

    Parameters
    ----------
    alpha
        Share of ``M`` that is protected.
    """

    alpha: float

    def fits(
        self,
        active: list[Active],
        chosen: list[Active],
        new: Active,
        now: int,
        memory: int,
        serving: ServingRules = PLAIN,
    ) -> bool:
        """Return whether ``new`` can start; O(k) for k active.

        Parameters
        ----------
        active
            Running requests at the beginning of the round.
        chosen
            Requests that start in this round already.
        new
            The request in question.
        now
            The round before which it would start.
        memory
            ``M``, in units of KV memory.
        serving
            How the server hands it out.
        """
        jobs = [*active, *chosen, new]
        usage = sum(a.held(now + 1, serving) for a in jobs)
        return usage <= share(memory, self.alpha)


@dataclass(frozen=True)
class Watermark:
    """Admit while a prompt leaves a share of the memory free.

    The rule of vLLM's block manager as Vidur simulates it: what is held at
    the moment and the prompt have to fit into ``(1 - reserve) M``; that all
    of it grows in the next round is not asked, only that it is possible. To
    an empty worker a request is admitted whenever it fits.

    Parameters
    ----------
    reserve
        Share of ``M`` that is kept free.
    """

    reserve: float

    def fits(
        self,
        active: list[Active],
        chosen: list[Active],
        new: Active,
        now: int,
        memory: int,
        serving: ServingRules = PLAIN,
    ) -> bool:
        """Return whether ``new`` can start; O(k) for k active.

        Parameters
        ----------
        active
            Running requests at the beginning of the round.
        chosen
            Requests that start in this round already.
        new
            The request in question.
        now
            The round before which it would start.
        memory
            ``M``, in units of KV memory.
        serving
            How the server hands it out.
        """
        jobs = [*active, *chosen, new]
        held = sum(serving.held(a.prompt + now - a.start) for a in jobs)
        alone = len(jobs) == 1
        room = alone or held <= share(memory, self.reserve)
        return room and sum(a.held(now + 1, serving) for a in jobs) <= memory


Admission = LookAhead | PeakReservation | UsageThreshold | Watermark


@dataclass(frozen=True)
class SkipAtMost:
    """Pass over up to so many requests that do not fit, in each round.

    Parameters
    ----------
    most
        ``W``: the scan of the queue ends at misfit number ``W + 1``, which
        may be the first to start later. 0 is ``"break"``.
    """

    most: int


# What happens at a request that does not fit: the scan of the queue ends
# (``"break"``), or passes over it and goes on.
Misfit = Literal["break", "skip"] | SkipAtMost


def most_passed_over(misfit: Misfit, waiting: int) -> int:
    """Return how many of the ``waiting`` requests may be passed over."""
    match misfit:
        case "break":
            return 0
        case "skip":
            return waiting
        case SkipAtMost(most):
            return most
        case _:
            assert_never(misfit)


class Running(NamedTuple):
    """A running request, as an overflow rule sees it.

    ``usage`` is what it would hold in the next round, ``length`` what is
    believed of it (its progress in this run not counted).
    """

    request: int
    usage: int
    progress: int
    length: int


@dataclass(frozen=True)
class Impossible:
    """The admission test rules overflow out; an overflow is an error."""

    def cancel(
        self, running: Sequence[Running], memory: int, rng: np.random.Generator
    ) -> list[int]:
        """Cancel nothing.

        Parameters
        ----------
        running
            Running requests, in order of start.
        memory
            ``M``, in units of KV memory.
        rng
            Source of randomness; it is advanced.
        """
        return []


@dataclass(frozen=True)
class ClearAll:
    """On overflow every running request is cancelled."""

    def cancel(
        self, running: Sequence[Running], memory: int, rng: np.random.Generator
    ) -> list[int]:
        """Return the requests to cancel, of those in order of start.

        Parameters
        ----------
        running
            Running requests, in order of start.
        memory
            ``M``, in units of KV memory.
        rng
            Source of randomness; it is advanced.
        """
        over = sum(r.usage for r in running) > memory
        return [r.request for r in running] if over else []


@dataclass(frozen=True)
class ClearEach:
    """On overflow each running request is cancelled with probability beta.

    Repeated until the rest fits.

    Parameters
    ----------
    beta
        Probability, above 0.
    """

    beta: float

    def cancel(
        self, running: Sequence[Running], memory: int, rng: np.random.Generator
    ) -> list[int]:
        """Return the requests to cancel, of those in order of start.

        Parameters
        ----------
        running
            Running requests, in order of start.
        memory
            ``M``, in units of KV memory.
        rng
            Source of randomness; it is advanced.
        """
        left = list(running)
        gone: list[int] = []
        while sum(r.usage for r in left) > memory:
            draws = rng.random(len(left)).tolist()
            pairs = list(zip(left, draws, strict=True))
            gone += [r.request for r, draw in pairs if draw < self.beta]
            left = [r for r, draw in pairs if draw >= self.beta]
        return gone


@dataclass(frozen=True)
class EvictLast:
    """On overflow the last admitted are cancelled until the rest fits.

    Parameters
    ----------
    spare
        Blocks that have to stay free when running requests make a token.
        vLLM's block manager asks for one before each of them goes on,
        whether it needs one or not. The first admitted goes on even so.
    """

    spare: int = 0

    def cancel(
        self, running: Sequence[Running], memory: int, rng: np.random.Generator
    ) -> list[int]:
        """Return the requests to cancel, of those in order of start.

        Parameters
        ----------
        running
            Running requests, in order of start.
        memory
            What :func:`limit_of` says, in units of KV memory.
        rng
            Source of randomness; it is advanced.
        """
        kept = min(1, self.spare)
        return _until_fits(reversed(running[kept:]), running, memory)


@dataclass(frozen=True)
class CancelShortest:
    """On overflow those believed shortest are cancelled until the rest fits.

    Ties go to the least progress, then to the earlier request.

    Parameters
    ----------
    continuous
        Whether the progress of a running request raises what is believed of
        it; if not, only cancellations do.
    """

    continuous: bool = False

    def cancel(
        self, running: Sequence[Running], memory: int, rng: np.random.Generator
    ) -> list[int]:
        """Return the requests to cancel, of those in order of start.

        Parameters
        ----------
        running
            Running requests, in order of start.
        memory
            ``M``, in units of KV memory.
        rng
            Source of randomness; it is advanced.
        """

        def key(r: Running) -> tuple[int, int, int]:
            seen = r.progress if self.continuous else 0
            return max(r.length, seen), r.progress, r.request

        return _until_fits(sorted(running, key=key), running, memory)


Overflow = Impossible | ClearAll | ClearEach | EvictLast | CancelShortest


def limit_of(overflow: Overflow, memory: int, serving: ServingRules) -> int:
    """Return the units that what runs may hold in the next round.

    Parameters
    ----------
    overflow
        The rule that is asked when they hold more.
    memory
        ``M``, in units of KV memory.
    serving
        How memory is handed out.
    """
    if isinstance(overflow, EvictLast):
        return memory - overflow.spare * serving.block
    return memory


def _until_fits(
    victims: Iterable[Running], running: Sequence[Running], memory: int
) -> list[int]:
    usage = sum(r.usage for r in running)
    gone = []
    for r in victims:
        if usage <= memory:
            break
        usage -= r.usage
        gone.append(r.request)
    return gone


@lru_cache(maxsize=256)
def share(memory: int, protected: float) -> int:
    """Return ``floor((1 - protected) * memory)``, exactly.

    The number is taken as it is written: 0.1 is one tenth, so that a tenth
    of 30 units is 3 and not a hair more.
    """
    return int((1 - Fraction(str(protected))) * memory)


def check_fraction(
    value: float, name: str, *, zero: bool = True, one: bool = False
) -> None:
    """Raise InputError unless ``value`` lies in [0, 1), or as the flags say.

    ``zero`` and ``one`` say whether the ends themselves are allowed.

    Parameters
    ----------
    value
        What was given.
    name
        Name of the parameter that an error names.
    zero
        Whether 0 is allowed.
    one
        Whether 1 is allowed.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    inside = number and (
        0 < value < 1 or (zero and value == 0) or (one and value == 1)
    )
    if not inside:
        left, right = "[" if zero else "(", "]" if one else ")"
        raise InputError(
            f"must be a number in {left}0, 1{right}", field=name, value=value
        )
