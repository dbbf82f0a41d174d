"""``kvopt staged``: policies of the staged model (P5) on an instance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kvopt.cli.files import check_outputs, read_instance
from kvopt.cli.options import InstanceArgument, JsonOption, OutOption
from kvopt.cli.terminal import print_json, print_table, progress
from kvopt.model import InputError, save_json
from kvopt.policies import policy_spec

__all__ = ["staged"]

_COLUMNS = {
    "policy": "policy",
    "mean": "mean",
    "P95": "p95",
    "first token": "first_token_mean",
    "iterations": "iterations",
    "tokens a batch": "batch_mean",
    "peak memory": "peak_memory",
    "evictions": "evictions",
}


def staged(
    instance: InstanceArgument,
    policies: Annotated[
        list[str],
        typer.Argument(
            metavar="POLICY...",
            help="wait, nested-wait, sarathi-like or staged-fcfs, with "
            "parameters: wait:thresholds=512x20:10+512x50:3.",
            show_default=False,
        ),
    ],
    clock: Annotated[
        str, typer.Option(help="unit, or p5:d0=MS,d1=MS, or a preset.")
    ] = "unit",
    round_seconds: Annotated[
        float | None,
        typer.Option(
            help="With a clock: the unit of the arrivals, in seconds.",
            show_default=False,
        ),
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run staged policies, which may pause a request that keeps its memory.

    Prompts are l, outputs l': one iteration for the prompt, then one a token.
    With a clock, latencies are in seconds. Every run passes the independent
    checker. --out writes the log of the only policy, for kvopt verify.
    """
    from kvopt.policies.staged import parse_staged

    problem = read_instance(instance)
    if out is not None and len(policies) > 1:
        raise InputError(
            "writes the log of one policy", field="--out", value=str(out)
        )
    check_outputs(instance, out=out)
    time = _clock(clock, round_seconds, problem)
    chosen = [parse_staged(text) for text in policies]
    rows = [_row(problem, policy, time, out) for policy in chosen]
    if as_json:
        print_json(
            {
                "instance": problem.hash,
                "requests": len(problem),
                "memory": problem.memory,
                "policies": rows,
            }
        )
        return
    print_table(
        tuple(_COLUMNS),
        [tuple(_shown(row[key]) for key in _COLUMNS.values()) for row in rows],
    )


def _clock(text: str, round_seconds: float | None, problem: Any) -> Any:
    from kvopt.simulation.clocks import parse_clock, with_arrival_unit

    clock = parse_clock(text)
    needed = clock.measures and problem.arrival[-1] > 0
    if needed == (round_seconds is None):
        raise InputError(
            "is needed with a clock: how many seconds one unit of the "
            "arrivals stands for"
            if needed
            else "has no meaning without a clock and arrivals",
            field="--round-seconds",
            value=round_seconds,
        )
    if round_seconds is None:
        return clock
    return with_arrival_unit(clock, round_seconds)


def _row(
    problem: Any, policy: Any, clock: Any, out: Path | None
) -> dict[str, Any]:
    """Run, check, write the log, and return the row of a policy."""
    from kvopt.analysis.metrics import spread
    from kvopt.check.gate import verified_staged
    from kvopt.simulation.clocks import SECOND, clock_spec
    from kvopt.simulation.staged import simulate_staged

    n = len(problem)
    with progress(policy_spec(policy), n) as advance:
        result = simulate_staged(
            problem,
            policy,
            clock,
            lambda done: advance(done, f"{done:,} of {n:,} requests"),
        )
    verified_staged(problem, result)
    if out is not None:
        save_json(result.document(), out)
    unit = SECOND if clock.measures else 1
    records = result.records
    latency = spread(records["latency"] / unit)
    first = (records["first_token"] - records["arrival"]) / unit
    return {
        "policy": result.policy,
        "clock": clock_spec(clock),
        "unit": "s" if clock.measures else "rounds",
        "mean": latency.mean,
        "p50": latency.p50,
        "p95": latency.p95,
        "p99": latency.p99,
        "first_token_mean": float(first.mean()),
        "iterations": len(result.iterations),
        "batch_mean": float(result.tokens.mean()),
        "peak_memory": int(result.memory.max()),
        "evictions": result.evictions,
        "seconds": result.runtime,
    }


def _shown(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value
