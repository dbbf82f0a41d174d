"""Regret against the hindsight optimum: the tables of docs/claims.

Run ``python -m benchmarks.regret``; it takes some minutes and writes
``regret.csv``, ``regret_growth.csv``, ``regret_loads.csv``,
``disagreements.csv`` and ``disagreement_rates.csv`` into
``benchmarks/results``. Runs are kept in ``out/regret/rows.sqlite``: stopped
early, it goes on from there. ``--runs``, ``--horizons``, ``--long`` and
``--stable`` change the size; rates after ``--stable`` must be stable, and an
unstable one is refused.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kvopt.exact.few_types.types import Types
from kvopt.experiments import run_experiment
from kvopt.experiments.regret.coupling import by_round, couple, disagreements
from kvopt.experiments.regret.load import (
    area_load,
    capacity,
    regime,
    require_stable,
)
from kvopt.experiments.regret.runs import (
    OPTIMUM,
    POLICIES,
    RegretRow,
    RegretTask,
    Setting,
    policy_called,
    regret_instance,
    regret_sweep_task,
    regret_tasks,
)
from kvopt.experiments.regret.saturation import kept_up_rate
from kvopt.experiments.regret.table import (
    Growth,
    RegretCell,
    regret_growth,
    regret_table,
)
from kvopt.model import InputError, write_atomically
from kvopt.simulation import simulate

OUT = Path(__file__).parent / "results"
ROWS = Path("out") / "regret" / "rows.csv"
HORIZONS = (20, 40, 80, 160, 320, 640)
# For the stable rates and 0.7, where growth settles late, and two policies.
LONG = (1280, 2560, 5120)
LONG_POLICIES = ("mc-sf", "re-solving")
# The growth is fitted from here on: before, the worker still fills up.
SETTLED, LONG_SETTLED = 160, 640
COUPLED_HORIZON = 160
# Rounds in which the rate that MC-SF keeps up with is measured.
SATURATED = 50_000
COUPLED = ("mc-sf", "re-solving", "mc-benchmark")
STATES = 20


def settings(stable: Sequence[float]) -> list[Setting]:
    """Return the settings: the stable rates, then the others."""
    default = Setting()
    return [
        *(dataclasses.replace(default, rate=rate) for rate in stable),
        # 80 % of the area, 93 % of the capacity; the capacity; beyond.
        *(dataclasses.replace(default, rate=r) for r in (0.7, 0.75, 0.9)),
        Setting(process="bernoulli", rate=0.4),
        # Theorem B of docs/claims/constant-regret.md.
        Setting(prompt="1", output="3", weights="1", rate=0.8),
        # Unequal prompts, 60 % of the capacity.
        Setting(16, "3,1,0", "1,4,8", "1,1,1", rate=0.504),
    ]


def loads(used: Sequence[Setting], seed: int) -> list[dict[str, Any]]:
    """Return what each setting is for its worker, and for MC-SF."""
    rows = []
    for setting in used:
        types, mix, rate = setting.types, setting.mix, setting.rate
        limit = capacity(types, mix)
        kept_up = kept_up_rate(setting.arrivals(SATURATED), limit, seed)
        rows.append(
            {
                **dataclasses.asdict(setting),
                "area_load": round(area_load(types, mix, rate), 4),
                "capacity": round(limit, 4),
                "load": round(rate / limit, 4),
                "regime": regime(types, mix, rate).value,
                "mc_sf_keeps_up_to": round(kept_up, 3),
            }
        )
    return rows


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as CSV; numbers with six digits."""
    with write_atomically(path) as part, part.open("w", newline="") as f:
        writer = csv.DictWriter(f, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {
                    key: f"{value:.6g}" if isinstance(value, float) else value
                    for key, value in row.items()
                }
            )


