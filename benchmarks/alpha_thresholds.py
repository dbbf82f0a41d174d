"""From which alpha on alpha-protection comes to an end, and at what latency.

Run ``python -m benchmarks.alpha_thresholds --trace FILE``. It runs
alpha-greedy at every alpha from 0.01 to 0.60, and alpha-beta-clearing
downwards from 0.40 until a run takes ten times the rounds, on samples of
10,000 requests at M = 16492 by the clock of Llama-2-70B on two A100s, Poisson
arrivals at 50 (high demand) and 10 (low demand) a second; and on P1's
synthetic models in rounds. One sample a seed. It takes about 10 minutes of
processor time, most of it for the random clearing; rows are kept in
``out/alpha_thresholds.sqlite``, and a run that was stopped goes on from there.

It writes ``benchmarks/results/alpha_thresholds.csv``, a row an alpha, and
``docs/img/alpha_thresholds.png``, and prints the thresholds.
"""

from __future__ import annotations

import argparse
import csv
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.experiments.alpha import ScanPoint, least_alpha
from kvopt.model import write_atomically
from kvopt.plots import (
    AlphaCurve,
    house_style,
    plot_alpha_scans,
    save_figure,
)
from kvopt.sweep import Limits, Source, Store, SweepPlan, SweepTask, run_sweep

HERE = Path(__file__).parent
OUT = HERE / "results" / "alpha_thresholds.csv"
FIGURE = HERE.parent / "docs" / "img" / "alpha_thresholds"
STORE = Path("out/alpha_thresholds.sqlite")
# Nearest to the published sample among the traces: LMSYS-Chat-1M, in words.
KIND = "kvopt.experiments.alpha:ALPHA_SCAN"
CLOCK = "llama-2-70b-2xa100"
# Arrivals are counted in microseconds.
TIMED = {"memory": "16492", "round_seconds": "1e-6"}
DEMANDS = {"high": "50", "low": "10"}
GREEDY = ("alpha-greedy", {"least": 1, "most": 60, "step": 1})
CLEARING = tuple(
    (
        f"alpha-beta-clearing:beta={beta}",
        {"least": 2, "most": 40, "step": 2, "cut": 10},
    )
    for beta in (0.2, 0.1)
)


def set_ups(trace: Path | None, requests: int) -> dict[str, tuple[str, Any]]:
    """Return generator and parameters by name of the set-up."""
    made: dict[str, tuple[str, Any]] = {}
    for demand, rate in DEMANDS.items():
        values = {**TIMED, "rate": rate}
        made[f"lmsys-like, {demand}"] = (
            "lmsys-like",
            {**values, "requests": str(requests)},
        )
        if trace is not None:
            made[f"{trace.stem}, {demand}"] = (
                "trace",
                {
                    **values,
                    "path": str(trace),
                    "arrivals": "poisson",
                    "sample": str(requests),
                    "drop_oversize": "yes",
                },
            )
    made["model-1"] = ("model-1", {})
    made["model-2"] = ("model-2", {})
    return made


def tasks_of(options: argparse.Namespace) -> list[tuple[str, SweepTask]]:
    """Return the name of the set-up and the task of every scan."""
    tasks = []
    for name, (generator, values) in set_ups(
        options.trace, options.requests
    ).items():
        timed = generator not in ("model-1", "model-2")
        for seed in range(options.seeds):
            source = Source.generated(generator, values, seed)
            for subject, grid in (GREEDY, *CLEARING):
                if subject != GREEDY[0] and seed >= options.clearing_seeds:
                    continue
                clock = CLOCK if timed else "unit"
                parameters = {**grid, "clock": clock}
                tasks.append(
                    (
                        name,
                        SweepTask.of(KIND, subject, source, parameters, seed),
                    )
                )
    return tasks


