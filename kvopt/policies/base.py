"""What a policy is: the protocol, what it may see, and its metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from kvopt.model.serving import PLAIN, ServingRules

__all__ = [
    "Arrivals",
    "Decision",
    "Explanation",
    "Hint",
    "InformationModel",
    "Job",
    "Policy",
    "PolicyInfo",
    "Setup",
    "View",
]


class InformationModel(str, Enum):
    """What a policy is told about output lengths when a request arrives."""

    CLAIRVOYANT = "true lengths"
    PREDICTIONS = "point predictions"
    INTERVALS = "prediction intervals"
    NON_CLAIRVOYANT = "nothing"


class Arrivals(str, Enum):
    """Arrivals for which a policy is defined."""

    ONLINE = "online"
    BATCH = "all at 0"


@dataclass(frozen=True)
class PolicyInfo:
    """Metadata of a policy, shown by ``kvopt policies``.

    Parameters
    ----------
    name, title
        Name in the registry, and the name its paper uses.
    summary
        What the policy does, in one line without a full stop.
    paper
        Citation: authors, arXiv number and version, section; or "ours".
        The labels P1 to P6 are those of docs/readings.md.
    information
        What the policy is told about output lengths, by default.
    arrivals
        Arrivals for which it is defined.
    restarts
        Whether it may cancel a running request.
    ratio
        Proven competitive ratio with its conditions and theorem, or
        ``"none proven"``.
    complexity
        Cost of a decision, and what the symbols mean.
    reading
        How sure we are that this is the paper's algorithm, and what was
        filled in where the paper does not say.
    """

    name: str
    title: str
    summary: str
    paper: str
    information: InformationModel
    arrivals: Arrivals
    restarts: bool
    ratio: str
    complexity: str
    reading: str


class Hint(NamedTuple):
    """What a policy is told about one output length; None is "not told"."""

    output: int | None = None
    point: int | None = None
    lower: int | None = None
    upper: int | None = None


class Job(NamedTuple):
    """A request as the policy sees it from its arrival on."""

    request: int
    arrival: int
    prompt: int
    hint: Hint

    def after(self, tokens: int) -> Job:
        """Return the job once it has made tokens that are kept as text.

        They belong to its prompt, and what it was told of its length is
        shorter by as much, but at least 1.
        """
        left = (
            None if told is None else max(1, told - tokens)
            for told in self.hint
        )
        return self._replace(prompt=self.prompt + tokens, hint=Hint(*left))


class View(NamedTuple):
    """What a policy may look at when it decides at round ``round``.

    Parameters
    ----------
    round
        The current round ``t``; what is started now has ``p = t``.
    jobs
        Every request that has arrived, by request number.
    running
        Start round of each running request. Its progress is
        ``round - start``; it will hold one unit more in the next round.
    waiting
        Requests that have arrived and neither run nor are finished.
    arrived
        Requests that have arrived since the last decision, in order.
    prefill
        With a token budget: tokens of its prompt that each running request
        has yet to compute, in the order in which they will be; its start
        moves on until they are computed.
    """

    round: int
    jobs: Mapping[int, Job]
    running: Mapping[int, int]
    waiting: Mapping[int, None]
    arrived: Sequence[int]
    prefill: Mapping[int, int] = MappingProxyType({})


class Explanation(NamedTuple):
    """Why a policy starts a request, or lets it wait.

    Parameters
    ----------
    text
        The reason, in one line.
    belief
        Output length that the policy believes of the request, in rounds;
        None if it believes none.
    """

    text: str
    belief: int | None = None


class Decision(NamedTuple):
    """Requests to cancel, then requests to start, in order.

    A request may be cancelled and started again in one decision. Where
    ``Setup.explain`` asks for it, ``why`` may say why requests start or
    wait, and ``why_cancel`` why those are cancelled.
    """

    start: Sequence[int]
    cancel: Sequence[int] = ()
    why: Mapping[int, Explanation] = MappingProxyType({})
    why_cancel: str = ""


class Setup(NamedTuple):
    """What a policy knows before the first request arrives.

    ``explain`` asks for explanations, which a policy may leave out.
    """

    memory: int
    rng: np.random.Generator
    explain: bool = False
    serving: ServingRules = PLAIN


class Policy(Protocol):
    """A scheduling policy: parameters, metadata and one method.

    Attributes
    ----------
    info
        Metadata of the class.
    information
        What this object, with its parameters, is told about lengths.
    idles
        True if it may leave the worker empty while requests wait. The engine
        reports any other policy that does so as stuck.
    livelock
        How the engine finds out that the policy cancels and retries without
        end: ``"state"`` when decisions depend only on what runs and waits (a
        state that recurs without an arrival or a completion recurs for
        ever), ``"patience"`` when they are random, ``"none"`` when the
        policy cannot do that.
    """

    info: ClassVar[PolicyInfo]

    @property
    def information(self) -> InformationModel: ...

    @property
    def idles(self) -> bool: ...

    @property
    def livelock(self) -> Literal["state", "patience", "none"]: ...

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run.

        It is called once a round, and may keep what it learns between calls.
        """
        ...
