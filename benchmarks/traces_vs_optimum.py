"""Every policy against the optimum on real traces, as intervals.

    KVOPT_TRACES=FOLDER python -m benchmarks.traces_vs_optimum --time-limit 60

samples each of five traces (see :data:`TRACES`), solves it with the solver
for many requests at three memories, runs every policy that needs no
predictions, and has all schedules and the certificate verified. Rows go to
``benchmarks/results/traces_vs_optimum.csv`` after each instance; instances
that are there are passed over, so that the same command goes on where it was
stopped. The 15 instances take 15 times the limit and some seconds.

The memories are 16,492 units, which is what P1 (arXiv 2502.07115v5) has for
Llama-2-70B on two A100, and twice and four times as much. Requests above the
least of them are left out, so that the three are compared on the same
requests. ``--load 0.9`` draws Poisson arrivals instead of all at 0, at so
many times the capacity: ``M`` over the mean volume of the sample. Seeds,
loads and numbers of requests may be several: each combination is measured.

``python -m paper_figures traces_vs_optimum`` draws the rows.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.provenance import stamp
from kvopt.analysis import read_rows, write_rows
from kvopt.experiments.near_optimum import (
    NearOptimumRow,
    StampedRow,
    TraceSetting,
    measured,
)
from kvopt.model import InputError, KvoptError, Request, read_trace

OUT = Path(__file__).parent / "results" / "traces_vs_optimum.csv"
# Name, and file in the folder of traces.
TRACES = {
    "lmsys_arena": "lmsys_arena_vtc.csv",
    "azure_conv": "azure2023_conv.csv",
    "sharegpt_val10k": "sharegpt_val10k_llama2.csv",
    "arxiv_summarization": "arxiv_summarization_llama2.csv",
    "mooncake_conversation": "mooncake_conversation.csv",
}
MEMORIES = (16_492, 32_984, 65_968)


def instance_of(row: NearOptimumRow) -> tuple[object, ...]:
    """Return what tells the instance and the effort of a row."""
    return (
        row.trace,
        row.memory,
        row.requests,
        row.load,
        row.seed,
        row.time_limit,
        row.workers,
    )


def run(asked: argparse.Namespace, out: Path) -> None:
    """Measure what is not there yet."""
    rows = read_rows(StampedRow, out) if out.exists() else []
    known = {instance_of(row) for row in rows}
    files = chosen(asked)
    asked_for = asked.seeds, asked.load, asked.requests, asked.memory
    for name, path in files.items():
        trace = read_trace(path)
        for seed, load, requests, memory in product(*asked_for):
            setting = TraceSetting(
                memory,
                min(asked.memory),
                requests,
                load,
                seed,
                asked.time_limit,
                asked.workers,
            )
            key = (name, *asdict(setting).values())
            if (*key[:2], *key[3:]) in known:
                continue
            marks = stamp()
            rows += [
                StampedRow(**(asdict(row) | marks))
                for row in measured(trace, name, setting, print)
            ]
            write_rows(rows, StampedRow, out)


def chosen(asked: argparse.Namespace) -> dict[str, Path]:
    """Return the files of the traces by name.

    Raises
    ------
    InputError
        When no trace is named and ``KVOPT_TRACES`` does not say where they
        are.
    """
    if asked.trace:
        return {Path(t).stem: Path(t) for t in asked.trace}
    folder = os.environ.get("KVOPT_TRACES", "")
    if not folder:
        raise InputError(
            "name traces with --trace, or their folder in KVOPT_TRACES",
            field="KVOPT_TRACES",
            value=folder,
        )
    return {name: Path(folder) / file for name, file in TRACES.items()}


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.traces_vs_optimum",
        description="Policies against the optimum on real traces.",
    )
    parser.add_argument("--trace", nargs="+", help="files, in place of five")
    parser.add_argument("--requests", type=int, nargs="+", default=[1_500])
    parser.add_argument(
        "--memory", type=int, nargs="+", default=list(MEMORIES)
    )
    parser.add_argument(
        "--load",
        type=float,
        nargs="+",
        default=[0.0],
        help="Poisson arrivals at so many times the capacity; 0: all at 0",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    asked = parsed(arguments)
    return status_of(lambda: run(asked, asked.out))


def mean_time_to_end(request: Request) -> float:
    """Return the rounds before its end that a request holds memory, in mean.

    Rounds weigh what it holds in them; see the mean-busy-time bound.
    """
    age = np.arange(1, request.output + 1)
    held = request.prompt + age
    return float((held * (request.output - age)).sum() / held.sum())


def status_of(work: Callable[[], None]) -> int:
    """Do the work of a command; say an error in a line; return its status."""
    try:
        work()
    except KvoptError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
