"""Simulated annealing over orders of starts with delays.

A solution is an order of the requests and a delay for each. Requests are
placed one after the other, none before the one placed last, at the first
start at which they fit, passing over as many fitting starts as the delay
says.

Every schedule is reached: take its requests by start; each of them fits where
it is beside those that started before, and its delay is the number of fitting
starts between the last one's and its own. So an optimal schedule is reached.
With delays of zero it need not be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.heuristics import annealing_kernels as kernels
from kvopt.model import Instance, SearchParams
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum

__all__ = ["Annealing"]


class Annealing:
    """Annealing of one instance.

    Parameters
    ----------
    instance
        What is scheduled.
    rng
        Source of random numbers.
    params
        Of the moves.
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        params: SearchParams,
    ) -> None:
        self.rng, self.params = rng, params
        self.changes = kernels.Changes(
            params.shift_moves,
            params.shift_moves + params.swap_moves,
            params.shift_moves + params.swap_moves + params.block_moves,
            params.near_shifts,
            params.near_places,
            params.longest_block,
            params.delay_cuts,
            params.delay_ends,
            params.delay_steps,
            params.longest_delay,
        )
        self.sizes = kernels.RequestSizes(
            instance.memory,
            instance.arrival.copy(),
            instance.prompt.copy(),
            instance.output.copy(),
        )
        self.arrival, self.output = self.sizes.arrival, self.sizes.output

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
            Start rounds of a feasible schedule.
        iterations
            Number of moves.
        heat
            First temperature, in rounds.
        report
            Called with start rounds and total latency when a block of
            iterations has improved on ``starts``.
        checkpoint
            Called between blocks; may raise.
        """
        start = np.array(starts, dtype=np.int64)
        order, delay = self.encoded(start)
        now, work = self.solution(order, delay, start), self.work()
        new = self.solution(order.copy(), delay.copy(), start.copy())
        latency = self.latency(start)
        values = np.array([latency, latency])
        best = start.copy()
        known = latency
        block, begin = 1, 0
        while begin < iterations:
            began = time.monotonic()
            checkpoint()
            stop = min(begin + block, iterations)
            kernels.anneal(
                self.rng,
                kernels.Iterations(
                    begin,
                    stop,
                    iterations,
                    heat,
                    heat / self.params.cooling,
                    self.changes,
                ),
                self.sizes,
                now,
                new,
                best,
                values,
                work,
            )
            begin += block
            # How moves are cut into blocks does not change them.
            if time.monotonic() - began < self.params.anneal_pause:
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
        return self.decoded(order)

    def encoded(self, start: IntArray) -> tuple[NDArray, NDArray]:
        """Return the order of starts, and the delays that give these."""
        order = np.argsort(start, kind="stable")
        delay = np.zeros_like(order)
        solution = self.solution(order, delay, start)
        kernels.encode(self.sizes, solution, self.work())
        return order, delay

    def decoded(
        self, order: NDArray, delay: NDArray | None = None
    ) -> IntArray:
        """Return the start rounds of an order with delays; None for none."""
        start = np.zeros_like(order)
        if delay is None:
            delay = np.zeros_like(order)
        solution = self.solution(order, delay, start)
        kernels.decode(self.sizes, solution, self.work())
        return start

    @staticmethod
    def solution(
        order: NDArray, delay: NDArray, start: NDArray
    ) -> kernels.Solution:
        """Return a solution on these arrays, for the kernels.

        Parameters
        ----------
        order
            Request numbers by place, shape ``(n,)``.
        delay
            Starts that are passed over, of each request, shape
            ``(n,)``.
        start
            Start rounds, shape ``(n,)``.
        """
        return kernels.Solution(order, delay, start, np.zeros_like(order))

    def work(self) -> kernels.Work:
        """Return room for the kernels to work in."""
        n = self.output.size
        before, arrives = np.zeros((2, n + 1), np.int64)
        return kernels.Work(np.zeros(n, kernels.RUNNING), before, arrives)

    def latency(self, start: IntArray) -> int:
        """Return the total latency of start rounds."""
        return exact_sum(start + self.output - self.arrival)
