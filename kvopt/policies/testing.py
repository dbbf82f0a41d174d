"""The contract of a policy, and a check that a user can run on their own.

The check plays a policy round by round on every tiny instance and on some
larger ones. It is strict and slow, and shares nothing with the engines.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from enum import Enum
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple, assert_never

import numpy as np

from kvopt.model import InputError
from kvopt.policies.base import (
    Hint,
    InformationModel,
    Job,
    PolicyInfo,
    Setup,
    View,
)

__all__ = ["Rule", "check_class", "check_policy"]

# Rounds without an arrival or a completion after which nothing will come.
_PATIENCE = 500
_RANDOM_CASES = 25
_LIVELOCKS = ("state", "patience", "none")


class Rule(str, Enum):
    """The rules that a policy keeps, in the order in which they are tried."""

    METADATA = "it says what it is"
    DECISION = "it returns a Decision for every view"
    CANCEL = "it cancels only what runs, and only if it says that it restarts"
    START = "it starts only what waits, each request once"
    MEMORY = "what runs fits into the memory in the next round"
    PROGRESS = "it completes every request"
    DETERMINISM = "the same instance and seed give the same decisions"


class _Case(NamedTuple):
    """An instance: memory, and ``(arrival, prompt, output)`` a request."""

    memory: int
    requests: tuple[tuple[int, int, int], ...]


class _BreachError(Exception):
    """A rule is broken, and how."""

    def __init__(self, rule: Rule, problem: str) -> None:
        super().__init__(problem)
        self.rule = rule


def check_policy(policy: Any, *, may_stall: bool = False) -> None:
    """Raise unless a policy keeps the contract of :class:`Rule`.

    Tried are every instance of at most three requests and little memory,
    by number of requests, then memory, then sizes, and then random larger
    ones, which are made smaller as long as the rule stays broken. Requests
    use at most nine tenths of the memory, since policies keep margins.

    Parameters
    ----------
    policy
        The policy: an object, or a class that needs no parameters.
    may_stall
        Whether a policy may come to a stop in a way that the engine notices
        and reports: the worker empty with requests waiting, or, if its
        ``livelock`` says so, cancelling and retrying without end.

    Raises
    ------
    InputError
        Naming the rule that is broken, and the smallest instance that was
        found on which it is.
    """
    if isinstance(policy, type):
        check_class(policy)
        policy = policy()
    try:
        _check_metadata(policy)
    except _BreachError as fault:
        raise _refused(policy, fault, None) from fault.__cause__
    online = policy.info.arrivals.value == "online"
    for case in _tiny_cases(online):
        breach = _breach(policy, case, may_stall)
        if breach is not None:
            raise _refused(policy, breach, case) from breach.__cause__
    rng = np.random.default_rng(0)
    for _ in range(_RANDOM_CASES):
        case = _random_case(rng, online)
        breach = _breach(policy, case, may_stall)
        if breach is not None:
            case, breach = _smaller(policy, case, breach, may_stall)
            raise _refused(policy, breach, case) from breach.__cause__


def check_class(cls: Any) -> None:
    """Raise unless a class can be a policy, before an object is made of it.

    Parameters
    ----------
    cls
        The class: a frozen dataclass with ``info`` and ``session``.

    Raises
    ------
    InputError
        Naming what is missing.
    """
    name = getattr(cls, "__name__", repr(cls))

    def refuse(problem: str) -> InputError:
        text = f"breaks the contract, {Rule.METADATA.value}: {problem}"
        return InputError(text, field="policy", value=name)

    if not isinstance(cls, type):
        raise refuse("it is no class")
    if not isinstance(getattr(cls, "info", None), PolicyInfo):
        raise refuse("info must be a PolicyInfo")
    made = getattr(cls, "__dataclass_params__", None)
    if made is None or not made.frozen:
        raise refuse("it must be a frozen dataclass, @dataclass(frozen=True)")
    for field in dataclasses.fields(cls):
        empty = dataclasses.MISSING
        if field.default is empty and field.default_factory is empty:
            raise refuse(f"its parameter {field.name} needs a default")
    if not callable(getattr(cls, "session", None)):
        raise refuse("it must have a method session(setup)")


def _check_metadata(policy: Any) -> None:
    """Check what the policy says of itself, without running it."""

    def refuse(problem: str) -> _BreachError:
        return _BreachError(Rule.METADATA, problem)

    info = getattr(policy, "info", None)
    if not isinstance(info, PolicyInfo):
        raise refuse("info must be a PolicyInfo")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", info.name):
        raise refuse("info.name must be of small letters, digits and hyphens")
    for field in dataclasses.fields(info):
        if getattr(info, field.name) == "":
            raise refuse(f"info.{field.name} must not be empty")
    if not type(policy).__doc__:
        raise refuse("the class needs a docstring")
    try:
        information, idles, livelock = (
            policy.information,
            policy.idles,
            policy.livelock,
        )
    except Exception as error:
        raise refuse(f"{type(error).__name__}: {error}") from error
    if not isinstance(information, InformationModel):
        raise refuse("information must be one of InformationModel")
    if not isinstance(idles, bool):
        raise refuse("idles must be True or False")
    if livelock not in _LIVELOCKS:
        raise refuse(f"livelock must be one of {', '.join(_LIVELOCKS)}")
    default = all(
        getattr(policy, f.name) == f.default
        for f in dataclasses.fields(policy)
    )
    if default and information is not info.information:
        raise refuse(
            "information must be info.information when no parameter is given"
        )


def _refused(
    policy: Any, breach: _BreachError, case: _Case | None
) -> InputError:
    """Return the error that names rule, problem and instance in one line."""
    info = getattr(policy, "info", None)
    name = getattr(info, "name", None) or type(policy).__name__
    on = ""
    if case is not None:
        requests = " ".join(map(str, case.requests))
        on = (
            f"; smallest instance found: memory {case.memory}, requests "
            f"(arrival, prompt, output) {requests}"
        )
    return InputError(
        f"breaks the contract, {breach.rule.value}: {breach}{on}",
        field="policy",
        value=name,
    )


def _tiny_cases(online: bool) -> Iterator[_Case]:
    """Yield all instances with few requests and little memory."""
    for n, most in ((1, 6), (2, 4), (3, 3)):
        arrivals = [
            (0, *rest)
            for rest in product(range(3 if online else 1), repeat=n - 1)
            if list(rest) == sorted(rest)
        ]
        for memory in range(2, most + 1):
            peak = memory * 9 // 10
            sizes = [
                (s, o) for s in range(peak) for o in range(1, peak - s + 1)
            ]
            for chosen in product(sizes, repeat=n):
                for when in arrivals:
                    rows = zip(when, chosen, strict=True)
                    yield _Case(memory, tuple((a, *b) for a, b in rows))


def _random_case(rng: np.random.Generator, online: bool) -> _Case:
    """Return an instance of four to nine requests."""
    memory, n = int(rng.integers(10, 31)), int(rng.integers(4, 10))
    peak = memory * 9 // 10
    arrivals = sorted(rng.integers(0, 12, n).tolist()) if online else [0] * n
    rows = []
    for arrival in arrivals:
        prompt = int(rng.integers(0, 6))
        rows.append((arrival, prompt, int(rng.integers(1, peak - prompt + 1))))
    return _Case(memory, tuple(rows))


def _smaller(
    policy: Any, case: _Case, breach: _BreachError, may_stall: bool
) -> tuple[_Case, _BreachError]:
    """Leave out requests as long as the same rule stays broken."""
    k = 0
    while k < len(case.requests) and len(case.requests) > 1:
        rest = (*case.requests[:k], *case.requests[k + 1 :])
        found = _breach(policy, _Case(case.memory, rest), may_stall)
        if found is not None and found.rule is breach.rule:
            case, breach, k = _Case(case.memory, rest), found, 0
        else:
            k += 1
    return case, breach


def _breach(policy: Any, case: _Case, may_stall: bool) -> _BreachError | None:
    """Return how the policy breaks a rule on an instance, or None."""
    try:
        first, again = (_Play(policy, case, may_stall).all() for _ in "ab")
        if first != again:
            differs = next(
                (a[0] for a, b in zip(first, again, strict=False) if a != b),
                "the last",
            )
            raise _BreachError(
                Rule.DETERMINISM,
                f"a second run decides otherwise in round {differs}; what "
                "it remembers belongs into the session, and randomness "
                "comes from setup.rng",
            )
    except _BreachError as breach:
        return breach
    return None


class _Play:
    """One run of a policy, each rule checked where it can be broken."""

    def __init__(self, policy: Any, case: _Case, may_stall: bool) -> None:
        self.policy, self.case, self.may_stall = policy, case, may_stall
        self.jobs: dict[int, Job] = {}
        self.running: dict[int, int] = {}
        self.waiting: dict[int, None] = {}
        self.completed = 0
        self.round = case.requests[0][0]
        self.decisions: list[tuple[int, list[int], list[int]]] = []

    def all(self) -> list[tuple[int, list[int], list[int]]]:
        """Play to the end; return round, cancelled and started requests."""
        try:
            rng = np.random.default_rng(0)
            decide = self.policy.session(Setup(self.case.memory, rng))
        except Exception as error:
            raise _raised("session", error) from error
        quiet, retries = 0, False
        while self.completed < len(self.case.requests):
            arrived = self.arrive()
            retries |= self.apply(self.ask(decide, arrived))
            self.check_memory()
            if self.stopped(quiet, retries):
                break
            self.round += 1
            done = self.complete()
            quiet += 1
            if arrived or done:
                quiet, retries = 0, False
        return self.decisions

    def arrive(self) -> tuple[int, ...]:
        """Let the requests arrive that are due."""
        new = [
            i
            for i, (arrival, _, _) in enumerate(self.case.requests)
            if i not in self.jobs and arrival <= self.round
        ]
        for i in new:
            _, prompt, output = self.case.requests[i]
            hint = self.hint(i, prompt, output)
            self.jobs[i] = Job(i, self.round, prompt, hint)
            self.waiting[i] = None
        return tuple(new)

    def hint(self, i: int, prompt: int, output: int) -> Hint:
        """Return what the policy is told of an output length."""
        peak = self.case.memory * 9 // 10
        information: InformationModel = self.policy.information
        match information:
            case InformationModel.CLAIRVOYANT:
                return Hint(output=output)
            case InformationModel.PREDICTIONS:
                point = output + i % 3 - 1
                return Hint(point=max(1, min(point, peak - prompt)))
            case InformationModel.INTERVALS:
                upper = min(output + 2, peak - prompt)
                return Hint(lower=max(1, output - 1), upper=upper)
            case InformationModel.NON_CLAIRVOYANT:
                return Hint()
            case _:
                assert_never(information)

    def ask(self, decide: Any, arrived: tuple[int, ...]) -> Any:
        """Return the decision of this round."""
        view = View(
            self.round,
            MappingProxyType(self.jobs),
            MappingProxyType(self.running),
            MappingProxyType(self.waiting),
            arrived,
        )
        try:
            decision = decide(view)
            cancel = [int(i) for i in decision.cancel]
            start = [int(i) for i in decision.start]
        except Exception as error:
            raise _raised(f"round {self.round}", error) from error
        self.decisions.append((self.round, cancel, start))
        return decision

    def apply(self, decision: Any) -> bool:
        """Cancel and start; return whether anything was cancelled."""
        policy = self.policy
        # With other lengths than the paper's a policy may have to clear.
        may = (
            policy.info.restarts
            or policy.information is not policy.info.information
        )
        for i in decision.cancel:
            if i not in self.running:
                problem = f"cancels request {i}, which does not run"
                raise self.broken(Rule.CANCEL, problem)
            if not may:
                problem = f"cancels request {i}, but info.restarts is False"
                raise self.broken(Rule.CANCEL, problem)
            del self.running[i]
            self.waiting[i] = None
        for i in decision.start:
            if i not in self.waiting:
                problem = f"starts request {i}, which does not wait"
                raise self.broken(Rule.START, problem)
            del self.waiting[i]
            self.running[i] = self.round
        return bool(decision.cancel)

    def check_memory(self) -> None:
        """Check that the next round fits."""
        usage = sum(
            self.jobs[i].prompt + self.round + 1 - start
            for i, start in self.running.items()
        )
        if usage > self.case.memory:
            raise self.broken(
                Rule.MEMORY,
                f"{usage} of {self.case.memory} units are needed for the next",
            )

    def stopped(self, quiet: int, retries: bool) -> bool:
        """Return whether the policy has stopped, in a way that it may."""
        policy = self.policy
        last = len(self.jobs) == len(self.case.requests)
        noticed = False
        if last and not self.running and not policy.idles:
            problem = "the worker is empty and requests wait"
            noticed = True
        elif quiet > _PATIENCE:
            problem = f"nothing has completed for {quiet} rounds"
            noticed = retries and policy.livelock != "none"
        else:
            return False
        if self.may_stall and noticed:
            return True
        raise self.broken(Rule.PROGRESS, problem)

    def complete(self) -> bool:
        """End the runs that are complete; return whether there are any."""
        done = [
            i
            for i, start in self.running.items()
            if self.round - start == self.case.requests[i][2]
        ]
        for i in done:
            del self.running[i]
        self.completed += len(done)
        return bool(done)

    def broken(self, rule: Rule, problem: str) -> _BreachError:
        """Return the breach of a rule in this round."""
        return _BreachError(rule, f"round {self.round}: {problem}")


def _raised(where: str, error: Exception) -> _BreachError:
    problem = f"{where}: raises {type(error).__name__}: {error}"
    return _BreachError(Rule.DECISION, problem)
