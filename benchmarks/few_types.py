"""The dynamic program for few types: its time and states for K = 1, 2, 3.

Writes ``results/few_types.csv``, one row a size, and draws it, with fitted
exponents, in ``docs/img/few-types.png``. Compiling is off the clock: the
kernels run once on a tiny instance first. There are no random numbers.

    python -m benchmarks.few_types            # what is not in the file yet
    python -m benchmarks.few_types --figure   # only draw the file
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from benchmarks.provenance import stamp
from kvopt.check.gate import verified
from kvopt.exact.few_types.batch import few_types
from kvopt.model import Instance, Schedule
from kvopt.plots import ScalingCurve, new_axis, plot_scaling, save_figure
from kvopt.simulation import simulate

OUT = Path(__file__).parent / "results" / "few_types.csv"
FIGURE = Path(__file__).parents[1] / "docs" / "img" / "few-types"

Sizes = tuple[tuple[int, int], ...]

# Families that grow in n, by number of types: memory, (s, o) of each type,
# numbers of requests.
FAMILIES: dict[str, tuple[int, Sizes, tuple[int, ...]]] = {
    "K=1": (9, ((1, 3),), (1_000, 3_000, 10_000, 30_000, 100_000)),
    "K=2": (20, ((1, 4), (1, 7)), (50, 100, 200, 400, 800)),
    "K=3": (16, ((0, 2), (0, 5), (1, 8)), (30, 60, 90, 120, 150)),
}
# Further sizes, with other types.
POINTS: list[tuple[str, int, Sizes, int]] = [
    ("point", 20, ((1, 3), (2, 5)), 400),
    ("point", 20, ((0, 4), (3, 9)), 400),
    ("point", 16, ((1, 2), (1, 3), (2, 5)), 150),
    ("point", 64, ((5, 10), (3, 30)), 60),
    ("point", 64, ((4, 16), (8, 32)), 60),
    ("point", 64, ((1, 20), (3, 40)), 60),
    ("point", 64, ((2, 8), (4, 14)), 60),
    ("point", 64, ((1, 4), (1, 9)), 60),
]


def mixed(memory: int, sizes: Sizes, requests: int) -> Instance:
    """Return ``requests`` requests, as equally many of each type as can be."""
    rows = [(0, *sizes[i % len(sizes)]) for i in range(requests)]
    return Instance.of(memory, rows)


def measure(
    family: str, memory: int, sizes: Sizes, requests: int
) -> dict[str, Any]:
    """Solve once and return one row of the table."""
    instance = mixed(memory, sizes, requests)
    load = os.getloadavg()[0]
    began, busy = time.monotonic(), time.process_time()
    found = few_types(instance)
    seconds, used = time.monotonic() - began, time.process_time() - busy
    assert found.proved and found.starts is not None, found.reason
    schedule = Schedule.from_starts(instance, found.starts)
    verified(instance, schedule)
    busy = time.process_time()
    rule = simulate(instance, "mc-sf").objective
    rule_seconds = time.process_time() - busy
    return {
        "family": family,
        "types": " ".join(f"({s},{o})" for s, o in sizes),
        "memory": memory,
        "requests": requests,
        "states": found.states,
        "optimum": found.objective,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(used, 3),
        "mc_sf": rule,
        "mc_sf_cpu_seconds": round(rule_seconds, 4),
        "load_before": round(load, 1),
        **stamp(),
    }


def exponent(rows: list[dict[str, str]], column: str) -> float:
    """Return the slope of log(column) against log(requests)."""
    n = np.log([float(row["requests"]) for row in rows])
    y = np.log([max(float(row[column]), 1e-4) for row in rows])
    return float(np.polyfit(n, y, 1)[0])


def draw(rows: list[dict[str, str]]) -> None:
    """Draw CPU time against n for each family, with its exponents."""
    curves = []
    for family in FAMILIES:
        mine = [row for row in rows if row["family"] == family]
        mine.sort(key=lambda row: int(row["requests"]))
        time_slope = exponent(mine, "cpu_seconds")
        state_slope = exponent(mine, "states")
        curves.append(
            ScalingCurve(
                f"{family}, M={mine[0]['memory']}: "
                f"time $n^{{{time_slope:.2f}}}$, "
                f"states $n^{{{state_slope:.2f}}}$",
                np.array([int(row["requests"]) for row in mine]),
                np.array([float(row["cpu_seconds"]) for row in mine]),
            )
        )
        print(
            f"{family}: exponent of CPU time {time_slope:.2f}, "
            f"of states {state_slope:.2f}"
        )
    axis = new_axis((4.6, 3.0))
    label = "CPU time to a proved optimum (s)"
    figure = plot_scaling(curves, axis, ylabel=label).get_figure()
    assert isinstance(figure, Figure)  # the axis is that of a new one
    pdf, _ = save_figure(figure, FIGURE)
    pdf.unlink()


def main() -> None:
    """Measure what is not there yet, then draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figure", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    tasks = [
        (family, memory, sizes, n)
        for family, (memory, sizes, grid) in FAMILIES.items()
        for n in grid
    ]
    tasks += POINTS
    done = set()
    if asked.out.exists():
        with asked.out.open() as file:
            for row in csv.DictReader(file):
                done.add((row["memory"], row["types"], row["requests"]))
    few_types(mixed(20, ((1, 4), (1, 7)), 6))
    simulate(mixed(20, ((1, 4), (1, 7)), 6), "mc-sf")
    # Values of more than 31 bits have a kernel of their own.
    few_types(mixed(9, ((1, 3),), 50_000))
    for family, memory, sizes, n in [] if asked.figure else tasks:
        types = " ".join(f"({s},{o})" for s, o in sizes)
        if (str(memory), types, str(n)) in done:
            continue
        row = measure(family, memory, sizes, n)
        new = not asked.out.exists()
        with asked.out.open("a", newline="") as file:
            writer = csv.DictWriter(file, row, lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
        print(*list(row.values())[:11], flush=True)
    with asked.out.open() as file:
        draw(list(csv.DictReader(file)))


if __name__ == "__main__":
    main()
