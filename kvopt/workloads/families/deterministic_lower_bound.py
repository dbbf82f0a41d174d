"""Bad for every deterministic policy: the shorts come at the worst moment."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from kvopt.model import Instance
from kvopt.model.instance import MAX_ROUND, whole_number
from kvopt.workloads.long_and_shorts import LongAndShorts
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = [
    "GENERATOR",
    "DeterministicLowerBound",
    "deterministic_lower_bound",
]


@dataclass(frozen=True)
class DeterministicLowerBound:
    """The adversary that waits for the start of the long request.

    Parameters
    ----------
    memory
        Capacity ``M >= 4``.

    Notes
    -----
    One long request ``(s, o) = (1, M-1)`` at 0; ``floor(M/2)`` short ones
    ``(1, 1)`` in round ``b + M-1 - w``, where ``b`` is the round in which the
    policy starts the long one and ``w = floor(sqrt(M)/2)``: while the long
    one runs its last ``w`` rounds, fewer than ``w`` units are free. The
    policy pays ``Omega(M^1.5)``, the optimum ``O(M)``; with ``n`` requests
    the ratio is ``Theta(sqrt(n))``.

    Source: P1 Theorem 4.1 states the bound; this instance is a
    reconstruction, readings.md 1.7(a) [inferred, checked].
    """

    memory: int = 256

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 4, MAX_REQUESTS)

    @property
    def window(self) -> int:
        """Rounds ``w`` between the release and the end of the long one."""
        return isqrt(self.memory // 4)

    def after(self, start: int) -> LongAndShorts:
        """Return all requests when the long one starts at ``start``."""
        start = whole_number(start, "start", 0, MAX_ROUND - MAX_REQUESTS)
        return LongAndShorts(
            memory=self.memory,
            prompt=1,
            output=self.memory - 1,
            short_prompt=1,
            count=self.memory // 2,
            release=start + self.memory - 1 - self.window,
        )

    def stated_reference(self, start: int) -> int:
        """Return the total latency of the schedule that the source names.

        The long request from round 0 if it is done when the short ones
        arrive, else all short ones in one round and the long one after
        them. In rounds.
        """
        game = self.after(start)
        alone = game.count + game.output
        return alone if start >= self.window else alone + game.release + 1

    def answer(self, start: int) -> Instance:
        """Return the instance of :meth:`after`."""
        call = f"deterministic_lower_bound(memory={self.memory}, start={start}"
        return self.after(start).instance(
            f"deterministic-lower-bound, M={self.memory}, b={start}",
            f"{call}): readings.md 1.7(a), after Theorem 4.1 of P1 (arXiv "
            "2502.07115)",
        )


def deterministic_lower_bound(memory: int, start: int) -> Instance:
    """Build the answer to a policy that starts the long request at ``start``.

    Parameters
    ----------
    memory
        Capacity, see :class:`DeterministicLowerBound`.
    start
        Round ``b`` in which the policy starts the long request when it is
        alone. ``kvopt play`` finds it out.
    """
    return DeterministicLowerBound(memory).answer(start)


GENERATOR = Generator(
    "deterministic-lower-bound",
    "one long request, then shorts at the worst moment",
    "P1, arXiv 2502.07115, Theorem 4.1; readings.md 1.7(a), reconstructed",
    (
        Parameter("memory", INTEGER, 256, "capacity M, units"),
        Parameter("start", INTEGER, 0, "round in which the long one starts"),
    ),
    lambda rng, values: deterministic_lower_bound(**values),
)