def coupled(
    stable: Sequence[float], horizon: int, runs: int, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the disagreements by state, and their rates over time."""
    states, rates = [], []
    for rate in stable:
        types = Setting(rate=rate).types
        for name in COUPLED:
            found = []
            for index in range(runs):
                task = RegretTask(
                    rate=rate, horizon=horizon, index=index, seed=seed
                )
                instance = regret_instance(task)
                schedule = simulate(instance, policy_called(name)).schedule
                found.append(couple(instance, schedule, types))
            head = {"rate": rate, "policy": name, "horizon": horizon}
            head |= {"runs": runs, "seed": seed}
            for row in disagreements(found)[:STATES]:
                if row.times:
                    states.append(head | shown(types, row))
            for window in by_round(found, horizon, 8):
                rates.append(head | window._asdict())
    return states, rates


def shown(types: Types, row: Any) -> dict[str, Any]:
    """Return the cells of a state: requests as ``o`` or ``o@rounds run``."""
    waiting = " ".join(
        f"{n}x{o}"
        for n, (_, o) in zip(row.state.waiting, types.sizes, strict=True)
        if n
    )
    running = " ".join(
        f"{types.sizes[k][1]}@{age}" for k, age in row.state.running
    )
    return {
        "waiting": waiting,
        "running": running,
        "visits": row.visits,
        "times": row.times,
        "probability": row.probability,
        "from": row.interval.low,
        "to": row.interval.high,
        "lost": row.lost,
    }


def verdict(cells: Sequence[RegretCell], fits: Iterable[Growth]) -> list[str]:
    """Say for MC-SF what the numbers are, setting by setting."""
    lines = []
    growth = {(g.policy, vars_of(g), g.reading): g for g in fits}
    for cell in cells:
        last = max(c.horizon for c in cells if vars_of(c) == vars_of(cell))
        if cell.policy != "mc-sf" or cell.horizon != last:
            continue
        total, each = (
            growth["mc-sf", vars_of(cell), reading]
            for reading in ("total", "per request")
        )
        lines.append(
            f"o={cell.output} M={cell.memory} {cell.process} "
            f"rate={cell.rate:g}: at T={cell.horizon} total "
            f"{cell.text('total')}, per request "
            f"{cell.text('each')}; {cell.proved} of {cell.runs} optima "
            f"proved; exponents {total.text} and {each.text}"
        )
    return lines


def vars_of(row: Any) -> Setting:
    """Return the setting of a row."""
    names = [field.name for field in dataclasses.fields(Setting)]
    return Setting(*(getattr(row, name) for name in names))


def measure(arguments: argparse.Namespace) -> None:
    """Run everything and write the tables."""
    used = settings(arguments.stable)
    for setting in used[: len(arguments.stable)]:
        require_stable(setting.types, setting.mix, setting.rate)
    runs, seed = arguments.runs, arguments.seed
    tasks = regret_tasks(used, arguments.horizons, runs, POLICIES, seed)
    longer = used[: len(arguments.stable) + 1] if arguments.long else []
    if longer:
        tasks += regret_tasks(
            longer, arguments.long, runs, LONG_POLICIES, seed
        )
    arguments.rows.parent.mkdir(parents=True, exist_ok=True)
    rows = run_experiment(
        regret_sweep_task,
        tasks,
        RegretRow,
        arguments.rows,
        arguments.processes,
        progress,
    )
    cells = regret_table(rows, seed)
    fits = growth(rows, longer, seed)
    out = arguments.out
    write(out / "regret.csv", [dataclasses.asdict(cell) for cell in cells])
    write(out / "regret_growth.csv", [dataclasses.asdict(f) for f in fits])
    write(out / "regret_loads.csv", loads(used, seed))
    states, rates = coupled(arguments.stable, COUPLED_HORIZON, runs, seed)
    write(out / "disagreements.csv", states)
    write(out / "disagreement_rates.csv", rates)
    optima = [row for row in rows if row.policy == OPTIMUM]
    proved = sum(row.status == "PROVED" for row in optima)
    print(f"{proved} of {len(optima)} hindsight optima proved")
    for line in verdict(cells, fits):
        print(line)


def growth(
    rows: Sequence[RegretRow], longer: Sequence[Setting], seed: int
) -> list[Growth]:
    """Fit what has long horizons from later on than the rest."""
    groups: dict[tuple[Setting, str], list[RegretRow]] = defaultdict(list)
    for row in rows:
        groups[vars_of(row), row.policy].append(row)
    fits = []
    for (setting, policy), mine in groups.items():
        if policy == OPTIMUM:
            continue
        long = setting in longer and policy in LONG_POLICIES
        used = sorted({row.horizon for row in mine})
        # Two horizons at least, however few were asked for.
        first = min(LONG_SETTLED if long else SETTLED, *used[-2:])
        fits += regret_growth(mine + groups[setting, OPTIMUM], first, seed)
    return fits


def progress(done: int, total: int) -> None:
    """Say how far it is, on stderr."""
    if done % 1000 < 20 or done == total:
        print(f"{done}/{total}", file=sys.stderr, flush=True)


def main() -> int:
    """Read the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--horizons", type=int, nargs="+", default=HORIZONS)
    parser.add_argument("--long", type=int, nargs="*", default=LONG)
    parser.add_argument("--stable", type=float, nargs="+", default=(0.25, 0.4))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--rows", type=Path, default=ROWS)
    arguments = parser.parse_args()
    try:
        measure(arguments)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; finished rows are saved", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
