"""The main job: every part, each saved as soon as it is done."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kvopt.model import InputError, save_json, write_atomically
from kvopt.versions import versions
from paper_figures import (
    claims,
    p1_latency_vs_requests,
    p1_ratio_histogram,
    p1_ratio_histogram_model1,
    p1_ratio_histogram_model2,
    p1v2_counterexample,
    p1v2_regret,
    p5_fluid_and_wait,
    witness,
)
from paper_figures.report import Report, output_folder
from paper_figures.summary import Outcome, markdown, printed

__all__ = ["main", "parts", "reproduce"]

WITNESS_SECONDS = 10.0

Part = Callable[[], Report]


def parts(out: Path, seed: int, processes: int) -> dict[str, Part]:
    """Return the parts by name, in the order in which they run."""
    latency = p1_latency_vs_requests.Settings(
        p1_latency_vs_requests.usual_trace(), seed=seed, processes=processes
    )
    ratio = p1_ratio_histogram.Settings(seed=seed, processes=processes)
    regret = p1v2_regret.Settings(seed=seed, processes=processes)
    fluid = p5_fluid_and_wait.Settings(seed=seed)

    def histogram(published: p1_ratio_histogram.Published) -> Part:
        name = p1_ratio_histogram.name_of(published)
        command = p1_ratio_histogram.command_of(name, out, ratio)
        return lambda: p1_ratio_histogram.make(published, out, ratio, command)

    return {
        "claims": lambda: claims.make(out),
        "counterexample": lambda: p1v2_counterexample.make(
            out, f"python -m paper_figures.p1v2_counterexample --out {out}"
        ),
        "regret": lambda: p1v2_regret.make(
            out, regret, p1v2_regret.command_of(out, regret)
        ),
        "fluid": lambda: p5_fluid_and_wait.make(
            out, fluid, p5_fluid_and_wait.command_of(out, fluid)
        ),
        "witness": lambda: witness.make(
            out,
            WITNESS_SECONDS,
            seed,
            f"python -m paper_figures --only witness --out {out} "
            f"--seed {seed}",
        ),
        "trace": lambda: p1_latency_vs_requests.make(
            out, latency, p1_latency_vs_requests.command_of(out, latency)
        ),
        "ratios-model-1": histogram(p1_ratio_histogram_model1.PUBLISHED),
        "ratios-model-2": histogram(p1_ratio_histogram_model2.PUBLISHED),
    }


def reproduce(
    chosen: Mapping[str, Part], out: Path, seed: int, command: str
) -> int:
    """Run the parts, save after each, and return the exit code.

    Returns
    -------
    int
        0 when all is well, 1 when a part or a check failed, 130 after
        Ctrl-C; what was done by then is saved.
    """
    outcomes: dict[str, Outcome] = {}
    for number, (name, part) in enumerate(chosen.items(), start=1):
        print(f"[{number}/{len(chosen)}] {name}", file=sys.stderr, flush=True)
        outcomes[name] = attempt(part)
        save(outcomes, out, seed, command)
        if outcomes[name].error:
            print(f"{name}: {outcomes[name].error}", file=sys.stderr)
        if outcomes[name].status == "INTERRUPTED":
            break
    print(printed(outcomes))
    print(f"results in {out}/: start with {out / 'summary.md'}")
    states = {outcome.status for outcome in outcomes.values()}
    if "INTERRUPTED" in states:
        return 130
    return 1 if "FAILED" in states else 0


def attempt(part: Part) -> Outcome:
    """Run a part; whatever it raises is an outcome too."""
    began = time.monotonic()

    def spent() -> float:
        return time.monotonic() - began

    try:
        report = part()
    except KeyboardInterrupt:
        return Outcome("INTERRUPTED", spent(), error="interrupted")
    except Exception as error:
        said = " ".join(str(error).split())
        return Outcome(
            "FAILED", spent(), error=f"{type(error).__name__}: {said}"
        )
    return Outcome("OK" if report.ok else "FAILED", spent(), report)


def save(
    outcomes: Mapping[str, Outcome], out: Path, seed: int, command: str
) -> None:
    """Write ``results.json``, ``summary.md`` and the tables."""
    entries: dict[str, Any] = {}
    for name, outcome in outcomes.items():
        entry = dataclasses.asdict(outcome)
        report = entry.pop("report")
        entries[name] = {**entry, **(report or {})}
        if outcome.report is not None and outcome.report.table[0]:
            write_table(outcome.report, out / f"table_{name}.csv")
    save_json(
        {
            "command": command,
            "seed": seed,
            "versions": versions(),
            "parts": entries,
        },
        out / "results.json",
    )
    with write_atomically(out / "summary.md") as part:
        part.write_text(markdown(outcomes, command), encoding="utf-8")


def write_table(report: Report, path: Path) -> None:
    """Write the table of a part as CSV."""
    header, rows = report.table
    with write_atomically(path) as part, part.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job from the command line and return its exit code."""
    names = list(parts(Path("out"), 0, 1))
    parser = argparse.ArgumentParser(
        prog="python -m paper_figures",
        description="Reproduce the main results, within five minutes on two "
        "cores.",
    )
    parser.add_argument("--out", default="out", help="folder (default: out)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=names,
        default=names,
        metavar="PART",
        help=f"some of the parts only: {', '.join(names)}",
    )
    options = parser.parse_args(arguments)
    try:
        out = output_folder(options.out)
        every = parts(out, options.seed, options.processes)
        return reproduce(
            {name: every[name] for name in names if name in options.only},
            out,
            options.seed,
            " ".join(
                [
                    "python -m paper_figures",
                    *(sys.argv[1:] if arguments is None else arguments),
                ]
            ),
        )
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
