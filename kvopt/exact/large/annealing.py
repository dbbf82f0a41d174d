"""Annealing over schedules, in several threads side by side in time.

A move takes a few requests that start near each other out of the schedule
and inserts them again, each as early as the whole future memory profile lets
it, in order of volume with noise: a large-neighbourhood search (Shaw 1998)
with Metropolis' acceptance. Threads share one profile and divide the rounds:
each moves what lies wholly in its part, and the borders are drawn anew in
each phase. So the result depends on the seed and not on who is faster.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.large import kernels
from kvopt.model import Instance
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum

__all__ = ["BYTES_A_ROUND", "Anneal", "AnnealingParams", "Profile"]

# Of a profile: usage, completions, and a bit.
BYTES_A_ROUND = 9


@dataclass(frozen=True)
class AnnealingParams:
    """What annealing does; the defaults were measured on traces.

    Parameters
    ----------
    hot, cold
        First and last temperature, as shares of the mean output length.
    most
        Most requests of a move, at least 2.
    spread
        Places, in the order of starts, among which they are, for each.
    noise
        Greatest logarithm by which a volume is perturbed.
    pause
        Moves after which a thread sorts its requests again, at least, and
        for each request.
    phase, phases
        Most moves of a phase of each thread, unless it sorts less often; and
        least phases where no time limit ends the annealing. Threads wait for
        each other and for Python between two phases, so long ones are faster.
    moves
        Moves for each request where no time limit ends the annealing.
    """

    hot: float = 0.5
    cold: float = 0.01
    most: int = 5
    spread: float = 30.0
    noise: float = 0.6
    pause: tuple[int, float] = (1_000, 0.25)
    phase: int = 50_000
    phases: int = 100
    moves: int = 2_000


class Profile:
    """The memory profile of a schedule of one instance, and its starts.

    Parameters
    ----------
    instance
        The instance.
    horizon
        Rounds that it has.
    """

    def __init__(self, instance: Instance, horizon: int) -> None:
        words = horizon // kernels.WORD + 2
        self.rounds = words * kernels.WORD
        self.last = self.rounds - kernels.WORD - 1
        used, ends = np.zeros((2, self.rounds), np.int32)
        bits = np.zeros(words, np.uint64)
        bits[-1] = np.uint64(1) << np.uint64(kernels.WORD - 1)
        self.arrays = used, ends, bits
        self.requests = (
            instance.memory,
            instance.arrival.copy(),
            instance.prompt.copy(),
            instance.output.copy(),
        )
        self.output = self.requests[3]
        self.start = np.zeros(len(instance), np.int64)

    def clear(self) -> None:
        """Take all requests out."""
        used, ends, bits = self.arrays
        used[:] = ends[:] = bits[:-1] = 0

    def load(self, start: IntArray) -> None:
        """Take the schedule with these starts in place of the one there."""
        self.clear()
        self.start[:] = start
        kernels.enter(self.arrays, self.requests, self.start)

    def decode(self, order: NDArray[np.int64]) -> bool:
        """Insert requests in this order instead; whether all have room."""
        self.clear()
        done: bool = kernels.decode(
            self.arrays, self.requests, order, self.last, self.start
        )
        return done

    def compact(self) -> int:
        """Move requests to the left where they fit; rounds saved."""
        back = int(self.output.max()) * 4
        order = np.argsort(self.start, kind="stable")
        saved: int = kernels.compact(
            self.arrays, self.requests, order, back, self.start
        )
        return saved


class Anneal:
    """The annealing of one schedule, phase by phase.

    Parameters
    ----------
    profile
        Of the schedule to begin with; updated.
    workers
        Number of threads.
    seed
        Seed.
    params
        See :class:`AnnealingParams`.
    """

    def __init__(
        self,
        profile: Profile,
        workers: int,
        seed: int,
        params: AnnealingParams,
    ) -> None:
        self.profile, self.params = profile, params
        n = profile.start.size
        output, prompt = profile.output, profile.requests[2]
        self.volume = prompt * output + output * (output + 1.0) / 2
        self.mean = float(output.mean())
        self.pause = int(max(params.pause[0], params.pause[1] * n))
        each = -(-params.moves * n // workers)
        self.moves = max(self.pause, min(params.phase, each // params.phases))
        self.phases = -(-each // self.moves)
        seats = np.random.SeedSequence(seed).spawn(workers + 1)
        # The first draws borders, the others are those of the threads.
        self.rngs = [np.random.default_rng(seat) for seat in seats]

    def run(
        self,
        share: Callable[[], float],
        keep: Callable[[IntArray], None],
    ) -> None:
        """Anneal until the share of time that has passed is 1.

        Parameters
        ----------
        share
            Returns it, from 0 to 1; called once a phase. May raise.
        keep
            Called with the starts of each schedule that is the best so far.
        """
        best = total = exact_sum(self.profile.start)
        hot, cold = self.params.hot, self.params.cold
        with ThreadPoolExecutor(len(self.rngs) - 1) as pool:
            while (passed := share()) < 1:
                heat = hot * (cold / hot) ** passed * self.mean
                total += self.phase(pool, heat)
                if total < best:
                    best = total
                    keep(self.profile.start)

    def phase(self, pool: ThreadPoolExecutor, heat: float) -> int:
        """Make the moves of one phase; by how much the starts rise."""
        profile, params = self.profile, self.params
        start = profile.start
        by_start = np.argsort(start, kind="stable")
        rules = (
            self.moves,
            self.pause,
            params.most,
            params.spread,
            params.noise,
        )
        ends = start + profile.output
        jobs = []
        cuts = self.cuts(start[by_start])
        parts = zip(self.rngs[1:], pairwise(cuts), strict=True)
        for rng, (left, right) in parts:
            inside = (start[by_start] >= left) & (ends[by_start] <= right)
            jobs.append(
                pool.submit(
                    kernels.destroy_and_repair,
                    rng,
                    profile.arrays,
                    profile.requests,
                    self.volume,
                    by_start[inside],
                    left,
                    right,
                    rules,
                    heat,
                    start,
                )
            )
        return sum(job.result() for job in jobs)

    def cuts(self, starts: IntArray) -> list[int]:
        """Return the borders between threads; each ends a word of bits."""
        parts, word = len(self.rngs) - 1, kernels.WORD
        shift = self.rngs[0].random() - 0.5
        borders = [0]
        for x in range(1, parts):
            place = int((x + shift) / parts * starts.size)
            border = int(starts[place]) // word * word + word - 1
            borders.append(max(border, borders[-1]))
        return [*borders, max(self.profile.last, borders[-1])]
