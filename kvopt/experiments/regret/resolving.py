"""A policy that solves what it sees to the optimum, again in every round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np

from kvopt.exact.few_types.configurations import worker
from kvopt.exact.few_types.online import OnlineState, from_state
from kvopt.exact.few_types.types import Types
from kvopt.model.instance import whole_number
from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    PolicyInfo,
    Setup,
    View,
)

__all__ = ["ReSolving"]


@dataclass(frozen=True)
class ReSolving:
    """Start what an optimal schedule of the visible requests starts now.

    The receding-horizon policy in its purest form: in every round the
    requests that run and wait are scheduled as if nobody else came, and the
    first decision of that schedule is carried out. For requests of few types.

    Parameters
    ----------
    width
        Largest number of states of a round in the dynamic program of
        :mod:`kvopt.exact.few_types.online`; where it is too small the schedule
        that is followed may not be optimal.
    """

    width: int = 200

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="re-solving",
        title="re-solving (receding horizon)",
        summary="carries out the first decision of an optimal schedule",
        paper="the idea in a later abstract of P2, arXiv 2508.06133",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="optimal if all a_i = 0 and the width suffices",
        complexity="a dynamic program over rounds a decision",
        reading="solved exactly here; P2 re-plans with Sorted-F [inferred]",
    )
    information: ClassVar[InformationModel] = InformationModel.CLAIRVOYANT
    idles: ClassVar[bool] = False
    livelock: ClassVar[Literal["state", "patience", "none"]] = "none"

    def __post_init__(self) -> None:
        whole_number(self.width, "width", 1, 10**6)

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function; it remembers the types it has seen."""
        seen: set[tuple[int, int]] = set()

        def decide(view: View) -> Decision:
            seen.update(_size(view, i) for i in view.arrived)
            if not view.waiting:
                return Decision(())
            types = Types(setup.memory, tuple(sorted(seen)))
            number = {size: k for k, size in enumerate(types.sizes)}
            queues: list[list[int]] = [[] for _ in types.sizes]
            for i in sorted(view.waiting):
                queues[number[_size(view, i)]].append(i)
            running = sorted(
                (number[_size(view, i)], view.round - start)
                for i, start in view.running.items()
            )
            waiting = tuple(len(queue) for queue in queues)
            chosen = _first_starts(
                types, OnlineState(waiting, tuple(running)), self.width
            )
            return Decision(
                [
                    i
                    for queue, x in zip(queues, chosen, strict=True)
                    for i in queue[:x]
                ]
            )

        return decide


def _size(view: View, request: int) -> tuple[int, int]:
    job = view.jobs[request]
    assert job.hint.output is not None
    return job.prompt, job.hint.output


@lru_cache(maxsize=100_000)
def _first_starts(
    types: Types, state: OnlineState, width: int
) -> tuple[int, ...]:
    """Return what to start now, by type, if nobody else comes."""
    nobody = np.zeros((0, len(types.sizes)), np.int64)
    found = from_state(worker(types), state, nobody, width)
    return tuple(found.starts[0].tolist())
