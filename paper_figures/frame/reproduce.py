"""The main job: every part, each saved as soon as it is done."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from kvopt.model import InputError, save_json, write_atomically
from kvopt.versions import versions
from paper_figures.frame.command import (
    add_common,
    parser_of,
    settings_of,
)
from paper_figures.frame.figure import figure_called, make, names
from paper_figures.frame.report import Report, output_folder, run
from paper_figures.frame.summary import PartOutcome, markdown, printed

__all__ = ["MAIN", "main", "parts", "reproduce", "to_go"]

Part = Callable[[], Report]

# What make reproduce makes: a part of each kind, under three minutes in all.
MAIN = (
    "claims",
    "p1_latency_vs_requests",
    "p1_ratio_histogram",
    "p1v2_counterexample",
    "p1v2_regret",
    "p2_backlog",
    "p5_fluid_and_wait",
    "schedules",
    "witness",
)


def parts(
    chosen: Sequence[str],
    out: Path,
    processes: int,
    given: Mapping[str, Any],
    full: bool = False,
) -> dict[str, Part]:
    """Return the parts by name, in the order in which they run.

    Parameters
    ----------
    chosen
        Names of figures.
    out, processes
        The output folder, and the number of worker processes.
    given
        Settings for every figure that has them, such as the seed.
    full
        Whether all else is as in the full budget.
    """

    def part(name: str) -> Part:
        figure = figure_called(name)
        usual = figure.FULL if full else figure.Settings()
        fields = {field.name for field in dataclasses.fields(usual)}
        values = {k: v for k, v in given.items() if k in fields}

        def work() -> Report:
            settings = dataclasses.replace(usual, **values)
            return make(name, settings, out, processes)

        return work

    return {name: part(name) for name in chosen}


def reproduce(
    chosen: Mapping[str, Part],
    usual: Mapping[str, float],
    out: Path,
    seed: int,
    command: str,
) -> int:
    """Run the parts, save after each, and return the exit code.

    Parameters
    ----------
    chosen
        The parts by name, in the order in which they run.
    usual
        Seconds that each usually takes, for what is said while they run.
    out, seed, command
        The output folder, and what the summary says of seed and command.

    Returns
    -------
    int
        0 when all is well, 1 when a part or a check failed, 130 after
        Ctrl-C; what was done by then is saved.
    """
    outcomes: dict[str, PartOutcome] = {}
    for number, (name, part) in enumerate(chosen.items(), start=1):
        left = to_go(usual, outcomes)
        head = f"[{number}/{len(chosen)}] {name}, {left}"
        print(head, file=sys.stderr, flush=True)
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


def to_go(
    usual: Mapping[str, float], outcomes: Mapping[str, PartOutcome]
) -> str:
    """Say how long the parts that are left take, at the pace of the others.

    Parts that were done at once, because their rows had been kept, say
    nothing of the pace.
    """
    spent = sum(outcome.seconds for outcome in outcomes.values())
    expected = sum(usual[name] for name in outcomes)
    pace = max(1.0, spent / expected) if expected else 1.0
    left = sum(s for name, s in usual.items() if name not in outcomes)
    return f"about {pace * left:.0f} s to go"


def attempt(part: Part) -> PartOutcome:
    """Run a part; whatever it raises is an outcome too."""
    began = time.monotonic()

    def spent() -> float:
        return time.monotonic() - began

    try:
        report = part()
    except KeyboardInterrupt:
        return PartOutcome("INTERRUPTED", spent(), error="interrupted")
    except InputError as error:
        # Such as a trace that is not there: the line says what is needed.
        return PartOutcome("FAILED", spent(), error=str(error))
    except Exception as error:
        said = " ".join(str(error).split())
        return PartOutcome(
            "FAILED", spent(), error=f"{type(error).__name__}: {said}"
        )
    return PartOutcome("OK" if report.ok else "FAILED", spent(), report)


def save(
    outcomes: Mapping[str, PartOutcome], out: Path, seed: int, command: str
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
    """Run the job, or some figures of it, and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    named = list(takewhile(names().__contains__, given))
    if len(named) == 1:
        return one(named[0], given[1:])
    parser = _parser()
    options = parser.parse_args(given[len(named) :])
    if named and options.main:
        parser.error("--main chooses the figures: give no names")
    chosen = named or (MAIN if options.main else names())
    settings = {"seed": options.seed}
    if options.trace is not None:
        settings["trace"] = options.trace
    try:
        out = output_folder(options.out)
        return reproduce(
            parts(chosen, out, options.processes, settings, options.full),
            {name: figure_called(name).SECONDS for name in chosen},
            out,
            options.seed,
            " ".join(["python -m paper_figures", *given]),
        )
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    program = os.environ.get("KVOPT_PROGRAM", "python -m paper_figures")
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [NAME ...] [options]",
        description="Make the papers' figures: those that are named, or all "
        "of them, in about eight minutes on two quiet cores. One figure "
        "has options of its own: NAME --help. "
        f"Figures: {', '.join(names())}.",
    )
    add_common(parser)
    parser.add_argument(
        "--main",
        action="store_true",
        help=f"the main set, in about three minutes: {', '.join(MAIN)}",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--trace",
        help="file of a trace, for the figures that run on one (default: a "
        "packaged sample)",
    )
    return parser


def one(name: str, arguments: Sequence[str]) -> int:
    """Make one figure from its own command line; return the exit code."""
    figure = figure_called(name)
    quick, full = figure.Settings(), figure.FULL
    options = parser_of(name, figure.__doc__ or "", quick, full).parse_args(
        arguments
    )
    return run(
        lambda: make(
            name,
            settings_of(quick, full, options),
            output_folder(options.out),
            options.processes,
        )
    )
