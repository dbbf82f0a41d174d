"""``kvopt simulate``: policies side by side on an instance or a trace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from kvopt.cli.files import check_outputs, read_instance
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
from kvopt.cli.status import FAILED, INTERRUPTED
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_lines,
    print_table,
    progress,
)
from kvopt.cli.traces import instance_from_trace, refuse_trace_options
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
            help="An instance (a file or library:NAME), or a trace "
            "(FILE.csv).",
            show_default=False,
        ),
    ],
    policy: Annotated[
        list[str],
        typer.Argument(
            metavar="POLICY...",
            help="Policies, such as mc-sf or mc-sf:misfit=skip; "
            "see kvopt policies.",
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
    engine: Annotated[str, typer.Option(help="fast or reference.")] = "fast",
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
    setup = _Setup(instance, options, clock, predictor or [], engine)
    parsed = list(
        {policy_spec(p): p for p in map(parse_policy, policy)}.values()
    )
    problems = [setup.problem(k) for k in range(seed, seed + seeds)]
    plan = _Plan(problems, parsed, setup, seed)
    plan.refuse_missing()
    drawing = None if figure is None else Drawing()
    outcome = _run_all(plan, records, resume, out, drawing)
    if figure is not None and drawing is not None:
        drawing.save(figure)
    _report(plan, outcome, as_json, more)
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)
    if outcome.failures:
        raise typer.Exit(FAILED)


class _Setup:
    """What the words say: where instances come from, clock, predictors."""

    def __init__(
        self,
        source: str,
        options: dict[str, Any],
        clock: str,
        predictors: Sequence[str],
        engine: str,
    ) -> None:
        from kvopt.simulate.clocks import (
            UNIT_ROUNDS,
            parse_clock,
            with_arrival_unit,
        )
        from kvopt.simulate.engine import ENGINES
        from kvopt.workloads.predictions_by_name import parse_predictor

        if engine not in ENGINES:
            raise InputError(
                f"unknown engine; known are {', '.join(ENGINES)}",
                field="--engine",
                value=engine,
            )
        self.engine = engine
        self.clock = parse_clock(clock)
        self.predictors = [parse_predictor(text) for text in predictors]
        self.errs = any(told.errs for told, _ in self.predictors)
        self.source, self.options = source, dict(options)
        self.trace = source.endswith(".csv")
        seconds = options["round_seconds"]
        if self.clock is UNIT_ROUNDS or (not self.trace and seconds is None):
            return
        if self.trace:
            if seconds is not None:
                raise InputError(
                    "has no meaning with a clock, which says how long a "
                    "round is",
                    field="--round-seconds",
                    value=seconds,
                )
            if options["arrivals"] != "zero":
                # An instance counts arrivals in whole microseconds.
                self.options["round_seconds"] = 1e-6
        else:
            self.clock = with_arrival_unit(self.clock, seconds)
            del self.options["round_seconds"]

    def problem(self, seed: int) -> Instance:
        """Return the instance of a seed, with its predictions."""
        import numpy as np

        if self.trace:
            instance = instance_from_trace(self.source, seed, self.options)
        else:
            refuse_trace_options(self.options, "a trace")
            instance = read_instance(self.source)
            said = "round_seconds" not in self.options
            if self.clock.measures and not said and instance.arrival[-1] > 0:
                raise InputError(
                    "is needed with a clock: how many seconds one unit of "
                    "the arrivals stands for",
                    field="--round-seconds",
                    value=None,
                )
        for k, (_, add) in enumerate(self.predictors):
            instance = add(instance, np.random.default_rng([seed, k]))
        return instance


@dataclass(frozen=True)
class _Plan:
    """The runs to make: every policy on the instance of every seed."""

    problems: list[Instance]
    policies: list[Policy]
    setup: _Setup
    seed: int

    def refuse_missing(self) -> None:
        """Refuse what a simulation would refuse, before the first one."""
        from kvopt.policies.base import Sight
        from kvopt.simulate.told import told

        for policy in self.policies:
            for problem in self.problems:
                columns = told(problem, policy)
                if policy.sight is Sight.INTERVAL and not self.setup.errs:
                    _refuse_misses(problem, columns)

    def keys(self) -> list[dict[str, Any]]:
        """Return policy, seed, instance and clock of every run."""
        from kvopt.simulate.clocks import clock_spec

        return [
            {
                "policy": policy_spec(policy),
                "seed": self.seed + k,
                "instance": problem.hash,
                "clock": clock_spec(self.setup.clock),
            }
            for policy in self.policies
            for k, problem in enumerate(self.problems)
        ]


def _refuse_misses(problem: Instance, columns: dict[str, Any]) -> None:
    """Refuse intervals that do not hold the true length.

    The theory of the policies that take intervals rests on it; a predictor
    that is wrong now and then has to be asked for by name.
    """
    o = problem.output
    for name, wrong, side in (
        ("lower", columns["lower"] > o, "above"),
        ("upper", columns["upper"] < o, "below"),
    ):
        if wrong.any():
            i = int(wrong.argmax())
            raise InputError(
                f"is {side} the true output length {int(o[i])}; intervals "
                "must hold it, but for those of --predictor classes",
                field=f"requests[{i}].{name}",
                value=int(columns[name][i]),
                where=problem.name,
            )


@dataclass
class _Outcome:
    """What became of each run, in the order of the plan."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    bounds: list[int] = field(default_factory=list)
    kept: int = 0
    interrupted: bool = False

    @property
    def failures(self) -> list[str]:
        """Why policies failed."""
        return [row["failed"] for row in self.rows if "failed" in row]


