"""The trap: FCFS and shortest-first serve the big requests first."""

from __future__ import annotations

import math

from kvopt.model import Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "heavy_first_cost", "light_first_cost", "trap"]


def trap(memory: int, heavy: int | None = None) -> Instance:
    """Build the trap of capacity ``memory``, all requests at 0.

    Parameters
    ----------
    memory
        Capacity ``M >= 3``.
    heavy
        Number ``K`` of heavy requests; None for ``2*sqrt(N)``, rounded,
        where the ratio is largest.

    Notes
    -----
    ``K`` heavy requests ``(s, o) = (M-1, 1)`` fill the memory alone; ``N =
    floor(M/3)`` light ones ``(1, 2)`` fit all together. FCFS and
    shortest-first serve the heavy ones first, ``TEL = K(K+1)/2 + N(K+2)``;
    serving the light ones first gives ``2N + sum_{k=1..K} (2+k)``. The ratio
    tends to ``sqrt(M/12) = 0.289 sqrt(M)``.

    Source: the statement that both ratios are unbounded is P2's (arXiv
    2508.06133); this instance is a reconstruction, readings.md 2.3
    [inferred, checked].
    """
    memory = whole_number(memory, "memory", 3, MAX_REQUESTS)
    light = memory // 3
    if heavy is None:
        heavy = round(2 * math.sqrt(light))
    heavy = whole_number(heavy, "heavy", 1, MAX_REQUESTS)
    return Instance.of(
        memory,
        [(0, memory - 1, 1)] * heavy + [(0, 1, 2)] * light,
        name=f"trap, M={memory}, K={heavy}",
        source=(
            f"trap(memory={memory}, heavy={heavy}): bad for FCFS and "
            "shortest-first, readings.md 2.3 (P2, arXiv 2508.06133)"
        ),
    )


def heavy_first_cost(heavy: int, light: int) -> int:
    """Total latency of FCFS, SF and MC-SF, in rounds.

    Parameters
    ----------
    heavy, light
        Numbers of requests.
    """
    return heavy * (heavy + 1) // 2 + light * (heavy + 2)


def light_first_cost(heavy: int, light: int) -> int:
    """Total latency of the light ones first, in rounds.

    Parameters
    ----------
    heavy, light
        Numbers of requests.
    """
    return 2 * light + 2 * heavy + heavy * (heavy + 1) // 2


GENERATOR = Generator(
    "trap",
    "FCFS and shortest-first serve the big requests first",
    "P2, arXiv 2508.06133; readings.md 2.3, reconstructed",
    (
        Parameter("memory", INTEGER, 60, "capacity M, units"),
        Parameter(
            "heavy",
            INTEGER,
            None,
            "number of heavy requests; left out: the worst number",
        ),
    ),
    lambda rng, values: trap(**values),
)
