"""The combined rule for two-point lengths: A_l or A_min."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.policies.a_l import AL
from kvopt.policies.a_min import AMin
from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    PolicyInfo,
    Setup,
    View,
)
from kvopt.policies.choices import Belief

__all__ = ["TwoPointRule"]


@dataclass(frozen=True)
class TwoPointRule:
    """A_l if ``alpha = l/u <= 1/2``, otherwise A_min.

    P3 (arXiv 2508.14544), two-point lengths. ``l`` is the least lower end
    and ``u`` the greatest upper end of the requests that are there at the
    first decision: the common interval, if there is one [inferred].

    Parameters
    ----------
    update
        When A_min updates its belief, see
        :class:`kvopt.policies.a_min.AMin`.
    """

    update: Literal["cancellation", "continuous"] = "cancellation"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="two-point-rule",
        title="A_l or A_min",
        summary="A_l if alpha <= 1/2, else A_min",
        paper="P3: Chen, Ye, Zhou, arXiv 2508.14544, two-point lengths",
        information=InformationModel.INTERVALS,
        arrivals=Arrivals.BATCH,
        restarts=True,
        ratio=(
            "1.5 against H-SF if all a_i = 0, s_i = s and o_i is l or u "
            "(constant remembered, statement not found)"
        ),
        complexity="O(k log k) a test, k = active requests",
        reading=(
            "the rule [inferred] from the fluid ratio of A_l, which is at "
            "most 1.5 exactly when alpha <= 1/2"
        ),
    )

    @property
    def information(self) -> InformationModel:
        """Both ends of the intervals."""
        return InformationModel.INTERVALS

    @property
    def idles(self) -> bool:
        """False: neither of the two idles."""
        return False

    @property
    def livelock(self) -> Literal["state", "patience", "none"]:
        """As A_min; A_l has none."""
        return AMin(self.update).livelock

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        inner: Callable[[View], Decision] | None = None

        def decide(view: View) -> Decision:
            nonlocal inner
            if inner is None:
                jobs = view.jobs.values()
                least = min(Belief.LOWER.length(job, 1) for job in jobs)
                most = max(Belief.UPPER.length(job, 1) for job in jobs)
                policy = AL() if 2 * least <= most else AMin(self.update)
                inner = policy.session(setup)
            return inner(view)

        return decide
