"""Nested WAIT: thresholds by segment of decode stages; lengths unknown."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, takewhile
from operator import ge
from typing import ClassVar

from kvopt.model import InputError
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.staged.base import Batch, Fitting, StagedSetup, StagedView
from kvopt.policies.staged.thresholds import (
    check_thresholds,
    nested_memory,
    numbers,
)

__all__ = ["NestedWait"]


@dataclass(frozen=True)
class NestedWait:
    """Segments of decode stages; a later one runs when enough have survived.

    P5 (arXiv 2504.11320), Algorithm 2. Segment ``k`` has the decode stages
    above ``l'_{k-1}`` up to ``l'_k``. The worker runs segments ``1..k`` for
    the largest ``k`` such that each has ``n_k`` requests at its entry: up to
    ``n_k`` from each stage. Later segments pause and keep their memory.

    Parameters
    ----------
    ends
        ``l'_1 < ... < l'_m`` as text: ``"20+50"``. A request that runs on
        beyond the last one stays in the last segment [inferred]. Empty: one
        segment.
    thresholds
        ``n_1, ..., n_m``, as text: ``"10+3"``.
        ``kvopt.analysis.fluid.nested_thresholds`` computes them.

    Notes
    -----
    A survivor makes its next token in the iteration in which it leaves its
    boundary. The paper's listing moves it to the first stage inside in that
    iteration, but counts memory and stages as here (``delta_k`` stages a
    segment) [inferred]. When memory does not suffice, which has small
    probability if it is as large as required, the last admitted are evicted,
    and for once all segments run, so that the oldest request ends some day
    [inferred]. The end of a trace is as in WAIT.
    """

    ends: str = ""
    thresholds: str = "1"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="nested-wait",
        title="Nested WAIT",
        summary=(
            "lengths unknown: segments of stages, the later ones when enough "
            "have survived"
        ),
        paper="P5: Ao, Luo, Simchi-Levi, Wang, arXiv 2504.11320, Algorithm 2",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio=(
            "Theorem 2: throughput gap O(1/(zT)), delays O(1), no overflow "
            "with probability 1-delta, if DT(n) < n_1/sum lam, "
            "p_k < n_k/n_{k-1} < 1 and C is as large as required"
        ),
        complexity="O(k) an iteration, k = waiting and resident requests",
        reading=(
            "the paper's own text; when a survivor's next token is made, and "
            "the end of a trace, are readings [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        ends, caps = self.boundaries, self.caps
        if any(a >= b for a, b in pairwise(ends)):
            raise InputError(
                "must increase", field="policy.ends", value=self.ends
            )
        if len(caps) != max(1, len(ends)):
            raise InputError(
                f"must be as many as the segments, {max(1, len(ends))}",
                field="policy.thresholds",
                value=self.thresholds,
            )

    @cached_property
    def boundaries(self) -> tuple[int, ...]:
        """``l'_1 .. l'_m``; none for one segment without an end."""
        return numbers(self.ends, "policy.ends") if self.ends else ()

    @cached_property
    def caps(self) -> tuple[int, ...]:
        """``n_1 .. n_m``."""
        return numbers(self.thresholds, "policy.thresholds")

    @property
    def information(self) -> InformationModel:
        """Nothing."""
        return InformationModel.NON_CLAIRVOYANT

    def session(self, setup: StagedSetup) -> Callable[[StagedView], Batch]:
        """Return the decision function of one run.

        Raises
        ------
        InputError
            When batches of the size of the thresholds exceed the memory even
            for empty prompts.
        """
        if self.boundaries:
            least = nested_memory(0, self.boundaries, self.caps)
            check_thresholds(least, setup.memory, self.thresholds)
        # A request that has made l'_{k-1} tokens is at the entry of k.
        entries = (0, *self.boundaries[:-1])

        def decide(view: StagedView) -> Batch:
            stages: dict[int, list[int]] = {}
            for i, done in view.resident.items():
                stages.setdefault(done.decoded, []).append(i)
            gathered = [len(view.waiting)]
            gathered += [len(stages.get(end, ())) for end in entries[1:]]
            enough = map(ge, gathered, self.caps)
            running = sum(1 for _ in takewhile(bool, enough))
            if view.closed:
                running = len(self.caps)
            if not running:
                return Batch()

            def first(segments: int) -> Iterator[int]:
                for stage in sorted(stages):
                    k = bisect_right(entries, stage) - 1
                    if k < segments:
                        yield from stages[stage][: self.caps[k]]

            fitting = Fitting(view, setup.memory, first(running))
            if fitting.evict:
                everything = first(len(self.caps))
                return Fitting(view, setup.memory, everything).batch([])
            entering = list(view.waiting)[: self.caps[0]]
            return fitting.batch(fitting.admit(entering))

        return decide
