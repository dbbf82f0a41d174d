"""A_min against H-SF on the length laws of P3: maxima over parameters.

Run ``python -m benchmarks.a_min_ratios``; it takes a minute or two and writes
``benchmarks/results/a_min_ratios.csv``. The set-up is that of
readings.md 3.4: n = 1200 or 1500, M = 600, s = 0, l = 1, all requests at 0, in
random order. Each row is the mean over some draws, with the standard error of
that mean; the maximum over the parameters of a law is printed. It depends on
n: 1200 is twice M, so that requests of length 1 fill whole rounds.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.model import Instance, write_atomically
from kvopt.simulation import simulate
from kvopt.workloads import with_common_interval

OUT = Path(__file__).parent / "results" / "a_min_ratios.csv"
REQUESTS, MEMORY = (1200, 1500), 600
POLICIES = ("a-min", "a-min:update=continuous", "a-max")


def laws() -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Yield law, parameters, lengths and their weights."""
    for u in (4, 16):
        for p in (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.8, 1):
            values, weights = np.array([1, u]), np.array([1 - p, p])
            yield "two-point", f"u={u} p={p}", values, weights
    for u in (8, 32):
        k = np.arange(1, u + 1)
        yield "uniform", f"u={u}", k, np.ones(u)
        for q in (0.5, 0.8, 0.9, 0.97):
            yield "geometric", f"u={u} q={q}", k, q**k
            yield "linear geometric", f"u={u} q={q}", k, k * q**k


def measure(
    n: int, values: np.ndarray, weights: np.ndarray, policy: str, draws: int
) -> np.ndarray:
    """Return the ratio to H-SF of each draw, shape ``(draws,)``."""
    ratios = np.empty(draws)
    zero = np.zeros(n, np.int64)
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        output = rng.choice(values, n, p=weights / weights.sum())
        instance = with_common_interval(
            Instance(MEMORY, zero, zero, output), 1, int(values.max())
        )
        best = simulate(instance, "h-sf").objective
        ratios[seed] = simulate(instance, policy, seed=seed).objective / best
    return ratios


def rows(draws: int) -> Iterator[dict[str, Any]]:
    """Yield one row a size, law, parameter and policy."""
    cases = product(REQUESTS, laws(), POLICIES)
    for n, (law, parameters, values, weights), policy in cases:
        ratios = measure(n, values, weights, policy, draws)
        yield {
            "requests": n,
            "law": law,
            "parameters": parameters,
            "policy": policy,
            "draws": draws,
            "mean_ratio": round(float(ratios.mean()), 4),
            "standard_error": round(
                float(ratios.std(ddof=1) / np.sqrt(draws)), 4
            ),
            "largest_ratio": round(float(ratios.max()), 4),
        }


def main() -> None:
    """Measure everything, write the table, print the maxima."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    table = list(rows(args.draws))
    with write_atomically(args.out) as part, part.open("w", newline="") as f:
        writer = csv.DictWriter(f, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    worst: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in table:
        key = row["law"], row["policy"], row["requests"]
        if key not in worst or row["mean_ratio"] > worst[key]["mean_ratio"]:
            worst[key] = row
    for (law, policy, n), row in sorted(worst.items()):
        print(
            f"{law:17} {policy:24} n={n} {row['mean_ratio']:7.3f} "
            f"+- {row['standard_error']:.3f}  largest "
            f"{row['largest_ratio']:7.3f}  at {row['parameters']}"
        )


if __name__ == "__main__":
    main()
