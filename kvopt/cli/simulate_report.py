"""What ``kvopt simulate`` says: tables for people, JSON for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from kvopt.cli.simulate_plan import CommandPlan
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_lines,
    print_note,
    print_table,
)
from kvopt.model.serving import serving_spec

if TYPE_CHECKING:
    from kvopt.analysis.bootstrap import Interval
    from kvopt.analysis.paired import SeedRow

__all__ = ["CommandOutcome", "report"]


@dataclass
class CommandOutcome:
    """What became of each run, in the order of the plan."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    bounds: list[int] = field(default_factory=list)
    kept: int = 0
    interrupted: bool = False

    @property
    def failures(self) -> list[str]:
        """Why policies failed."""
        return [row["failed"] for row in self.rows if "failed" in row]


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


def _means(plan: CommandPlan, outcome: CommandOutcome) -> list[dict[str, Any]]:
    """Return a row a policy: the mean over its seeds, if none failed."""
    from kvopt.analysis.comparison import mean_row

    rows = []
    for policy in dict.fromkeys(row["policy"] for row in outcome.rows):
        own = [row for row in outcome.rows if row["policy"] == policy]
        failed = [row for row in own if "failed" in row]
        rows.append(failed[0] if failed else mean_row(own))
    return rows


def report(
    plan: CommandPlan, outcome: CommandOutcome, as_json: bool, more: bool
) -> None:
    """Print what became of the runs.

    Parameters
    ----------
    plan, outcome
        What was to be run, and what became of it.
    as_json
        Whether to print one JSON object instead of tables.
    more
        Whether to print the second table, of tokens, memory and energy.
    """
    from kvopt.simulation.clocks import clock_spec

    first, count = plan.problems[0], len(plan.problems)
    clock, measures = clock_spec(plan.setup.clock), plan.setup.clock.measures
    serving = serving_spec(plan.setup.serving)
    rows = _means(plan, outcome)
    bound = outcome.bounds[0] if outcome.bounds else None
    over_seeds: list[SeedRow] = []
    if count > 1 and not outcome.interrupted:
        from kvopt.analysis.paired import seed_rows

        over_seeds = seed_rows(outcome.rows)
    if as_json:
        document = {
            "instance": first.hash,
            "name": first.name,
            "source": first.source,
            "requests": len(first),
            "memory": first.memory,
            "clock": clock,
            "serving": serving,
            "unit": "s" if measures else "rounds",
            "lower_bound": bound,
            "seed": plan.seeds[0],
            "seeds": count,
            "interrupted": outcome.interrupted,
            "kept": outcome.kept,
            "policies": rows,
        }
        if count > 1:
            document["runs"] = outcome.rows
            document["intervals"] = [asdict(row) for row in over_seeds]
        print_json(document)
        return
    facts: list[tuple[str, object]] = [
        ("instance", first.name or first.hash),
        ("requests", len(first)),
        ("memory", first.memory),
    ]
    if measures:
        facts.append(("clock", f"{clock}; latencies in seconds"))
    if not plan.setup.serving.plain:
        facts.append(("serving", serving))
    if count > 1:
        seeds = f"{plan.seeds[0]} .. {plan.seeds[-1]}"
        facts.append(("seeds", f"{seeds}; rows are means, intervals below"))
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
    if over_seeds:
        print()
        _print_seeds(over_seeds)
    print()
    print_lines(f"failed: {reason}" for reason in outcome.failures)
    if any("failed" not in row for row in outcome.rows):
        print("The independent checker accepts every schedule in the table.")
    if outcome.interrupted:
        print("Interrupted: these are the policies that had finished.")


def _print_seeds(rows: list[SeedRow]) -> None:
    """Print intervals and paired differences; warn where none can be."""
    first = rows[0].policy
    print_table(
        ("policy", "mean", "95 % interval", f"minus {first}", "95 % interval"),
        [
            (
                row.policy,
                row.mean,
                _shown(row.interval),
                row.difference,
                _shown(row.difference_interval),
            )
            for row in rows
        ],
    )
    same = [row.policy for row in rows if not row.varies]
    if same:
        print_note(
            f"the seed changes nothing for {', '.join(same)}: the "
            f"{rows[0].seeds} runs are one run"
        )


def _shown(interval: Interval | None) -> str | None:
    if interval is None:
        return None
    return f"{interval.low:,.3f} .. {interval.high:,.3f}"
