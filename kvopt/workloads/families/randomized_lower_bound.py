"""Bad for randomised policies: Yao's principle with a random release."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np

from kvopt.model import Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.parameters import INTEGER, Generator, Parameter

__all__ = ["GENERATOR", "draw_release", "randomized_lower_bound"]

# M grows like the square of the size and has to stay below 10**9.
MAX_SHORTS = 30_000


def draw_release(rng: np.random.Generator, size: int) -> int | None:
    """Draw the round in which the shorts arrive, None for never.

    Never with probability 1/2, else uniform in ``1..R``, ``R =
    floor(size^1.5)``.
    """
    size = whole_number(size, "size", 1, MAX_SHORTS)
    if rng.integers(2) == 0:
        return None
    return int(rng.integers(1, isqrt(size**3), endpoint=True))


def randomized_lower_bound(size: int, release: int | None) -> Instance:
    """Build one outcome of the random instance; see :func:`draw_release`.

    Parameters
    ----------
    size
        Number ``N`` of short requests, which also sets all lengths.
    release
        Round in which they all arrive, in ``1..floor(N^1.5)``; None for the
        outcome without them.

    Notes
    -----
    With ``L = N`` and ``M = N(L+1)``: one long request ``(s, o) = (M-L, L)``
    at 0, beside which no short one ``(L, 1)`` fits; all ``N`` short ones fit
    together in one round. Every deterministic policy has an expected ratio
    of ``Omega(sqrt(N))``, so by Yao's principle some outcome is as bad for
    any randomised one.

    Source: readings.md 1.7(b) [inferred, proved and checked], after P1 (arXiv
    2502.07115).
    """
    size = whole_number(size, "size", 1, MAX_SHORTS)
    memory = size * (size + 1)
    requests = [(0, memory - size, size)]
    if release is not None:
        release = whole_number(release, "release", 1, isqrt(size**3))
        requests += [(release, size, 1)] * size
    return Instance.of(
        memory,
        requests,
        name=f"randomized-lower-bound, N={size}, r={release}",
        source=(
            f"randomized_lower_bound(size={size}, release={release}): "
            "readings.md 1.7(b), after P1 (arXiv 2502.07115)"
        ),
    )


def _build(rng: np.random.Generator, values: dict[str, Any]) -> Instance:
    if values["release"] is None:
        values["release"] = draw_release(rng, values["size"])
    return randomized_lower_bound(**values)


GENERATOR = Generator(
    "randomized-lower-bound",
    "one long request, then never or at a random round all shorts",
    "P1, arXiv 2502.07115; readings.md 1.7(b), reconstructed",
    (
        Parameter("size", INTEGER, 16, "number of shorts N"),
        Parameter(
            "release",
            INTEGER,
            None,
            "round of their arrival; left out: drawn, may be never",
        ),
    ),
    _build,
)
