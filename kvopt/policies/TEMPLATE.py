"""A policy to fill in: copy this file, and change what is marked 1 to 5.

Outside of kvopt the copy is used as it is, by its path:

    kvopt simulate library:small-15 mine.py:MyPolicy

Inside of kvopt the copy goes to ``kvopt/policies/`` under a name of its own,
and is found there. ``docs/adding/policy.md`` goes through both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import (
    Belief,
    Impossible,
    LookAhead,
    Order,
    check_fraction,
)
from kvopt.policies.composed import ComposedPolicy, Composition

__all__ = ["MyPolicy"]


@dataclass(frozen=True)
class MyPolicy(ComposedPolicy):
    """1. What the policy does, and which paper says so.

    Parameters
    ----------
    margin
        2. Each parameter: what it means, its unit and its range.
    """

    margin: float = 0.0

    # 3. What ``kvopt policies`` and the catalogue print.
    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="my-policy",
        title="My policy",
        summary="smallest peak first, while the whole future fits",
        paper="ours",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="none proven",
        complexity="O(k log k) a test, k = active requests",
        reading="as designed",
    )

    # 4. Values that mean nothing are refused, naming field and value.
    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.margin, "margin")

    # 5. The four choices, and what happens at the first misfit. A policy
    # that is none of them leaves ComposedPolicy out and has the members of
    # kvopt.policies.base.Policy instead: information, idles, livelock,
    # session.
    @property
    def composition(self) -> Composition:
        """Peak order, look-ahead, true lengths; nothing can overflow."""
        return Composition(
            order=Order.PEAK,
            admission=LookAhead(self.margin),
            overflow=Impossible(),
            belief=Belief.TRUE,
            misfit="skip",
        )