def _run_all(
    plan: _Plan,
    records: Path | None,
    resume: bool,
    out: Path | None,
    drawing: Drawing | None,
) -> _Outcome:
    from kvopt.analysis.records import RecordsFile
    from kvopt.simulate.engine import engine_of

    keys = plan.keys()
    file = None
    kept: list[dict[str, Any]] = []
    if records is not None:
        file = RecordsFile(records, resume=resume)
        file.refuse_others(keys)
        kept = file.kept
    outcome = _Outcome(kept=len(kept))
    if kept:
        names = ", ".join(f"{r['policy']} (seed {r['seed']})" for r in kept)
        print(f"kvopt: kept from {records}: {names}", file=sys.stderr)
    try:
        if not plan.setup.clock.measures:
            outcome.bounds = [_bound(problem) for problem in plan.problems]
        engines = {engine_of(policy) for policy in plan.policies}
        if plan.setup.engine == "fast" and "fast" in engines:
            # Else the seconds of the first policy would be the compiler's.
            label = "loading the fast engine (compiled once a machine: ~15 s)"
            with progress(label, None):
                from kvopt.simulate import fast

                fast.warm_up()
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
    from kvopt.analysis.verified import verified_bound
    from kvopt.exact import lower_bound

    certificate = lower_bound(problem)
    verified_bound(problem, certificate)
    return certificate.value


def _run(
    plan: _Plan, policy: Policy, k: int, outcome: _Outcome
) -> tuple[dict[str, Any], SimulationResult | None]:
    """Run a policy on instance ``k``, check the schedule, return its row."""
    from kvopt.analysis.comparison import row_of
    from kvopt.analysis.verified import verified_latency
    from kvopt.simulate import simulate as run

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


# Column heading: key of the row.
_ROUNDS = {
    "policy": "policy",
    "TEL": "total_latency",
    "mean": "mean",
    "P50": "p50",
    "P95": "p95",
    "P99": "p99",
    "TEL/bound": "ratio_to_lower_bound",
    "cancelled": "cancellations",
    "makespan": "makespan",
    "seconds": "seconds",
}
_SECONDS = {
    "policy": "policy",
    "TEL": "total_latency",
    "mean": "mean",
    "P50": "p50",
    "P95": "p95",
    "P99": "p99",
    "TTFT": "first_token_mean",
    "a token": "per_token_mean",
    "tokens/s": "throughput",
    "J/token": "energy_per_token",
    "cancelled": "cancellations",
}
_MORE = {
    "policy": "policy",
    "TTFT": "first_token_mean",
    "P95": "first_token_p95",
    "a token": "per_token_mean",
    "P95 ": "per_token_p95",
    "TPOT": "between_tokens_mean",
    "tokens": "throughput",
    "peak": "peak_memory",
    "mean mem.": "mean_memory",
    "wasted": "wasted_tokens",
    "prefill again": "repeated_prefill",
}
_ENERGY = {
    "J wasted": "energy_wasted",
    "J idle": "energy_idle",
    "seconds": "seconds",
}


def _means(plan: _Plan, outcome: _Outcome) -> list[dict[str, Any]]:
    """Return a row a policy: the mean over its seeds, if none failed."""
    from kvopt.analysis.comparison import mean_row

    rows = []
    for policy in dict.fromkeys(row["policy"] for row in outcome.rows):
        own = [row for row in outcome.rows if row["policy"] == policy]
        failed = [row for row in own if "failed" in row]
        rows.append(failed[0] if failed else mean_row(own))
    return rows


def _report(plan: _Plan, outcome: _Outcome, as_json: bool, more: bool) -> None:
    from kvopt.simulate.clocks import clock_spec

    first, count = plan.problems[0], len(plan.problems)
    clock, measures = clock_spec(plan.setup.clock), plan.setup.clock.measures
    rows = _means(plan, outcome)
    bound = outcome.bounds[0] if outcome.bounds else None
    if as_json:
        document = {
            "instance": first.hash,
            "name": first.name,
            "source": first.source,
            "requests": len(first),
            "memory": first.memory,
            "clock": clock,
            "unit": "s" if measures else "rounds",
            "lower_bound": bound,
            "seed": plan.seed,
            "seeds": count,
            "interrupted": outcome.interrupted,
            "kept": outcome.kept,
            "policies": rows,
        }
        if count > 1:
            document["runs"] = outcome.rows
        print_json(document)
        return
    facts: list[tuple[str, object]] = [
        ("instance", first.name or first.hash),
        ("requests", len(first)),
        ("memory", first.memory),
    ]
    if measures:
        facts.append(("clock", f"{clock}; latencies in seconds"))
    if count > 1:
        seeds = f"{plan.seed} .. {plan.seed + count - 1}"
        facts.append(("seeds", f"{seeds}; rows are means"))
    elif bound is not None:
        facts.append(("lower bound", f"total latency at least {bound:,}"))
    print_facts(facts)
    tables = [_SECONDS if measures else _ROUNDS]
    if more:
        tables.append({**_MORE, **_ENERGY} if measures else _MORE)
    for columns in tables:
        print()
        print_table(
            [heading.strip() for heading in columns],
            [[row.get(key) for key in columns.values()] for row in rows],
        )
    print()
    print_lines(f"failed: {reason}" for reason in outcome.failures)
    if any("failed" not in row for row in outcome.rows):
        print("The independent checker accepts every schedule in the table.")
    if outcome.interrupted:
        print("Interrupted: these are the policies that had finished.")
