"""What the checker of schedules says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from kvopt.check.showing import ShownLines

__all__ = ["Verdict", "Violation"]


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Parameters
    ----------
    kind
        ``"memory"``, ``"unknown-request"``, ``"early-start"``,
        ``"not-completed"``, ``"completed-again"``, ``"wrong-length"``,
        ``"cancelled-length"``, ``"overlap"`` or ``"after-completion"``.
    request
        Request number; None for ``"memory"``, which concerns all.
    round
        The round at fault, the worst one of ``"memory"``; None when the
        fault is that nothing happened.
    amount
        How much: units over the limit, rounds too early, completed runs,
        rounds too long (negative: too short), rounds of a cancelled run,
        rounds shared, rounds after the completion.
    message
        All of it in one sentence.
    rounds
        First and last round of a ``"memory"`` violation: a maximal interval
        of rounds above the limit.
    """

    kind: str
    request: int | None
    round: int | None
    amount: int
    message: str
    rounds: tuple[int, int] | None = None


@dataclass(frozen=True)
class Verdict(ShownLines):
    """The checker's findings about a schedule.

    Parameters
    ----------
    requests
        Number of requests of the instance.
    memory
        The limit ``M``, in units.
    violations
        Every broken rule, in order of round.
    total_latency
        ``sum(c_i - a_i)`` in rounds. None, refused, unless every request has
        exactly one completed run, of its own length and after its arrival,
        and no run is of an unknown request.
    makespan
        Last round in which anything runs.
    peak_memory
        Largest usage of any round, in units.
    """

    requests: int
    memory: int
    violations: tuple[Violation, ...]
    total_latency: int | None
    makespan: int
    peak_memory: int

    @property
    def ok(self) -> bool:
        """True when no rule is broken."""
        return not self.violations

    @property
    def mean_latency(self) -> Fraction | None:
        """``total_latency / requests``, exactly; None when refused."""
        if self.total_latency is None:
            return None
        return Fraction(self.total_latency, self.requests)

    def lines(self) -> list[str]:
        """Return the verdict for people, one violation a line."""
        count = len(self.violations)
        plural = "" if count == 1 else "s"
        head = (
            "feasible" if self.ok else f"REJECTED: {count} violation{plural}"
        )
        mean = self.mean_latency
        latency = (
            "latency refused"
            if mean is None
            else f"total latency {self.total_latency}, "
            f"mean {float(mean):.6g} rounds"
        )
        summary = (
            f"{self.requests} requests, {latency}, "
            f"makespan {self.makespan}, "
            f"peak memory {self.peak_memory} of {self.memory}"
        )
        return [head, summary, *(v.message for v in self.violations)]

    def document(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        mean = self.mean_latency
        return {
            "ok": self.ok,
            "requests": self.requests,
            "memory": self.memory,
            "total_latency": self.total_latency,
            "mean_latency": None if mean is None else float(mean),
            "makespan": self.makespan,
            "peak_memory": self.peak_memory,
            "violations": [
                {**asdict(v), "rounds": v.rounds and list(v.rounds)}
                for v in self.violations
            ],
        }
