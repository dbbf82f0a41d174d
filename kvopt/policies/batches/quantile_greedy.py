"""Quantile greedy selection: the small ones first, then what pays off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvopt.model.instance import IntArray
from kvopt.policies.batches.order import Remaining
from kvopt.policies.batches.rooms import Feasible, room

__all__ = ["QuantileGreedy"]


@dataclass(frozen=True)
class QuantileGreedy:
    """A batch from the requests below a quantile in prompt and output.

    P2 (arXiv 2508.06133) names it; the content is a reading [inferred]. The
    batch starts with the requests whose prompt and output are both at most
    the quantile of what remains, by output, up to the first that does not
    fit. Then the others are looked at by output, then prompt; each that fits
    is added while ``F`` does not rise.

    Parameters
    ----------
    quantile
        In (0, 1]; the least value that this share of the requests reach.
    feasible
        When a batch is feasible.

    Notes
    -----
    O(n log n) a batch with ``"peaks"``.
    """

    quantile: float
    feasible: Feasible

    def __call__(self, rest: Remaining, memory: int) -> IntArray:
        """Return the places of the batch."""
        n = rest.place.size
        prompt, output = rest.prompt, rest.output
        rank = max(int(np.ceil(self.quantile * n)) - 1, 0)
        small = (prompt <= np.partition(prompt, rank)[rank]) & (
            output <= output[rank]
        )
        left = room(self.feasible, memory, int(output[-1]))
        chosen = np.zeros(n, dtype=bool)
        total = count = 0
        for i in np.flatnonzero(small).tolist():
            if not left.fits(prompt[i], output[i]):
                break
            left.add(prompt[i], output[i])
            chosen[i] = True
            total += int(output[i])
            count += 1
        for i in np.flatnonzero(~chosen).tolist():
            o = int(output[i])
            if count and (total + o) * count**2 > total * (count + 1) ** 2:
                # F would rise, and with every longer output, too.
                break
            if left.fits(prompt[i], output[i]):
                left.add(prompt[i], output[i])
                chosen[i] = True
                total += o
                count += 1
        return np.flatnonzero(chosen)
