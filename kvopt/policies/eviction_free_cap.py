"""Greedy admission, capped at the eviction-free rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from heapq import nsmallest
from typing import ClassVar, Literal

from kvopt.policies.base import (
    Arrivals,
    Decision,
    InformationModel,
    Job,
    PolicyInfo,
    Setup,
    View,
)
from kvopt.policies.choices import EvictLast, Running
from kvopt.policies.pipeline import (
    Pipeline,
    at_rate,
    check_number,
    true_length,
)

__all__ = ["EvictionFreeCap"]


@dataclass(frozen=True)
class EvictionFreeCap:
    """First come first served, with so many starts a round and no more.

    Ao, Dong, Luo, Simchi-Levi (arXiv 2606.15555): greedy admission can
    settle in a cycle of evictions; admissions are capped at the rate that
    the memory sustains without any. Otherwise as ``vllm-like``: a request is
    admitted while the next round fits, and the last started are evicted on
    overflow.

    Parameters
    ----------
    rate
        Starts a round, above 0. None: ``M`` divided by the mean volume
        ``s*o + o*(o+1)/2`` of the requests that have arrived so far.

    Notes
    -----
    A request holds memory for its volume, so ``M`` over the mean volume is
    the most that can start a round in the long run. The cap is a whole
    number: that rate rounded down, or one start every ``1/rate`` rounds,
    rounded up; restarts count. With one kind of request and a rate of at
    least 1 nothing is ever evicted; other mixes can still overflow. That is
    a reading [inferred]. It ends: what started first is never evicted.
    """

    rate: float | None = None

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="eviction-free-cap",
        title="admission cap at the eviction-free rate",
        summary=(
            "vllm-like with starts capped at the rate that memory sustains"
        ),
        paper="Ao, Dong, Luo, Simchi-Levi, arXiv 2606.15555",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="none proven",
        complexity="O(n log n) a round for n waiting requests",
        reading=(
            "only the idea is summarised; the rate for a mix, rounding, "
            "admission and eviction are readings [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        if self.rate is not None:
            check_number(self.rate, "rate", 0, above=True)

    @property
    def information(self) -> InformationModel:
        """True lengths, for the mean volume; nothing if the rate is given."""
        return (
            InformationModel.CLAIRVOYANT
            if self.rate is None
            else InformationModel.NON_CLAIRVOYANT
        )

    @property
    def idles(self) -> bool:
        """True: there may be a pause to the next start."""
        return True

    @property
    def livelock(self) -> Literal["none"]:
        """What started first is never evicted, and completes."""
        return "none"

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function of one run."""
        return _Session(self.rate, setup).decide


class _Session:
    """What the policy remembers during one run."""

    def __init__(self, rate: float | None, setup: Setup) -> None:
        self.setup = setup
        self.measured = rate is None
        # Nobody can start before the first arrival gives a rate.
        self.pipe = (
            Pipeline(0, 1) if rate is None else at_rate(Fraction(str(rate)))
        )
        self.count = self.volume = 0
        self.last: int | None = None  # round of the last start

    def decide(self, view: View) -> Decision:
        """Evict the latest on overflow, then start up to the cap."""
        now, memory, jobs = view.round, self.setup.memory, view.jobs
        if self.measured and view.arrived:
            self.count += len(view.arrived)
            self.volume += sum(_volume(jobs[i]) for i in view.arrived)
            self.pipe = at_rate(Fraction(memory * self.count, self.volume))
        free = memory - sum(
            [jobs[i].prompt + now + 1 - p for i, p in view.running.items()]
        )
        gone: list[int] = []
        if free < 0:
            running = [
                Running(i, jobs[i].prompt + now + 1 - p, now - p, 1)
                for i, p in view.running.items()
            ]
            gone = EvictLast().cancel(running, memory, self.setup.rng)
            free += sum(r.usage for r in running if r.request in gone)
        started: list[int] = []
        cap = self.cap(now)
        for i in nsmallest(cap, [*view.waiting, *gone]) if cap else ():
            free -= jobs[i].prompt + 1
            if free < 0:
                break
            started.append(i)
            self.last = now
        return Decision(started, gone)

    def cap(self, now: int) -> int:
        """Return how many may start now."""
        early = self.last is not None and now - self.last < self.pipe.gap
        return 0 if early else self.pipe.starts


def _volume(job: Job) -> int:
    o = true_length(job)
    return job.prompt * o + o * (o + 1) // 2
