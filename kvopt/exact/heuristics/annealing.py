"""Simulated annealing over orders with delays.

A solution is an order of the requests and a delay for each. Requests are
placed one after the other at the first start at which they fit beside those
placed before, passing over as many fitting starts as the delay says.

Every schedule within the rounds is reached: take its requests in any order;
each of them fits where it is beside those placed before, and its delay is
the number of fitting starts that are earlier. So an optimal schedule is
reached, given ``max(a) + sum(o)`` rounds (condition 2 of
:mod:`kvopt.exact.horizon`). With delays of zero it need not be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from kvopt.exact.heuristics import annealing_kernels as kernels
from kvopt.model import Instance
from kvopt.model.instance import IntArray

__all__ = ["MAX_ROUNDS", "Annealing"]

# The load of every round is kept.
MAX_ROUNDS = 4_000_000
# Seconds between two checkpoints. Blocks of moves grow until they take as
# long; how moves are cut into blocks does not change them.
PAUSE = 0.1


class Annealing:
    """Annealing of one instance.

    Parameters
    ----------
    instance
        At most ``MAX_ROUNDS`` rounds ``max(a) + sum(o)``.
    rng
        Source of random numbers.
    """

    def __init__(self, instance: Instance, rng: np.random.Generator) -> None:
        self.rng = rng
        self.sizes = (
            instance.memory,
            instance.arrival.copy(),
            instance.prompt.copy(),
            instance.output.copy(),
        )
        self.arrival, self.output = self.sizes[1], self.sizes[3]
        self.rounds = self.span(instance)

    @staticmethod
    def span(instance: Instance) -> int:
        """Return the rounds within which an optimal schedule fits."""
        return int(instance.arrival.max() + instance.output.sum())

    def run(
        self,
        starts: Sequence[int] | IntArray,
        iterations: int,
        heat: float,
        report: Callable[[IntArray, int], None],
        checkpoint: Callable[[], None] = lambda: None,
    ) -> int:
        """Anneal from a schedule; return the best total latency.

        Parameters
        ----------
        starts
            Start rounds of a feasible schedule within the rounds.
        iterations
            Number of moves.
        heat
            First temperature, in rounds; the last is a twentieth.
        report
            Called with start rounds and total latency when a block of
            iterations has improved on ``starts``.
        checkpoint
            Called between blocks; may raise.
        """
        start = np.array(starts, dtype=np.int64)
        order = np.argsort(start, kind="stable")
        delay = np.zeros_like(start)
        load = np.zeros(self.rounds + 1, np.int64)
        kernels.encode(order, start, load, *self.sizes, delay)
        latency = int((start + self.output - self.arrival).sum())
        values = np.array([latency, latency])
        best = start.copy()
        known = latency
        block, begin = 1, 0
        while begin < iterations:
            began = time.monotonic()
            checkpoint()
            kernels.anneal(
                self.rng,
                order,
                delay,
                start,
                best,
                values,
                begin,
                min(begin + block, iterations),
                iterations,
                heat,
                heat / 20,
                *self.sizes,
                self.rounds,
            )
            begin += block
            if time.monotonic() - began < PAUSE:
                block *= 2
            elif block > 1:
                block //= 2
            if values[1] < known:
                known = int(values[1])
                report(best.copy(), known)
        return known

    def shortest_first(self, noise: float) -> IntArray:
        """Return a schedule made from an order by arrival and output.

        ``noise`` spreads the weight of the output at random; 0 for none.
        """
        weight = 1.0 - noise * self.rng.random(self.output.size)
        order = np.argsort(self.arrival + self.output * weight, kind="stable")
        start = np.zeros(order.size, np.int64)
        load = np.zeros(self.rounds + 1, np.int64)
        delay = np.zeros(order.size, np.int64)
        kernels.decode(order, delay, 0, load, *self.sizes, start)
        return start
