"""Having numba compile everything that the search may call."""

from __future__ import annotations

import numpy as np

from kvopt.exact.bounds import lower_bound
from kvopt.exact.control.session import Session
from kvopt.exact.presolve.reduce import reduced
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.search.dual import Dual
from kvopt.exact.search.engine import search
from kvopt.exact.warm_start import one_by_one
from kvopt.model import Instance, SearchParams

__all__ = ["warm_up"]

# It takes tables, labels and annealing to solve; a state graph is larger.
SMALL = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1), (2, 0, 4)])
MEMORY = 1 << 28


def warm_up() -> None:
    """Run each part once on a small example, whatever comes of it."""
    starts = one_by_one(SMALL)
    session = Session(SMALL, None, starts, lower_bound(SMALL))
    search(reduced(SMALL, starts, 1, 0), session, MEMORY)
    completion = np.array(starts) + SMALL.output
    latency = int((completion - SMALL.arrival).sum())
    rounds = int(completion.max()) + 10
    dual = Dual(Groups(SMALL), rounds, completion, SearchParams())
    dual.enter(3, 1)
    for threshold, bits in ((2, 0), (1, 1)):
        dual.ascend(latency, 5, lambda: None)
        dual.prune(latency)
        dual.refine(threshold, latency, 10**6, lambda: None, bits)
    dual.ascend(latency, 5, lambda: None)
    dual.prune(latency)
