"""First come first served in the staged model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.staged.base import Batch, Fitting, StagedSetup, StagedView

__all__ = ["StagedFCFS"]


@dataclass(frozen=True)
class StagedFCFS:
    """Everything resident runs; newcomers join in order of the queue.

    P5 (arXiv 2504.11320), the policy of Proposition "FCFS" and of the worked
    example ``l = l' = 1, C = 12``. There is no look-ahead: what was admitted
    grows, and the last admitted are evicted when it no longer fits.

    Parameters
    ----------
    newcomers
        ``"wait"``: a request is admitted when its prompt fits beside the
        next iteration of what is resident. ``"evict"``: it is admitted at
        once, and the last admitted are evicted for it, as in the worked
        example; that can go on for ever without a completion, which is
        reported as a livelock. The paper does not say which of the two its
        proposition is about [inferred].
    """

    newcomers: Literal["wait", "evict"] = "wait"

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="staged-fcfs",
        title="FCFS",
        summary=(
            "all that is resident, newcomers in order; evicts the last "
            "admitted"
        ),
        paper="P5: Ao, Luo, Simchi-Levi, Wang, arXiv 2504.11320, section 4.1",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="none: Omega(1) throughput gap on an instance with C = M*",
        complexity="O(k) an iteration, k = resident requests",
        reading=(
            "evicting the last admitted is the paper's; whether a newcomer "
            "may evict is not said [inferred], see newcomers"
        ),
    )

    @property
    def information(self) -> InformationModel:
        """Nothing."""
        return InformationModel.NON_CLAIRVOYANT

    def session(self, setup: StagedSetup) -> Callable[[StagedView], Batch]:
        """Return the decision function of one run."""

        def decide(view: StagedView) -> Batch:
            fitting = Fitting(view, setup.memory, view.resident)
            if self.newcomers == "evict":
                return fitting.batch(fitting.displace(view.waiting))
            return fitting.batch(fitting.admit(view.waiting))

        return decide
