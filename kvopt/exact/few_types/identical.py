"""Requests that are all equal: long-run rates, exactly.

Over the phases of the programme for few types a schedule is a walk, and its
long-run rate of starts a round is that of a cycle. See
``docs/identical-requests.md``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.few_types.table import Phases
from kvopt.exact.few_types.types import Types

__all__ = ["Pattern", "best_pattern", "greedy_pattern"]

_MOST_PHASES = 1 << 22


class Pattern(NamedTuple):
    """Starts that repeat: ``starts[t]`` requests are started in round ``t``.

    ``starts`` is a period.
    """

    starts: tuple[int, ...]

    @property
    def rate(self) -> Fraction:
        """Starts a round."""
        return Fraction(sum(self.starts), len(self.starts))


def greedy_pattern(memory: int, prompt: int, output: int) -> Pattern:
    """Return what MC-SF does in the long run with equal requests.

    It starts one request more whenever one fits, so it walks from phase to
    phase without a choice, and ends in a cycle.
    """
    after = _phases(memory, prompt, output)
    seen: dict[int, int] = {}
    starts: list[int] = []
    phase = 0
    while phase not in seen:
        seen[phase] = len(starts)
        count = 0
        while after[phase, 1] >= 0:
            phase = int(after[phase, 1])
            count += 1
        starts.append(count)
        phase = int(after[phase, 0])
    return Pattern(_period(tuple(starts[seen[phase] :])))


def best_pattern(memory: int, prompt: int, output: int) -> Pattern:
    """Return a pattern of the greatest rate that memory allows.

    Notes
    -----
    A maximum ratio cycle: from the rate ``r`` known, look for a cycle of
    positive weight with weight 1 for a start and ``-r`` for a round. If there
    is none, the weights have potentials (those of Bellman and Ford), which
    prove that no walk has a greater rate; else the cycle found has one.
    """
    from kvopt.exact.few_types.identical_kernels import positive_cycle

    after = _phases(memory, prompt, output)
    best = greedy_pattern(memory, prompt, output)
    while True:
        rate = best.rate
        cycle = positive_cycle(after, rate.numerator, rate.denominator)
        if not len(cycle):
            return best
        # Begin after a round: 0 is a round, 1 a start.
        last = int(np.flatnonzero(cycle == 0)[0])
        turned = np.concatenate((cycle[last + 1 :], cycle[: last + 1]))
        starts = [0]
        for action in turned.tolist():
            if action:
                starts[-1] += 1
            else:
                starts.append(0)
        best = Pattern(_period(tuple(starts[:-1])))


def _period(starts: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shortest piece of which ``starts`` is a repetition."""
    size = len(starts)
    return next(
        starts[:part]
        for part in range(1, size + 1)
        if size % part == 0 and starts[:part] * (size // part) == starts
    )


def _phases(memory: int, prompt: int, output: int) -> NDArray[np.int32]:
    types = Types(memory, ((prompt, output),))
    return Phases(types, _MOST_PHASES).after
