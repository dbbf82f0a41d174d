"""vLLM with a watermark: the scheduler that Vidur simulates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    EvictLast,
    Order,
    Watermark,
    check_fraction,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["VLLMWatermark"]


@dataclass(frozen=True)
class VLLMWatermark(ComposedPolicy):
    """Admit in arrival order while the prompts leave a reserve.

    The scheduler ``vllm`` of the simulator Vidur (Agrawal et al., MLSys
    2024), as far as rounds can say it. A request is admitted while what is
    held and its prompt leave a share of the memory free, and while there is
    a place in the batch; on overflow the requests that started last are
    evicted and go back to their place in the order of arrival. Vidur's blocks
    and its restarts, which keep tokens, are rules of the server:
    ``ServingRules(block=16, restart="recompute")``.

    Parameters
    ----------
    reserve
        Share of the memory that an admission keeps free, in [0, 1).
    batch
        Most requests that may be active at once.
    spare
        Blocks that have to stay free when running requests make a token. The
        block managers of vLLM and of Vidur ask for one, needed or not.
    """

    reserve: float = 0.01
    spare: int = 0
    batch: int | None = field(default=128, kw_only=True)

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="vllm-watermark",
        title="vLLM with a watermark",
        summary="arrival order while a share stays free; evicts the latest",
        paper="Agrawal et al., arXiv 2405.05465 (Vidur), scheduler vllm",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="none proven",
        complexity="O(k) a test, k = active requests",
        reading="rules traced in Vidur",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.reserve, "reserve")
        whole_number(self.spare, "spare", 0, MAX_SIZE)

    @property
    def composition(self) -> Composition:
        """Arrival order, a share kept free, evict the last started."""
        return Composition(
            order=Order.ARRIVAL,
            admission=Watermark(self.reserve),
            overflow=EvictLast(self.spare),
            belief=Belief.UNUSED,
        )
