"""``kvopt simulate``: policies side by side on one instance."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

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
    write_atomically,
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
    engine: Annotated[str, typer.Option(help="fast or reference.")] = "fast",
    seed: SeedOption = 0,
    out: OutOption = None,
    records: Annotated[
        Path | None,
        typer.Option(
            help="CSV file with a row for each policy and request.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run policies on an instance or a trace and compare their latency.

    Latencies are in rounds. --out writes the schedule of a single policy.
    A policy that makes no progress is reported, and the exit status is 1.
    """
    if out is not None and len(policy) > 1:
        raise InputError(
            "takes the schedule of one policy only",
            field="--out",
            value=str(out),
        )
    check_outputs(instance, out=out, records=records)
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
    parsed = [parse_policy(text) for text in policy]
    if instance.endswith(".csv"):
        problem = instance_from_trace(instance, seed, options)
    else:
        refuse_trace_options(options, "a trace")
        problem = read_instance(instance)
    _refuse_missing(problem, parsed, engine)
    outcome = _run_all(problem, parsed, engine, seed)
    if out is not None:
        for result in outcome.results:
            save_schedule(result.schedule, problem, out)
    if records is not None:
        _write_records(outcome.results, records)
    _report(problem, outcome, as_json, seed)
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)
    if outcome.failures:
        raise typer.Exit(FAILED)


class _Failure(NamedTuple):
    policy: str
    reason: str


@dataclass(frozen=True)
class _Outcome:
    """What became of each policy, in the order given."""

    entries: list[SimulationResult | _Failure]
    interrupted: bool
    lower_bound: int

    @property
    def results(self) -> list[SimulationResult]:
        """The simulations that ended and passed the checker."""
        return [e for e in self.entries if isinstance(e, SimulationResult)]

    @property
    def failures(self) -> list[_Failure]:
        """The others."""
        return [e for e in self.entries if isinstance(e, _Failure)]


def _refuse_missing(
    instance: Instance, policies: Sequence[Policy], engine: str
) -> None:
    """Refuse what a simulation would refuse, before the first one runs."""
    from kvopt.simulate.engine import ENGINES
    from kvopt.simulate.told import told

    for policy in policies:
        told(instance, policy)
    if engine not in ENGINES:
        raise InputError(
            f"unknown engine; known are {', '.join(ENGINES)}",
            field="--engine",
            value=engine,
        )


def _run_all(
    instance: Instance, policies: Sequence[Policy], engine: str, seed: int
) -> _Outcome:
    from kvopt.analysis.verified import verified_bound, verified_latency
    from kvopt.exact import lower_bound
    from kvopt.simulate import simulate as run

    certificate = lower_bound(instance)
    verified_bound(instance, certificate)
    if engine == "fast":
        # Else the seconds of the first policy would be the compiler's.
        run(Instance.of(2, [(0, 1, 1)]), "fcfs")
    entries: list[SimulationResult | _Failure] = []
    interrupted = False
    for policy in policies:
        spec = policy_spec(policy)
        try:
            with progress(spec, len(instance)) as advance:
                result = run(
                    instance,
                    policy,
                    engine,
                    seed,
                    lambda done, advance=advance: advance(  # type: ignore[misc]
                        done, f"{done:,} of {len(instance):,} requests"
                    ),
                )
            verified_latency(instance, result.schedule)
        except InputError:
            raise
        except KvoptError as error:
            entries.append(_Failure(spec, str(error)))
        except KeyboardInterrupt:
            interrupted = True
            break
        else:
            entries.append(result)
    return _Outcome(entries, interrupted, certificate.value)


def _row(
    entry: SimulationResult | _Failure, lower_bound: int
) -> dict[str, Any]:
    from kvopt.analysis import latency_of

    if isinstance(entry, _Failure):
        return {"policy": entry.policy, "failed": entry.reason}
    latency = latency_of(entry)
    return {
        "policy": entry.policy,
        "total_latency": entry.objective,
        "mean": latency.mean,
        "p50": latency.p50,
        "p95": latency.p95,
        "p99": latency.p99,
        "ratio_to_lower_bound": entry.objective / lower_bound,
        "cancellations": int(entry.records["cancellations"].sum()),
        "makespan": entry.schedule.makespan,
        "seconds": entry.runtime,
        "engine": entry.engine,
    }


# Column heading: key of the row.
_COLUMNS = {
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


def _report(
    instance: Instance, outcome: _Outcome, as_json: bool, seed: int
) -> None:
    rows = [_row(entry, outcome.lower_bound) for entry in outcome.entries]
    if as_json:
        document = {
            "instance": instance.hash,
            "name": instance.name,
            "source": instance.source,
            "requests": len(instance),
            "memory": instance.memory,
            "lower_bound": outcome.lower_bound,
            "seed": seed,
            "interrupted": outcome.interrupted,
            "policies": rows,
        }
        print_json(document)
        return
    print_facts(
        [
            ("instance", instance.name or instance.hash),
            ("requests", len(instance)),
            ("memory", instance.memory),
            ("lower bound", f"total latency at least {outcome.lower_bound:,}"),
        ]
    )
    print()
    print_table(
        list(_COLUMNS),
        [[row.get(key) for key in _COLUMNS.values()] for row in rows],
    )
    print()
    print_lines(f"failed: {failure.reason}" for failure in outcome.failures)
    if outcome.results:
        print("The independent checker accepts every schedule in the table.")
    if outcome.interrupted:
        print("Interrupted: these are the policies that had finished.")


def _write_records(results: Sequence[SimulationResult], path: Path) -> None:
    with write_atomically(path) as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        header: tuple[str, ...] | None = None
        for result in results:
            if header is None:
                header = result.records.dtype.names
                assert header is not None
                writer.writerow(["policy", *header])
            for record in result.records.tolist():
                writer.writerow([result.policy, *record])
