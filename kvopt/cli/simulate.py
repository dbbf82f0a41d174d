"""``kvopt simulate``: policies side by side on an instance or a trace."""

from __future__ import annotations

import typer

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
from kvopt.cli.simulate_options import (
    ClockOption,
    EngineOption,
    ExplainOption,
    FigureOption,
    MoreOption,
    PageOption,
    PoliciesArgument,
    PredictorsOption,
    RecordsOption,
    ResumeOption,
    SeedsOption,
    ServingOption,
    SourceArgument,
    WorkersOption,
)
from kvopt.cli.simulate_outputs import Outputs
from kvopt.cli.simulate_plan import CommandPlan, CommandSetup
from kvopt.cli.simulate_report import report
from kvopt.cli.simulate_runs import run_plan
from kvopt.cli.status import FAILED, INTERRUPTED
from kvopt.cli.terminal import print_hint
from kvopt.interrupts import noting_interrupts

__all__ = ["simulate"]


def simulate(
    instance: SourceArgument,
    policy: PoliciesArgument,
    memory: MemoryOption = None,
    arrivals: ArrivalsOption = None,
    rate: RateOption = None,
    round_seconds: RoundSecondsOption = None,
    sample: SampleOption = None,
    contiguous: ContiguousOption = False,
    prompt: PromptOption = None,
    drop_oversize: DropOversizeOption = False,
    clock: ClockOption = "unit",
    serving: ServingOption = "plain",
    predictor: PredictorsOption = None,
    engine: EngineOption = "auto",
    seed: SeedOption = 0,
    seeds: SeedsOption = 1,
    out: OutOption = None,
    records: RecordsOption = None,
    figure: FigureOption = None,
    page: PageOption = None,
    explain: ExplainOption = False,
    resume: ResumeOption = False,
    workers: WorkersOption = None,
    more: MoreOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run policies on an instance or a trace and compare them.

    Latencies are in rounds, or in seconds with a --clock; then the arrivals
    of a trace are its own seconds, and --rate is in requests a second. --out
    writes the schedule of a single policy. A policy that makes no progress
    is reported, and the exit status is 1.
    """
    outputs = Outputs(out, records, figure, page, explain, resume)
    outputs.refuse(instance, len(policy) * seeds)
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
        instance, options, clock, serving, predictor or [], engine, explain
    )
    plan = CommandPlan.of(setup, policy, range(seed, seed + seeds))
    written = outputs.begun(plan)
    outcome = run_plan(plan, written.keep, written.file, workers)
    with noting_interrupts(outcome):  # until all is saved
        written.save()
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
