"""``kvopt compare``: policies on a trace of one's own, over several seeds."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import (
    ArrivalsOption,
    ContiguousOption,
    DropOversizeOption,
    JsonOption,
    MemoryOption,
    PromptOption,
    RateOption,
    RoundSecondsOption,
    SampleOption,
)
from kvopt.cli.simulate_options import WorkersOption
from kvopt.cli.simulate_plan import CommandPlan, CommandSetup
from kvopt.cli.simulate_report import CommandOutcome
from kvopt.cli.simulate_runs import run_plan
from kvopt.cli.status import FAILED, INTERRUPTED
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_lines,
    print_table,
)
from kvopt.interrupts import noting_interrupts
from kvopt.model import InputError

if TYPE_CHECKING:
    from kvopt.analysis.paired import ComparisonRow

__all__ = ["compare"]

_PRESET = "llama-2-70b-2xa100"


def compare(
    trace: Annotated[
        str,
        typer.Argument(
            metavar="TRACE|INSTANCE",
            help="A trace (FILE.csv; kvopt trace convert makes one of other "
            "files), or an instance.",
            show_default=False,
        ),
    ],
    policy: Annotated[
        list[str],
        typer.Argument(
            metavar="POLICY...",
            help="Two or more; differences are to the first.",
            show_default=False,
        ),
    ],
    seeds: Annotated[
        str,
        typer.Option(
            help="Seeds, such as 0..9. A seed draws the sample of the trace "
            "(--sample), Poisson arrivals (--rate), the errors of "
            "predictions, and what random policies draw."
        ),
    ] = "0..9",
    memory: MemoryOption = None,
    arrivals: ArrivalsOption = None,
    rate: RateOption = None,
    round_seconds: RoundSecondsOption = None,
    sample: SampleOption = None,
    contiguous: ContiguousOption = False,
    prompt: PromptOption = None,
    drop_oversize: DropOversizeOption = False,
    clock: Annotated[
        str | None,
        typer.Option(
            help="How long a round takes, as for kvopt simulate.",
            show_default=f"{_PRESET} for a trace, unit for an instance",
        ),
    ] = None,
    predictor: Annotated[
        list[str] | None,
        typer.Option(
            help="Predictions of lengths, as for kvopt simulate.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="CSV file of the table.", show_default=False),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            help="Draw the comparison to FIGURE.pdf and FIGURE.png.",
            show_default=False,
        ),
    ] = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare policies: latency, first token, throughput, energy.

    Every policy runs on the same instances, one a seed. Means over the seeds
    come with Student's 95 % interval, and so do the differences to the first
    policy, seed by seed. A policy that does not finish every request with
    every seed has no mean, and the exit status is 1.
    """
    from kvopt.analysis.paired import comparison_rows
    from kvopt.analysis.rows import write_rows
    from kvopt.plots import plot_comparison, save_figure

    check_outputs(trace, out=out, figure=figure)
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
    if clock is None:
        clock = _PRESET if trace.endswith(".csv") else "unit"
    setup = CommandSetup(
        trace, options, clock, "plain", predictor or [], "auto", False
    )
    plan = CommandPlan.of(setup, policy, _seeds(seeds))
    outcome = run_plan(plan, lambda row, result: None, workers=workers)
    with noting_interrupts(outcome):  # until all is saved
        rows = comparison_rows(_finished(outcome.rows, len(plan.seeds)))
        if out is not None and rows:
            write_rows(rows, type(rows[0]), out)
        finished = any(row.mean is not None for row in rows)
        if figure is not None and finished:
            save_figure(plot_comparison(rows), figure.with_suffix(""))
        if as_json:
            print_json(_document(plan, outcome, rows))
        else:
            _print(plan, outcome, rows)
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)
    if figure is not None and not finished:
        raise InputError(
            "cannot be drawn: no policy finished",
            field="--figure",
            value=str(figure),
        )
    if outcome.failures:
        raise typer.Exit(FAILED)


def _finished(rows: list[dict[str, Any]], seeds: int) -> list[dict[str, Any]]:
    """Return the rows of policies that have run with every seed."""
    counts = Counter(row["policy"] for row in rows)
    return [row for row in rows if counts[row["policy"]] == seeds]


def _seeds(text: str) -> list[int]:
    from kvopt.sweep.fields import seeds

    return seeds(int(text) if text.isdecimal() else text, "--seeds")


