"""How much a bound could gain if it knew which requests fit together.

    KVOPT_TRACES=FOLDER python -m benchmarks.packing_rows

samples each of five traces as :mod:`benchmarks.traces_vs_optimum` does, at
several loads, and solves two linear programs over intervals of time. In both
each request is divided among intervals, and pays for each the middle of it
plus its memory-weighted mean time before completion. In the first, requests
get no more than the memory in each interval. In the second they get what a
mix of *configurations* has, sets of requests that fit together, counted by
the memory that they hold: its rows are the weights of sizes with which no
configuration weighs more than 1 (dual-feasible functions), found by cutting
planes until none is violated.

Prices of any such rows are a lower bound, and the second program says what
the best of them come to, as far as intervals and size classes can tell. Its
values are estimates, not bounds: only the two together say something. A
quarter of an hour beside other work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from benchmarks.traces_vs_optimum import (
    chosen,
    mean_time_to_end,
    status_of,
)
from kvopt.experiments.near_optimum import TraceSetting, sampled
from kvopt.model import Instance, KvoptError, read_trace

FloatArray = npt.NDArray[np.float64]

# By how much a configuration may weigh more than 1, and the least violation
# of a row that is added; and rounds of a class that come of rounding.
TOLERANCE, VIOLATION, NOTHING = 1e-4, 2e-3, 1e-9
# Suffixes of the requests by volume whose best weights are rows from the
# first round on; and how often violated ones are added.
SUFFIXES, ROUNDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95), 4


@dataclass(frozen=True)
class Gain:
    """Both programs' values, in rounds of total latency.

    Parameters
    ----------
    memory
        With the rows of memory.
    packing
        With those of configurations too.
    """

    memory: float
    packing: float


def best_weights(rounds: FloatArray) -> FloatArray:
    """Return the weights of size classes at which requests weigh most.

    Parameters
    ----------
    rounds
        Rounds of requests in each class, shape ``(G + 1,)``: one in class
        ``g`` holds at least ``g / G`` of the memory.

    Returns
    -------
    numpy.ndarray
        Weights, shape ``(G + 1,)``: what fits together, with classes that
        sum to ``G`` or less, weighs at most 1.

    Notes
    -----
    The dual of the linear program of cutting stock (Gilmore and Gomory
    1961), by cutting planes: the heaviest set for weights that are too
    large is a knapsack.
    """
    most = rounds.size - 1
    classes = np.flatnonzero(rounds[1:] > NOTHING) + 1
    if not classes.size:
        return np.zeros(most + 1)
    sets = [
        np.where(classes == own, most // own, 0).astype(float)
        for own in classes
    ]
    while True:
        found = linprog(
            -rounds[classes],
            A_ub=np.array(sets),
            b_ub=np.ones(len(sets)),
            method="highs",
        )
        weight, heaviest = _heaviest(classes, found.x, most)
        if weight <= 1 + TOLERANCE:
            weights = np.zeros(most + 1)
            weights[classes] = found.x / max(weight, 1.0)
            return weights
        sets.append(heaviest)


def _heaviest(
    classes: npt.NDArray[np.int64], weights: FloatArray, most: int
) -> tuple[float, FloatArray]:
    """Return the greatest weight of a set, and how many of each it has."""
    best, last = np.zeros(most + 1), np.full(most + 1, -1)
    for room in range(1, most + 1):
        best[room] = best[room - 1]
        fits = classes[classes <= room]
        if fits.size:
            totals = best[room - fits] + weights[: fits.size]
            if totals.max() > best[room]:
                last[room] = totals.argmax()
                best[room] = totals.max()
    taken, room = np.zeros(classes.size), most
    while room > 0:
        if last[room] < 0:
            room -= 1
        else:
            taken[last[room]] += 1
            room -= int(classes[last[room]])
    return float(best[most]), taken


class _Program:
    """The linear program over intervals, to which rows are added."""

    def __init__(
        self, instance: Instance, intervals: int, classes: int
    ) -> None:
        count, memory = len(instance), instance.memory
        self.works, self.intervals = instance.volume / memory, intervals
        self.rounds = np.zeros((count, classes + 1))
        after = np.zeros(count)
        for i, request in enumerate(instance):
            age = np.arange(1, request.output + 1)
            sizes = (request.prompt + age) * classes // memory
            self.rounds[i] = np.bincount(sizes, minlength=classes + 1)
            after[i] = mean_time_to_end(request)
        # No more than this is lost where sizes of one half leave the rest.
        end = int(instance.arrival.max()) + 2 * float(self.works.sum())
        edges = np.linspace(0, end + instance.output.max(), intervals + 1)
        self.width = float(edges[1])
        middle = (edges[:-1] + edges[1:]) / 2
        self.who, self.when = np.nonzero(edges[1:] > instance.arrival[:, None])
        begun = np.maximum(middle[self.when], instance.arrival[self.who])
        self.cost = begun + (after - instance.arrival)[self.who]
        self.rows = [self._row(self.works, at) for at in range(intervals)]
        self.once = sparse.csr_matrix(
            (np.ones(self.who.size), (self.who, np.arange(self.who.size)))
        )

    def _row(self, works: FloatArray, at: int) -> sparse.csr_matrix:
        """Return the row of an interval, with the length of it for 1."""
        own = np.flatnonzero(self.when == at)
        entries = works[self.who[own]] / self.width
        place = np.zeros(own.size, np.int64), own
        return sparse.csr_matrix((entries, place), (1, self.who.size))

    def add(self, weights: FloatArray, at: int) -> None:
        """Add the row of some weights in one interval."""
        self.rows.append(self._row(self.rounds @ weights, at))

    def solve(self) -> tuple[float, FloatArray]:
        """Return the value, and rounds by interval and class, per round."""
        found = linprog(
            self.cost / self.width,
            A_ub=sparse.vstack(self.rows),
            b_ub=np.ones(len(self.rows)),
            A_eq=self.once,
            b_eq=np.ones(self.rounds.shape[0]),
            method="highs-ipm",
        )
        if found.x is None:
            raise KvoptError(f"HiGHS found no solution: {found.message}")
        share = sparse.csr_matrix(
            (found.x, (self.when, self.who)), (self.intervals, len(self.works))
        )
        usage: FloatArray = share @ self.rounds / self.width
        return float(found.fun) * self.width, usage


def gain(instance: Instance, intervals: int, classes: int) -> Gain:
    """Return the values of both programs.

    Parameters
    ----------
    instance
        The instance.
    intervals
        Intervals of time, of equal length.
    classes
        Size classes: a request is counted as what its class has at least.

    Raises
    ------
    KvoptError
        When HiGHS gives up.
    """
    program = _Program(instance, intervals, classes)
    memory, usage = program.solve()
    by_volume = np.argsort(instance.volume, kind="stable")
    for suffix in SUFFIXES:
        largest = by_volume[int(suffix * by_volume.size) :]
        weights = best_weights(program.rounds[largest].sum(axis=0))
        for at in range(intervals):
            program.add(weights, at)
    packing, usage = program.solve()
    for _ in range(ROUNDS):
        added = 0
        for at, rounds in enumerate(usage):
            weights = best_weights(rounds)
            if rounds @ weights > 1 + VIOLATION:
                program.add(weights, at)
                added += 1
        if not added:
            break
        packing, usage = program.solve()
    return Gain(memory, packing)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.packing_rows",
        description="What a bound that knows packing could gain.",
    )
    parser.add_argument("--trace", nargs="+", help="files, in place of five")
    parser.add_argument("--requests", type=int, default=1_500)
    parser.add_argument("--memory", type=int, default=16_492)
    parser.add_argument("--load", type=float, nargs="+", default=[0, 0.9, 1.5])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--intervals", type=int, default=50)
    parser.add_argument("--classes", type=int, default=60)
    return parser.parse_args(arguments)


def run(asked: argparse.Namespace) -> None:
    """Print a line for each trace and load."""
    files: dict[str, Path] = chosen(asked)
    print("trace,load,memory,packing,gain")
    for name, path in files.items():
        trace = read_trace(path)
        for load in asked.load:
            setting = TraceSetting(
                asked.memory, asked.memory, asked.requests, load, asked.seed,
                time_limit=0, workers=1,
            )  # fmt: skip
            found = gain(
                sampled(trace, setting), asked.intervals, asked.classes
            )
            print(
                f"{name},{load:g},{found.memory:.0f},{found.packing:.0f},"
                f"{found.packing / found.memory - 1:z.2%}",
                flush=True,
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    asked = parsed(arguments)
    return status_of(lambda: run(asked))


if __name__ == "__main__":
    sys.exit(main())
