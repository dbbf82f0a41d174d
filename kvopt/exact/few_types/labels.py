"""Label search over remaining counts, where the table would be too large.

Labels with the same remaining counts are compared: dominance, and a bound as
in A*. A pass keeps at most ``width`` labels in a layer; what it drops goes
into the lower bound, and nothing dropped means optimal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.few_types import label_kernels as kernels
from kvopt.exact.few_types.types import TypedBatch

__all__ = ["LabelSearch"]

# How many of the cheapest a label is compared with.
_MOST = 4_000


class _Layer(NamedTuple):
    """What leads back from the labels with one number of waiting requests."""

    parent: NDArray[np.int32]
    action: NDArray[np.int32]


class LabelSearch:
    """Passes of growing width.

    Parameters
    ----------
    batch
        The requests; fewer than ``2**62`` vectors of remaining counts.

    Attributes
    ----------
    waiting : int or None
        The least ``sum(p_i)`` found.
    lower_bound : int
        Proved on ``sum(p_i)``.
    starts : list of int or None
        The schedule found, by request number.
    labels : int
        How many were kept in all passes.
    """

    def __init__(self, batch: TypedBatch) -> None:
        self.batch = batch
        self.waiting: int | None = None
        self.lower_bound = 0
        self.starts: list[int] | None = None
        self.labels = 0
        self._rounds = int(batch.types.output.max())
        small, middle = batch.types.memory < 2**7, batch.types.memory < 2**15
        self._bits = 8 if small else 16 if middle else 32
        per = 64 // self._bits
        self._words = -(-self._rounds // per)
        high = sum(1 << (self._bits * (q + 1) - 1) for q in range(per))
        self._high = np.int64(high - (1 << 64))

    @property
    def proved(self) -> bool:
        """Whether the schedule is optimal."""
        return self.waiting == self.lower_bound

    def run(
        self, width: int, checkpoint: Callable[[], None] = lambda: None
    ) -> None:
        """Make one pass; ``checkpoint`` may raise and leaves all as it was.

        The bound counts what was dropped: an optimal schedule is either among
        the labels kept, or was dominated by one of them, or passes a label
        dropped with a bound that it respects.
        """
        batch, types = self.batch, self.batch.types
        strides = batch.strides()
        kinds = kernels.Kinds(
            types.memory,
            types.prompt,
            types.output,
            types.volume,
            batch.counts,
            strides,
        )
        packing = kernels.Packing(self._bits, self._high, _MOST)
        labels = np.zeros((1, kernels.FIELDS + self._words), np.int64)
        labels[0, kernels.VECTOR] = (batch.counts * strides).sum()
        used = np.zeros((1, self._rounds), np.int32)
        best = 2**62 if self.waiting is None else self.waiting
        low = best
        layers: list[_Layer] = []
        kept = 0
        for waiting in range(batch.requests, 0, -1):
            checkpoint()
            step = kernels.StepLimits(waiting, best, width)
            labels, used, lost, end = kernels.advance(
                kinds, packing, step, labels, used
            )
            kept += len(labels)
            low = min(low, int(lost))
            if waiting > 1:
                layers.append(
                    _Layer(
                        labels[:, kernels.PARENT].astype(np.int32),
                        labels[:, kernels.ACTION].astype(np.int32),
                    )
                )
            elif end[1] >= 0:
                self.waiting = best = int(end[0])
                self.starts = self._traced(layers, int(end[1]), int(end[2]))
            if not len(labels):
                break
        self.labels += kept
        self.lower_bound = max(self.lower_bound, min(low, best))

    def _traced(
        self, layers: list[_Layer], label: int, action: int
    ) -> list[int]:
        actions = [action]
        for layer in reversed(layers):
            actions.append(int(layer.action[label]))
            label = int(layer.parent[label])
        now = 0
        steps = []
        for action in reversed(actions):
            kind, wait = divmod(action, self._rounds + 1)
            now += wait
            steps.append((now, kind))
        return self.batch.starts(steps)
