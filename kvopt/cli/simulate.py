"""``kvopt simulate``: policies side by side on an instance or a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import (
    ArrivalsOption,
    ContiguousOption,
    DropOversizeOption,
    JsonOption,
    MemoryOption,
    OutOption,
    PromptOption,
    RateOption,
    RoundSecondsOption,
    SampleOption,
    SeedOption,
)
from kvopt.cli.report import write_page
from kvopt.cli.simulate_figure import Drawing
from kvopt.cli.simulate_plan import CommandPlan, CommandSetup
from kvopt.cli.simulate_report import report
from kvopt.cli.simulate_runs import run_plan
from kvopt.cli.status import FAILED, INTERRUPTED
from kvopt.cli.terminal import print_hint
from kvopt.model import InputError, SimulationResult, save_schedule

__all__ = ["simulate"]


def simulate(
    instance: Annotated[
        str,
        typer.Argument(
            metavar="INSTANCE|TRACE",
            help="An instance (a file or library:NAME), a witness (its "
            "instance), or a trace (FILE.csv).",
            show_default=False,
        ),
    ],
    policy: Annotated[
        list[str],
        typer.Argument(
            metavar="POLICY...",
            help="Policies, such as mc-sf or mc-sf:misfit=skip (see kvopt "
            "policies), or path/to/file.py:MyPolicy.",
            show_default=False,
        ),
    ],
    memory: MemoryOption = None,
    arrivals: ArrivalsOption = None,
    rate: RateOption = None,
    round_seconds: RoundSecondsOption = None,
    sample: SampleOption = None,
    contiguous: ContiguousOption = False,
    prompt: PromptOption = None,
    drop_oversize: DropOversizeOption = False,
    clock: Annotated[
        str,
        typer.Option(
            help="How long a round takes: unit (latencies in rounds), "
            "llama-2-70b-2xa100, affine:d0=..,d1=..,d2=..,prefill=..,free=.. "
            "(ms; free in tokens), p5:d0=..,d1=.. (ms)."
        ),
    ] = "unit",
    serving: Annotated[
        str,
        typer.Option(
            help="Rules of the server: block=.. (memory in whole blocks of "
            "so many tokens), budget=.. (tokens an iteration; prompts in "
            "chunks), restart=discard or recompute; joined by commas."
        ),
    ] = "plain",
    predictor: Annotated[
        list[str] | None,
        typer.Option(
            help="Predictions of lengths: common:lower=..,upper=.., "
            "buckets:width=.., bands:x=.., noisy-interval:epsilon=.., "
            "noisy-point:epsilon=.., classes. Repeat for points and "
            "intervals.",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="auto, fast or reference.")
    ] = "auto",
    seed: SeedOption = 0,
    seeds: Annotated[
        int,
        typer.Option(
            min=1,
            help="Number of seeds, from --seed on; rows are means over them.",
        ),
    ] = 1,
    out: OutOption = None,
    records: Annotated[
        Path | None,
        typer.Option(
            help="File with a row for each policy and request: CSV, or "
            "Parquet if it ends in .parquet. Grows policy by policy.",
            show_default=False,
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            help="Draw throughput, memory and latencies of the first seed "
            "to FIGURE.pdf and FIGURE.png.",
            show_default=False,
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="Write the schedules of the first seed as a page to look "
            "at, as kvopt report does.",
            show_default=False,
        ),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Have the reference engine say why each request started or "
            "waited, in --report and --records.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Keep the policies in --records."),
    ] = False,
    more: Annotated[
        bool,
        typer.Option(
            "--more", help="Print a second table: tokens, memory, energy."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run policies on an instance or a trace and compare them.

    Latencies are in rounds, or in seconds with a --clock; then the arrivals
    of a trace are its own seconds, and --rate is in requests a second. --out
    writes the schedule of a single policy. A policy that makes no progress
    is reported, and the exit status is 1.
    """
    from kvopt.analysis.records import RecordsFile
    from kvopt.report import scenes_of

    if out is not None and len(policy) * seeds > 1:
        raise InputError(
            "takes the schedule of one policy and seed only",
            field="--out",
            value=str(out),
        )
    if resume and records is None:
        raise InputError(
            "has no meaning without --records", field="--resume", value=True
        )
    if explain and page is None and records is None:
        raise InputError(
            "needs --report or --records, where reasons are written",
            field="--explain",
            value=True,
        )
    check_outputs(
        instance, out=out, records=records, figure=figure, report=page
    )
    options = {
        "memory": memory,
        "arrivals": arrivals,
        "rate": rate,
        "round_seconds": round_seconds,
        "sample": sample,
        "contiguous": contiguous,
        "prompt": prompt,
        "drop_oversize": drop_oversize,
    }
    setup = CommandSetup(
        instance, options, clock, serving, predictor or [], engine
    )
    plan = CommandPlan.of(setup, policy, range(seed, seed + seeds))
    drawing = None if figure is None else Drawing()
    setup.explain = explain
    file = None
    if records is not None:
        file = RecordsFile(records, resume=resume, explained=explain)
    shown: list[SimulationResult] = []

    def keep(row: dict[str, Any], result: SimulationResult) -> None:
        if file is not None:
            file.add(row, result)
        if out is not None:
            save_schedule(result.schedule, result.instance, out)
        if drawing is not None:
            drawing.add(result, plan.seeds[0])
        if page is not None and result.seed == plan.seeds[0]:
            shown.append(result)

    outcome = run_plan(plan, keep, file)
    if figure is not None and drawing is not None:
        drawing.save(figure)
    if page is not None and shown:
        write_page(scenes_of(shown), "kvopt simulate", page)
    report(plan, outcome, as_json, more)
    if not as_json:
        print_hint(
            "To look at the schedules: the same with --report FILE.html"
            if page is None
            else f"To look at the schedules: open {page} in a browser"
        )
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)
    if outcome.failures:
        raise typer.Exit(FAILED)
