"""Seeds of tasks: each one from the experiment's seed and its own index."""

from __future__ import annotations

import numpy as np

from kvopt.model.instance import whole_number

__all__ = ["task_rng", "task_seed"]

_MOST = 2**63 - 1


def _sequence(seed: int, index: int) -> np.random.SeedSequence:
    seed = whole_number(seed, "seed", 0, _MOST)
    return np.random.SeedSequence(
        [seed, whole_number(index, "index", 0, _MOST)]
    )


def task_rng(seed: int, index: int) -> np.random.Generator:
    """Return the generator of task ``index`` of an experiment.

    It depends on the pair only: any row can be drawn again alone, in any
    order, in any process.
    """
    return np.random.default_rng(_sequence(seed, index))


def task_seed(seed: int, index: int) -> int:
    """Return a 31-bit seed of task ``index``, for what takes an integer."""
    return int(_sequence(seed, index).generate_state(1)[0] >> 1)
