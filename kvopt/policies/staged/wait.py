"""WAIT: admit a type only when enough of its prompts have gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from kvopt.model import InputError
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.staged.base import Batch, Fitting, StagedSetup, StagedView
from kvopt.policies.staged.thresholds import (
    check_thresholds,
    numbers,
    wait_memory,
)

__all__ = ["Wait"]

Type = tuple[int, int]  # prompt and output length, (l, l')


@dataclass(frozen=True)
class Wait:
    """Run a type when ``n`` of it wait: up to ``n`` from each of its stages.

    P5 (arXiv 2504.11320), Algorithm 1. Requests of one prompt and one output
    length are a type. Types that are not run keep their memory and pause.

    Parameters
    ----------
    thresholds
        ``n_j`` by type, as text: ``"512x20:10+512x50:3"``; or one number for
        every type. ``kvopt.analysis.fluid.wait_thresholds`` computes them.

    Notes
    -----
    With a threshold for every type, ``M^pi = sum n_j w_j <= C`` is needed,
    and nothing is ever evicted. A type without a threshold is refused. One
    number for all is not in the paper: the types are then those that come,
    and when the batch does not fit, the last admitted are evicted and for
    once every type runs, so that the oldest request ends some day. When it
    waits and nothing will ever arrive, what is left runs though fewer than
    ``n_j`` wait; the paper's horizon does not end [inferred].
    """

    thresholds: str = "1"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="wait",
        title="WAIT",
        summary=(
            "runs a type when n_j of it wait, up to n_j from each of its "
            "stages"
        ),
        paper="P5: Ao, Luo, Simchi-Levi, Wang, arXiv 2504.11320, Algorithm 1",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio=(
            "Theorem 1: throughput gap O((zT)^-1/2), delays O((zT)^1/2) if "
            "DT(n) <= n_j/lam_j and M* <= M^pi <= C; with strict slack "
            "O(1/(zT)) and O(1)"
        ),
        complexity="O(k) an iteration, k = waiting and resident requests",
        reading="the paper's own text; the end of a trace is ours [inferred]",
    )

    def __post_init__(self) -> None:
        _ = self.by_type

    @classmethod
    def of(cls, thresholds: Mapping[Type, int]) -> Wait:
        """Return the policy with the given threshold of each type."""
        return cls(
            "+".join(f"{p}x{o}:{n}" for (p, o), n in thresholds.items())
        )

    @cached_property
    def by_type(self) -> dict[Type, int] | None:
        """Threshold of each type; None when there is one for all."""
        text = str(self.thresholds)
        if ":" not in text:
            if len(numbers(text, "policy.thresholds")) > 1:
                raise self._bad()
            return None
        found: dict[Type, int] = {}
        for part in text.split("+"):
            key, _, value = part.partition(":")
            prompt, _, output = key.partition("x")
            if not (prompt.isdecimal() and output.isdecimal()):
                raise self._bad()
            found[int(prompt), int(output)] = numbers(
                value, "policy.thresholds"
            )[0]
        return found

    def _bad(self) -> InputError:
        return InputError(
            "must be a number, or numbers by type: PROMPTxOUTPUT:n+...",
            field="policy.thresholds",
            value=self.thresholds,
        )

    @property
    def information(self) -> InformationModel:
        """True lengths: they are the type."""
        return InformationModel.CLAIRVOYANT

    def session(self, setup: StagedSetup) -> Callable[[StagedView], Batch]:
        """Return the decision function of one run.

        Raises
        ------
        InputError
            When batches of the size of the thresholds exceed the memory.
        """
        by_type = self.by_type
        if by_type is not None:
            used = wait_memory(by_type)
            check_thresholds(used, setup.memory, self.thresholds)

        def decide(view: StagedView) -> Batch:
            waiting = _by_type(view, view.waiting)
            every = {*waiting, *_by_type(view, view.resident)}
            caps = {kind: self._threshold(kind) for kind in every}
            eligible = {
                kind: n
                for kind, n in caps.items()
                if len(waiting.get(kind, ())) >= n or view.closed
            }
            decode = _from_each_stage(view, eligible)
            fitting = Fitting(view, setup.memory, decode)
            if fitting.evict:
                decode = _from_each_stage(view, caps)
                return Fitting(view, setup.memory, decode).batch([])
            entering = [
                i
                for kind, n in eligible.items()
                for i in waiting.get(kind, [])[:n]
            ]
            return fitting.batch(fitting.admit(entering))

        return decide

    def _threshold(self, kind: Type) -> int:
        if self.by_type is None:
            return int(self.thresholds)
        if kind not in self.by_type:
            raise InputError(
                f"has none for requests of prompt {kind[0]}, output {kind[1]}",
                field="policy.thresholds",
                value=self.thresholds,
            )
        return self.by_type[kind]


def _by_type(
    view: StagedView, requests: Mapping[int, object]
) -> dict[Type, list[int]]:
    """Return the requests by type, each in the order given."""
    found: dict[Type, list[int]] = {}
    for i in requests:
        found.setdefault(_type(view, i), []).append(i)
    return found


def _type(view: StagedView, request: int) -> Type:
    job = view.jobs[request]
    assert job.output is not None
    return job.prompt, job.output


def _from_each_stage(
    view: StagedView, eligible: Mapping[Type, int]
) -> Iterator[int]:
    """Yield up to ``n_j`` residents from each stage of the eligible types."""
    taken: dict[tuple[Type, int], int] = {}
    for i, done in view.resident.items():
        kind = _type(view, i)
        stage = kind, done.decoded
        if taken.get(stage, 0) < eligible.get(kind, 0):
            taken[stage] = taken.get(stage, 0) + 1
            yield i
