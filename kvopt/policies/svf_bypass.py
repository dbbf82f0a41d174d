"""SVF that lets few requests be bypassed: ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    Impossible,
    LookAhead,
    Order,
    SkipAtMost,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["SVFBypass"]


@dataclass(frozen=True)
class SVFBypass(ComposedPolicy):
    """Smallest volume first, passing over at most ``most`` misfits.

    Ours, not published. The queue is that of SVF (P6), and so is the forward
    memory check. In each round the queue is scanned from its head, and a
    request that fails the check is passed over; the scan ends at misfit
    number ``most + 1``. With 0 this is SVF, which leaves memory unused while
    its head waits; without a limit large requests run long before their turn
    wherever a gap is just wide enough. Few misfits fill most of the gaps
    with requests that are almost due.

    Parameters
    ----------
    most
        ``W``, at least 0.
    """

    most: int = 30

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="svf-bypass",
        title="SVF with bounded bypass",
        summary=(
            "smallest volume first, with look-ahead, passing over at most W "
            "requests that do not fit"
        ),
        paper="ours",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="none proven",
        complexity="O(k log k) a test, at most W + 1 fail; k = active",
        reading="as designed",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.most, "most", 0, MAX_SIZE)

    @property
    def composition(self) -> Composition:
        """Volume order, look-ahead, true lengths, few misfits passed over."""
        return Composition(
            order=Order.VOLUME,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
            misfit=SkipAtMost(self.most),
        )
