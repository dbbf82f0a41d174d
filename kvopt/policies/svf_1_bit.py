"""1-bit SVF: SVF that knows of each request only whether it is long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    ClearAll,
    EvictLast,
    LookAhead,
    Order,
    Proxy,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["SVF1Bit"]


@dataclass(frozen=True)
class SVF1Bit(ComposedPolicy):
    """Smallest volume first, with one of two proxies for every length.

    P6 (Kong, Qi, Ye, Zhou, arXiv 2606.22327). A request is short when its
    output is at most ``sqrt(T)``, and long otherwise; short ones count with
    ``T**(1/4)``, long ones with ``T**(3/4)`` rounds, in the order and in the
    look-ahead.

    Parameters
    ----------
    longest
        ``T``, the longest output there can be, in rounds. The default is a
        common limit of serving systems [inferred].
    lengths
        What decides whether a request is short: ``"true"`` lengths or
        ``"point"`` predictions.
    overflow
        Proxies can be too short, so memory can overflow. ``"evict-last"``
        cancels the last started, as the serving system does that the paper
        measures on; ``"clear-all"`` everything, as MC-SF does here. Both
        [inferred].

    Notes
    -----
    Roots are rounded down. A running request that has outlived its proxy
    counts as ending in the next round; a cancelled one counts at least with
    one round more than was seen of it [inferred].
    """

    longest: float = 1024
    lengths: Literal["true", "point"] = "true"
    overflow: Literal["evict-last", "clear-all"] = "evict-last"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="svf-1-bit",
        title="1-bit SVF",
        summary="svf that knows only whether a request is short or long",
        paper="P6: Kong, Qi, Ye, Zhou, arXiv 2606.22327",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="O(T) by a note on the paper, conditions not known",
        complexity="O(k log k) a test, k = active requests",
        reading=(
            "threshold and proxies as summarised; overflow, rounding, the "
            "default T and online use are readings [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        longest = self.longest
        if isinstance(longest, float) and longest.is_integer():
            longest = int(longest)
        whole_number(longest, "longest", 1, MAX_SIZE)

    @property
    def composition(self) -> Composition:
        """Volume order, look-ahead, proxies."""
        evict = self.overflow == "evict-last"
        return Composition(
            order=Order.VOLUME,
            admission=LookAhead(),
            overflow=EvictLast() if evict else ClearAll(),
            belief=Proxy(int(self.longest), Belief(self.lengths)),
        )
