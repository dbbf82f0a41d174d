"""Bad for randomised policies: Yao's principle with a random release."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np

from kvopt.model import Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.long_and_shorts import LongAndShorts
from kvopt.workloads.parameters import INTEGER, Generator, Parameter

__all__ = [
    "GENERATOR",
    "LargePrompt",
    "best_expected_ratio",
    "draw_release",
    "randomized_lower_bound",
]

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


@dataclass(frozen=True)
class LargePrompt:
    """The adversary that releases the shorts once the long one has started.

    Parameters
    ----------
    size
        Number ``N`` of short requests, which also sets all lengths.

    Notes
    -----
    The requests of :func:`randomized_lower_bound`. Against a deterministic
    policy nothing has to be drawn: the short ones arrive one round after the
    start ``b`` of the long one, and wait for all of its run. A policy that
    cancels nothing pays ``b + L + N*L``. The optimum is ``L + N`` if ``b >=
    L-1``, else at most ``2N + b + 2 + L``, which serves the short ones
    first. With ``n`` requests the ratio is ``Theta(n)``; ``M`` grows like
    ``n^2``.

    Source: readings.md 1.7(b) [inferred, checked].
    """

    size: int = 16

    def __post_init__(self) -> None:
        whole_number(self.size, "size", 1, MAX_SHORTS)

    def after(self, start: int) -> LongAndShorts:
        """Return all requests when the long one starts at ``start``."""
        return self.released(start + 1)

    def released(self, release: int | None) -> LongAndShorts:
        """Return all requests; None for a release that never comes."""
        memory = self.size * (self.size + 1)
        return LongAndShorts(
            memory=memory,
            prompt=memory - self.size,
            output=self.size,
            short_prompt=self.size,
            count=0 if release is None else self.size,
            release=0 if release is None else release,
        )

    def stated_reference(self, start: int) -> int:
        """Return the total latency of the schedule that the source names.

        The long request from round 0 if it is done when the short ones
        arrive, else all short ones in one round and the long one after
        them. In rounds.
        """
        game = self.after(start)
        alone = game.count + game.output
        early = game.output <= game.release
        return alone if early else alone + game.release + 1

    def answer(self, start: int) -> Instance:
        """Return the instance of :meth:`after`."""
        return self.after(start).instance(
            f"large prompt, N={self.size}, b={start}",
            f"LargePrompt(size={self.size}).answer(start={start}): "
            "readings.md 1.7(b), after P1 (arXiv 2502.07115)",
        )


def best_expected_ratio(size: int) -> Fraction:
    """Return what no deterministic policy's expected ratio is below.

    Parameters
    ----------
    size
        Number ``N`` of short requests.

    Returns
    -------
    Fraction
        ``min over b of E[ALG] / E[OPT]`` over the draws of
        :func:`draw_release`, where ``b`` is the round in which the long
        request starts as long as no short one has come. Exact; ``O(R)``.

    Notes
    -----
    If the short ones come by round ``b``, serving them at once and the long
    one after them is best. Later ones wait until the long one is done. By
    Yao's principle no randomised policy that cancels nothing has a smaller
    ratio on every outcome.
    """
    size = whole_number(size, "size", 1, MAX_SHORTS)
    last = isqrt(size**3)

    def doubled(start: int) -> int:
        """``2*R*E[ALG]``, an integer."""
        rest = last - start
        overlap = min(size, rest)
        waited = rest + overlap * size - overlap * (overlap + 1) // 2
        return (
            last * (start + size)
            + start * (2 * size + 1)
            + start * (start + 1) // 2
            + rest * (start + size)
            + size * waited
        )

    optimum = last * size + sum(
        size + min(size * (max(r, size) + 1 - r), size + r + 1)
        for r in range(1, last + 1)
    )
    return Fraction(min(map(doubled, range(last + 1))), optimum)


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
    if release is not None:
        release = whole_number(release, "release", 1, isqrt(size**3))
    return (
        LargePrompt(size)
        .released(release)
        .instance(
            f"randomized-lower-bound, N={size}, r={release}",
            f"randomized_lower_bound(size={size}, release={release}): "
            "readings.md 1.7(b), after P1 (arXiv 2502.07115)",
        )
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
