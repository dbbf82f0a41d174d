"""The policies that the adversary benchmarks search, and within what."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.adversary import (
    PolicyRatio,
    parse_conditions,
    parse_reference,
)
from kvopt.policies import parse_policy

__all__ = ["CASES", "Case"]


@dataclass(frozen=True)
class Case:
    """A policy, and the conditions and sizes of the instances.

    Parameters
    ----------
    policy, conditions
        As for ``kvopt adversary``.
    requests, memory
        Most requests, and the largest memory.
    """

    policy: str
    conditions: str
    requests: int
    memory: int

    @property
    def name(self) -> str:
        """Name of the case's files."""
        words = self.conditions.replace("<=", "-").replace("/", "-")
        return f"{self.policy}-{words}".replace(",", "-").replace(":", "-")

    @property
    def command(self) -> str:
        """The command that searches the case, without its budget."""
        return (
            f'kvopt adversary {self.policy} --conditions "{self.conditions}" '
            f"--max-n {self.requests} --max-memory {self.memory}"
        )

    def objective(self, seed: int) -> PolicyRatio:
        """Return the ratio to the best schedule found."""
        return PolicyRatio(
            parse_policy(self.policy),
            parse_conditions(self.conditions, self.requests, self.memory),
            parse_reference("schedule"),
            seed,
        )


# Policies that run compiled, or are played from their plans, get larger
# instances than the others, whose every round takes microseconds.
CASES = (
    Case("mc-sf", "theorem-4.3", 5000, 1200),
    Case("svf", "at-0", 400, 1000),
    Case("svf", "at-0,peak<=1/2", 400, 1000),
    Case("svf", "at-0,peak<=1/4", 400, 1000),
    Case("sorted-f", "at-0", 60, 200),
    Case("h-sf", "equal-prompts", 1000, 1000),
    Case("a-min", "equal-prompts", 400, 1000),
    Case("a-max", "equal-prompts", 400, 1000),
    Case("a-l", "equal-prompts,lengths<=2", 40, 100),
    Case("gba", "equal-prompts", 400, 1000),
    Case("gsa", "equal-prompts", 400, 1000),
    Case("sps", "equal-prompts", 400, 1000),
    Case("vllm-like", "equal-prompts", 100, 300),
    Case("eviction-free-cap", "equal-prompts", 60, 200),
)
