"""vLLM-like: first come first served, evicting the latest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, EvictLast, Order, UsageThreshold
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["VLLMLike"]


@dataclass(frozen=True)
class VLLMLike(ComposedPolicy):
    """Admit in arrival order while the next round fits; evict the latest.

    P4 (arXiv 2601.22996), baseline of the experiments. A request is admitted
    while all that runs fits into ``M`` in the next round; on overflow the
    requests that started last are evicted, lose their progress, and go back
    to their place in the order of arrival.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="vllm-like",
        title="vLLM-like",
        summary="arrival order while the next round fits; evicts the latest",
        paper="P4: Feng, Yang, Zhang, arXiv 2601.22996, baseline",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="none proven",
        complexity="O(k) a test, k = active requests",
        reading=(
            "FCFS and evicting the latest as summarised; admission by the "
            "next round's usage [inferred, checked]"
        ),
    )

    @property
    def composition(self) -> Composition:
        """Arrival order, all of the memory, evict the last started."""
        return Composition(
            order=Order.ARRIVAL,
            admission=UsageThreshold(0.0),
            overflow=EvictLast(),
            belief=Belief.UNUSED,
        )
