"""Bad for every deterministic policy: the shorts come at the worst moment."""

from __future__ import annotations

from math import isqrt

from kvopt.model import Instance
from kvopt.model.instance import MAX_ROUND, whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "deterministic_lower_bound"]


def deterministic_lower_bound(memory: int, start: int) -> Instance:
    """Build the answer to a policy that starts the long request at ``start``.

    Parameters
    ----------
    memory
        Capacity ``M >= 4``.
    start
        Round ``b`` in which the policy starts the long request when it is
        alone. Whoever plays the adversary has to find it out first.

    Notes
    -----
    One long request ``(s, o) = (1, M-1)`` at 0; ``floor(M/2)`` short ones
    ``(1, 1)`` in round ``b + M-1 - w``, ``w = floor(sqrt(M)/2)``: while the
    long one runs its last ``w`` rounds, fewer than ``w`` units are free. The
    policy pays ``Omega(M^1.5)``, the optimum ``O(M)``; with ``n`` requests
    the ratio is ``Theta(sqrt(n))``.

    Source: P1 Theorem 4.1 states the bound; this instance is a
    reconstruction, readings.md 1.7(a) [inferred, checked].
    """
    memory = whole_number(memory, "memory", 4, MAX_REQUESTS)
    start = whole_number(start, "start", 0, MAX_ROUND - MAX_REQUESTS)
    last = isqrt(memory // 4)
    release = start + memory - 1 - last
    short = memory // 2
    return Instance.of(
        memory,
        [(0, 1, memory - 1)] + [(release, 1, 1)] * short,
        name=f"deterministic-lower-bound, M={memory}, b={start}",
        source=(
            f"deterministic_lower_bound(memory={memory}, start={start}): "
            "readings.md 1.7(a), after Theorem 4.1 of P1 (arXiv 2502.07115)"
        ),
    )


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
