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
from kvopt.cli.simulate_figure import Drawing
from kvopt.cli.simulate_plan import CommandPlan, CommandSetup
from kvopt.cli.simulate_report import CommandOutcome, report
from kvopt.cli.status import FAILED, INTERRUPTED
from kvopt.cli.terminal import print_note, progress
from kvopt.model import (
    InputError,
    Instance,
    KvoptError,
    SimulationResult,
    save_schedule,
)
from kvopt.policies import Policy, parse_policy, policy_spec

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
    check_outputs(instance, out=out, records=records, figure=figure)
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
    setup = CommandSetup(instance, options, clock, predictor or [], engine)
    parsed = list({policy_spec(p): p for p in map(_policy, policy)}.values())
    problems = [setup.problem(k) for k in range(seed, seed + seeds)]
    plan = CommandPlan(problems, parsed, setup, seed)
    plan.refuse_missing()
    drawing = None if figure is None else Drawing()
    outcome = _run_all(plan, records, resume, out, drawing)
    if figure is not None and drawing is not None:
        drawing.save(figure)
    report(plan, outcome, as_json, more)
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)
    if outcome.failures:
        raise typer.Exit(FAILED)


def _policy(text: str) -> Policy:
    from kvopt.policies.staged import staged_names

    if text.partition(":")[0] in staged_names():
        raise InputError(
            "its requests pause: that is for kvopt staged",
            field="policy",
            value=text,
        )
    return parse_policy(text)


def _run_all(
    plan: CommandPlan,
    records: Path | None,
    resume: bool,
    out: Path | None,
    drawing: Drawing | None,
) -> CommandOutcome:
    from kvopt.analysis.records import RecordsFile
    from kvopt.interrupts import noting_interrupts

    keys = plan.keys()
    file = None
    kept: list[dict[str, Any]] = []
    if records is not None:
        file = RecordsFile(records, resume=resume)
        file.refuse_others(keys)
        kept = file.kept
    outcome = CommandOutcome(kept=len(kept))
    if kept:
        names = ", ".join(f"{r['policy']} (seed {r['seed']})" for r in kept)
        print_note(f"kept from {records}: {names}")
    try:
        if not plan.setup.clock.measures:
            outcome.bounds = [_bound(problem) for problem in plan.problems]
        if "fast" in plan.engines():
            # Else the seconds of the first policy would be the compiler's.
            loading = progress("loading the fast engine", None)
            with loading, noting_interrupts(outcome):
                from kvopt.simulation import fast

                fast.warm_up()
            if outcome.interrupted:
                raise KeyboardInterrupt
        for k, key in enumerate(keys):
            found = [row for row in kept if key.items() <= row.items()]
            if found:
                outcome.rows.append(found[0])
                continue
            policy = plan.policies[k // len(plan.problems)]
            row, result = _run(plan, policy, k % len(plan.problems), outcome)
            if result is not None and file is not None:
                file.add(row, result)
            if result is not None and out is not None:
                save_schedule(result.schedule, result.instance, out)
            if result is not None and drawing is not None:
                drawing.add(result, plan.seed)
            outcome.rows.append(row)
    except KeyboardInterrupt:
        outcome.interrupted = True
    return outcome


def _bound(problem: Instance) -> int:
    from kvopt.check.gate import verified_bound
    from kvopt.exact import lower_bound

    certificate = lower_bound(problem)
    verified_bound(problem, certificate)
    return certificate.value


def _run(
    plan: CommandPlan, policy: Policy, k: int, outcome: CommandOutcome
) -> tuple[dict[str, Any], SimulationResult | None]:
    """Run a policy on instance ``k``, check the schedule, return its row."""
    from kvopt.analysis.comparison import row_of
    from kvopt.check.gate import verified_latency
    from kvopt.simulation import simulate as run

    spec, problem, setup = policy_spec(policy), plan.problems[k], plan.setup
    seed = plan.seed + k
    try:
        with progress(spec, len(problem)) as advance:
            result = run(
                problem,
                policy,
                setup.engine,
                seed,
                lambda done: advance(
                    done, f"{done:,} of {len(problem):,} requests"
                ),
                clock=setup.clock,
            )
        verified_latency(result.instance, result.schedule)
    except InputError:
        raise
    except KvoptError as error:
        return {"policy": spec, "seed": seed, "failed": str(error)}, None
    row = row_of(result, outcome.bounds[k] if outcome.bounds else None)
    # That of the question; with a clock the result's has other arrivals.
    return {**row, "instance": problem.hash}, result
