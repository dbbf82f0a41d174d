"""A_max: every request is taken to be as long as its interval allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, ClearAll, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["AMax"]


@dataclass(frozen=True)
class AMax(ComposedPolicy):
    """Start what fits if every output is as long as its upper end ``u_i``.

    P3 (arXiv 2508.14544), section on ``A_max``. A request that ends early
    frees its reservation, and the next one starts.

    Parameters
    ----------
    order
        Order of the queue, on which the paper does not depend since all
        requests look alike: ``"random"``, as in the derivation of the upper
        bound [inferred], or ``"arrival"``.

    Notes
    -----
    If every ``u_i`` is at least the true length, nothing is ever cancelled.
    Otherwise the memory can overflow, and all running requests are cleared
    [inferred], as MC-SF does with short predictions.
    """

    order: Literal["random", "arrival"] = "random"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="a-max",
        title="A_max",
        summary="every request taken for its upper end",
        paper="P3: Chen, Ye, Zhou, arXiv 2508.14544",
        information=InformationModel.INTERVALS,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio=(
            "(1/alpha)(1 + 1/alpha)/2 against H-SF is claimed if all "
            "a_i = 0, s_i = s and l <= o_i <= u, alpha = l/u; false by a few "
            "per cent for this reading on a few requests (four with s = 0, "
            "M = 6, o = 4, 4, 4, 5)"
        ),
        complexity="O(k log k) a test, k = active requests",
        reading=(
            "as summarised; refilling after an early end, queue order, "
            "intervals of different requests, wrong intervals and online "
            "use are readings [inferred]"
        ),
    )

    @property
    def composition(self) -> Composition:
        """Random or arrival order, look-ahead with the upper ends."""
        return Composition(
            order=Order(self.order),
            admission=LookAhead(),
            overflow=ClearAll(),
            belief=Belief.UPPER,
        )
