"""Where a schedule of many requests lies behind the mean-busy-time bound.

    KVOPT_TRACES=FOLDER python -m benchmarks.gap_by_tenths --seed 1

solves a sample of each of five traces, all at 0, as
:mod:`benchmarks.traces_vs_optimum` does. The bound adds up a completion for
each request, of a worker whose memory is full until the last one. For each
tenth of the completions, in order, it prints by how much those of the
schedule are later, in percent of the bound, and for each tenth of the rounds
until the last completion which share of the memory is held. A minute a trace.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.traces_vs_optimum import (
    chosen,
    mean_time_to_end,
    status_of,
)
from kvopt.exact import solve
from kvopt.experiments.near_optimum import TraceSetting, sampled
from kvopt.model import Instance, Schedule, read_trace

FloatArray = npt.NDArray[np.float64]

PARTS = 10


def bounding_completions(instance: Instance) -> FloatArray:
    """Return the completions that the mean-busy-time bound adds up.

    Parameters
    ----------
    instance
        Requests that are all there at 0.

    Returns
    -------
    numpy.ndarray
        In ascending order, shape ``(n,)``, in rounds; floats, for a table.
    """
    after = np.array([mean_time_to_end(request) for request in instance])
    order = np.argsort(instance.volume, kind="stable")
    works = instance.volume[order] / instance.memory
    return np.sort(np.cumsum(works) - works / 2 + 0.5 + after[order])


def late_by_tenths(instance: Instance, schedule: Schedule) -> FloatArray:
    """Return how much later each tenth completes, over the bound's sum.

    Parameters
    ----------
    instance
        Requests that are all there at 0.
    schedule
        A schedule of all of them.
    """
    bounding = bounding_completions(instance)
    late = np.sort(schedule.completions(instance)) - bounding
    parts = np.array_split(late, PARTS)
    shares: FloatArray = np.array([part.sum() for part in parts])
    return shares / bounding.sum()


def fill_by_tenths(instance: Instance, schedule: Schedule) -> FloatArray:
    """Return the share of the memory held in each tenth of the rounds.

    Parameters
    ----------
    instance, schedule
        As for :func:`late_by_tenths`.
    """
    used = np.zeros(schedule.makespan)
    for request, start in zip(
        instance, schedule.starts(instance).tolist(), strict=True
    ):
        ages = np.arange(1, request.output + 1)
        used[start : start + request.output] += request.prompt + ages
    parts = np.array_split(used, PARTS)
    return np.array([part.mean() for part in parts]) / instance.memory


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gap_by_tenths",
        description="Where a schedule lies behind the bound.",
    )
    parser.add_argument("--trace", nargs="+", help="files, in place of five")
    parser.add_argument("--requests", type=int, default=1_500)
    parser.add_argument("--memory", type=int, default=16_492)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args(arguments)


def run(asked: argparse.Namespace) -> None:
    """Print two lines for each trace."""
    for name, path in chosen(asked).items():
        setting = TraceSetting(
            asked.memory, asked.memory, asked.requests, 0, asked.seed,
            asked.time_limit, asked.workers,
        )  # fmt: skip
        instance = sampled(read_trace(path), setting)
        found = solve(
            instance, "large", time_limit=asked.time_limit,
            workers=asked.workers, seed=asked.seed,
        )  # fmt: skip
        late = late_by_tenths(instance, found.schedule)
        fill = fill_by_tenths(instance, found.schedule)
        print(f"{name}: {late.sum():.2%} behind the mean-busy-time bound")
        print("  late", *(f"{share:.2%}" for share in late))
        print("  fill", *(f"{share:.3f}" for share in fill), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    asked = parsed(arguments)
    return status_of(lambda: run(asked))


if __name__ == "__main__":
    sys.exit(main())