def _document(
    plan: CommandPlan, outcome: CommandOutcome, rows: list[ComparisonRow]
) -> dict[str, Any]:
    return {
        "source": plan.setup.source,
        "clock": plan.keys()[0]["clock"],
        "memory": plan.problems[0].memory,
        "seeds": list(plan.seeds),
        "instances": [problem.hash for problem in plan.problems],
        "interrupted": outcome.interrupted,
        "comparison": [asdict(row) for row in rows],
        "runs": outcome.rows,
    }


def _print(
    plan: CommandPlan, outcome: CommandOutcome, rows: list[ComparisonRow]
) -> None:
    first = plan.problems[0]
    print_facts(
        [
            ("trace", first.name or first.hash),
            ("requests", len(first)),
            ("memory", first.memory),
            ("clock", plan.keys()[0]["clock"]),
            ("seeds", _what_seeds_do(plan, outcome)),
        ]
    )
    names = list(dict.fromkeys(row.policy for row in rows))
    of = {(row.policy, row.metric): row for row in rows}
    whole = [name for name in names if not of[name, "mean"].failed]
    for title, listed, difference in (
        ("policy", names, False),
        (f"minus {whole[0]}" if whole else "", whole[1:], True),
    ):
        if listed:
            print()
            _print_metrics(
                title, [r for r in rows if r.policy in listed], difference
            )
    print()
    print_lines(f"failed: {reason}" for reason in outcome.failures)
    if whole:
        print("+- is half of the 95 % interval (Student's t over the seeds).")
        print_lines([_verdict(of, whole)])
        print("The independent checker accepts every schedule in the table.")
    if outcome.interrupted:
        print("Interrupted: only policies that ran with every seed are here.")


def _print_metrics(
    title: str, rows: list[ComparisonRow], difference: bool
) -> None:
    """Print a line a policy and a column a metric."""
    columns = dict.fromkeys(f"{r.title} ({r.unit})" for r in rows)
    cells: dict[str, list[str | None]] = {}
    for r in rows:
        numbers = (
            (r.difference, r.difference_low, r.difference_high)
            if difference
            else (r.mean, r.low, r.high)
        )
        cells.setdefault(r.policy, []).append(_with_half(*numbers))
    print_table(
        (title, *columns),
        [(policy, *found) for policy, found in cells.items()],
    )


def _what_seeds_do(plan: CommandPlan, outcome: CommandOutcome) -> str:
    """Say what differs from seed to seed."""
    ends = f"{plan.seeds[0]} .. {plan.seeds[-1]}"
    if len(plan.seeds) == 1:
        return f"{plan.seeds[0]}; one seed gives no interval"
    options = plan.setup.options
    drawn = [
        text
        for text, is_drawn in (
            ("the sample", options["sample"] is not None),
            ("the arrivals", options["rate"] is not None),
            ("the predictions", bool(plan.setup.predictors)),
        )
        if is_drawn
    ]
    if len({problem.hash for problem in plan.problems}) > 1:
        return f"{ends}; each draws {', '.join(drawn)}"
    return (
        f"{ends}; they draw nothing but the choices of random policies: "
        "--sample N --contiguous draws a stretch of the trace a seed, "
        "--rate R its arrivals"
    )


def _with_half(
    value: float | None, low: float | None, high: float | None
) -> str | None:
    if value is None:
        return None
    if low is None or high is None:
        return f"{value:,.3f}"
    return f"{value:,.3f} +- {(high - low) / 2:,.3f}"


def _verdict(
    of: dict[tuple[str, str], ComparisonRow], whole: list[str]
) -> str:
    """Say which policy is best by the mean latency, and how surely."""
    first = of[whole[0], "mean"]
    best = min(
        (of[name, "mean"] for name in whole), key=lambda row: row.mean or 0.0
    )
    said = f"Least mean latency: {best.policy}"
    if best is first or not best.difference or not first.mean:
        return f"{said}, {best.mean:,.3f}."
    share = -100 * best.difference / first.mean
    if best.difference_high is None:
        surely = "the same with every seed"
    elif best.difference_high < 0:
        surely = "the interval of the difference leaves out 0"
    else:
        surely = "but the interval of the difference holds 0: no verdict"
    return f"{said}, {share:.1f} % below that of {first.policy}; {surely}."