def rows_of(
    names: Sequence[str], stored: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return a row a point, with set-up, policy and seed."""
    return [
        {
            "set_up": name,
            "policy": row["subject"],
            "seed": row["seed"],
            "instance": row["instance.hash"][:19],
            **point,
            **{
                name: None if point[name] is None else round(point[name], 3)
                for name in ("mean", "p95")
            },
        }
        for name, row in zip(names, stored, strict=True)
        for point in row["points"]
    ]


def thresholds(rows: Iterable[dict[str, Any]]) -> dict[Any, list[float]]:
    """Return the least alpha of each seed, by set-up and policy."""
    scans: dict[Any, list[ScanPoint]] = {}
    for row in rows:
        key = row["set_up"], row["policy"], row["seed"]
        scans.setdefault(key, []).append(
            ScanPoint(row["alpha"], row["status"])
        )
    found: dict[Any, list[float]] = {}
    for (name, policy, _), points in scans.items():
        least = least_alpha(points)
        # 1 stands for: even the largest alpha clears and retries.
        found.setdefault((name, policy), []).append(
            1.0 if least is None else least
        )
    return found


def curve(rows: Sequence[dict[str, Any]], label: str) -> AlphaCurve:
    """Return share completed and mean latency against alpha."""
    alphas = sorted({row["alpha"] for row in rows})
    share, latency = [], []
    for alpha in alphas:
        here = [row for row in rows if row["alpha"] == alpha]
        means = [row["mean"] for row in here if row["mean"] is not None]
        share.append(len(means) / len(here))
        # A mean over the lucky ones only would flatter small alphas.
        latency.append(np.mean(means) if len(means) == len(here) else np.nan)
    return AlphaCurve(
        label, np.array(alphas), np.array(share), np.array(latency)
    )


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw greedy and clearing on the samples with a clock."""
    from matplotlib.figure import Figure

    timed = [row for row in rows if not row["set_up"].startswith("model")]
    names = list(dict.fromkeys(row["set_up"] for row in timed))
    with house_style():
        figure = Figure(figsize=(7.0, 4.4), layout="constrained")
        shown = [GREEDY[0], CLEARING[0][0]]
        present = {row["policy"] for row in timed}
        shown = [policy for policy in shown if policy in present]
        axes = figure.subplots(2, len(shown), sharex=True, squeeze=False)
        for column, policy in enumerate(shown):
            curves = [
                curve(chosen, name)
                for name in names
                if (
                    chosen := [
                        row
                        for row in timed
                        if row["set_up"] == name and row["policy"] == policy
                    ]
                )
            ]
            plot_alpha_scans(curves, (axes[0, column], axes[1, column]), "s")
            axes[0, column].set_title(policy.replace(":", ", "))
        for ax in axes[:, 1:].flat:
            ax.set_ylabel("")
        if len(shown) > 1:
            axes[0, 0].get_legend().remove()
    save_figure(figure, path)
    path.with_suffix(".pdf").unlink()


def main() -> None:
    """Run what is missing, write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--trace",
        type=Path,
        help="conversations to take samples of, beside the packaged sample",
    )
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--clearing-seeds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--figure", type=Path, default=FIGURE)
    options = parser.parse_args()
    named = tasks_of(options)
    options.store.parent.mkdir(parents=True, exist_ok=True)
    # Millions of cancelled runs are kept until one knows that it is endless.
    limits = Limits(seconds=1200, memory=8 * 10**9)
    plan = SweepPlan.of(
        "alpha_thresholds", [task for _, task in named], limits
    )
    run_sweep(
        plan,
        options.store,
        options.workers,
        retry_failed=True,
        progress=lambda p: print(f"{p.done} of {len(named)}", flush=True),
    )
    with Store(options.store) as store:
        for row in store.rows():
            if row["error"]:
                raise SystemExit(f"{row['subject']}: {row['error']}")
        rows = rows_of([name for name, _ in named], store.rows())
    with (
        write_atomically(options.out) as part,
        part.open("w", newline="") as f,
    ):
        writer = csv.DictWriter(f, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    draw(rows, options.figure)
    print(f"{'set-up':34} {'policy':31} seeds  least  median  largest")
    for (name, policy), least in thresholds(rows).items():
        print(
            f"{name:34} {policy:31} {len(least):5} {min(least):6.2f} "
            f"{statistics.median(least):7.2f} {max(least):8.2f}"
        )


if __name__ == "__main__":
    main()
