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
requests. ``--load 0.9`` draws Poisson arrivals instead of all at 0.

    python -m benchmarks.traces_vs_optimum --draw docs/img

draws the picture of the rows that are there, and computes nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.provenance import stamp
from kvopt.analysis import read_rows, write_rows
from kvopt.experiments.near_optimum import (
    NearOptimumRow,
    TraceSetting,
    measured,
)
from kvopt.model import InputError, KvoptError, read_trace
from kvopt.plots import (
    IntervalRow,
    house_style,
    plot_interval_rows,
    save_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
# Name of the line of the best schedule; and what the axes may be marked with.
BEST = "best schedule"
TICKS = (1, 1.5, 2, 3, 5, 8, 15, 30)


@dataclass(frozen=True)
class StampedRow(NearOptimumRow):
    """A row, and the code, versions and machine that it comes from."""

    code: str
    versions: str
    machine: str


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
    for name, path in files.items():
        trace = read_trace(path)
        for memory in asked.memory:
            setting = TraceSetting(
                memory,
                min(asked.memory),
                asked.requests,
                asked.load,
                asked.seed,
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


def drawing(rows: Sequence[NearOptimumRow]) -> Figure:
    """Draw a panel for each trace: a line a policy, an interval a memory."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator

    traces = list(dict.fromkeys(row.trace for row in rows))
    memories = sorted({row.memory for row in rows})
    ratios = {(r.trace, r.memory, r.policy): (r.low, r.high) for r in rows}
    ratios |= {(r.trace, r.memory, BEST): (1.0, 1 + r.gap) for r in rows}
    worst: dict[str, float] = {}
    for (_, _, policy), (_, high) in ratios.items():
        worst[policy] = max(high, worst.get(policy, 1.0))
    order = sorted(worst, key=lambda policy: worst[policy])
    with house_style():
        figure = Figure(
            figsize=(1.75 * len(traces) + 1.25, 0.27 * len(order) + 1.2),
            layout="constrained",
        )
        panels = figure.subplots(1, len(traces), sharey=True, squeeze=False)
        for ax, trace in zip(panels[0], traces, strict=True):
            lines = []
            for policy in order:
                found = [ratios.get((trace, m, policy)) for m in memories]
                points = [p and (p[0], *p) for p in found]
                lines.append(IntervalRow(policy, tuple(points)))
            plot_interval_rows(lines, [f"M = {m:,}" for m in memories], ax)
            ax.set_title(trace)
            ax.set_xscale("log")
            highest = ax.get_xlim()[1]
            ticks = [t for t in TICKS if t < highest]
            ax.xaxis.set_major_locator(FixedLocator(ticks))
            ax.xaxis.set_minor_locator(NullLocator())
            ax.set_xticklabels([f"{t:g}" for t in ticks])
        figure.supxlabel(
            "total latency over the optimum: from over the best schedule "
            "(marker) to over the bound"
        )
        handles, labels = panels[0][0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside upper center", ncols=len(memories)
        )
    return figure


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.traces_vs_optimum",
        description="Policies against the optimum on real traces.",
    )
    parser.add_argument("--trace", nargs="+", help="files, in place of five")
    parser.add_argument("--requests", type=int, default=1_500)
    parser.add_argument(
        "--memory", type=int, nargs="+", default=list(MEMORIES)
    )
    parser.add_argument(
        "--load",
        type=float,
        default=0.0,
        help="Poisson arrivals at so many times the capacity; 0: all at 0",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--draw", type=Path, help="folder of the picture")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or draw what the command line asks for."""
    asked = parsed(arguments)
    try:
        if asked.draw is None:
            run(asked, asked.out)
            return 0
        rows = read_rows(StampedRow, asked.out)
        shown = [row for row in rows if row.load == asked.load]
        name = asked.draw / "policies-vs-optimum"
        save_figure(drawing(shown), name)
        name.with_suffix(".pdf").unlink()
    except KvoptError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
