"""Identical requests: OPT, MC-SF, SPS and GBA over (s, o, M, n).

Writes ``results/identical.csv``; the map of the long-run ratios is the figure
``ours_identical``. Long-run rates are exact
(:mod:`kvopt.exact.few_types.identical`); optima for finite n are proved by
the dynamic program for few types. There are no random numbers.

    python -m benchmarks.identical            # all of it: a few minutes
    python -m benchmarks.identical --summary  # summary of the file
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from kvopt.exact.few_types.batch import few_types
from kvopt.exact.few_types.identical import best_pattern
from kvopt.experiments.identical import long_run_rate
from kvopt.model import Instance
from kvopt.simulation import simulate

OUT = Path(__file__).parent / "results" / "identical.csv"

PROMPTS = (0, 1, 2, 4)
OUTPUTS = range(1, 11)
MEMORY = 40
REQUESTS = (7, 50, 200)
RULES = ("mc-sf", "sps", "gba")


def equal(memory: int, prompt: int, output: int, n: int) -> Instance:
    """Return ``n`` equal requests."""
    return Instance.of(memory, [(0, prompt, output)] * n)


def rows() -> Iterator[dict[str, Any]]:
    """Yield one row for each (s, o, M)."""
    for s in PROMPTS:
        for o in OUTPUTS:
            for memory in range(s + o, MEMORY + 1):
                best = best_pattern(memory, s, o)
                row: dict[str, Any] = {
                    "s": s,
                    "o": o,
                    "M": memory,
                    "best_rate": best.rate,
                    "pattern": " ".join(map(str, best.starts)),
                }
                for rule in RULES:
                    slower = best.rate / long_run_rate(rule, memory, s, o)
                    row[f"{rule}_in_the_long_run"] = slower
                for n in REQUESTS:
                    instance = equal(memory, s, o, n)
                    found = few_types(instance)
                    assert found.proved, found.reason
                    row[f"opt_{n}"] = found.objective
                    for rule in RULES:
                        row[f"{rule}_{n}"] = simulate(instance, rule).objective
                yield row


def volume(row: dict[str, str]) -> int:
    """Return the volume of a row's requests."""
    s, o = int(row["s"]), int(row["o"])
    return s * o + o * (o + 1) // 2


def even(row: dict[str, str]) -> bool:
    """Whether starting ``x`` requests every ``g`` rounds has the best rate."""
    s, o, memory = int(row["s"]), int(row["o"]), int(row["M"])
    rates = [
        Fraction(memory // sum(s + age for age in range(o, 0, -gap)), gap)
        for gap in range(1, o + 1)
    ]
    return max(rates) == Fraction(row["best_rate"])


def summary(table: list[dict[str, str]]) -> None:
    """Print where each rule is optimal, and its worst ratios."""
    print(f"{len(table)} triples (s, o, M)")
    for rule in RULES:
        column = f"{rule}_in_the_long_run"
        exact = sum(Fraction(row[column]) == 1 for row in table)
        worst = max(table, key=lambda row: Fraction(row[column]))
        print(
            f"{rule}: best rate in {exact} of {len(table)}; worst long-run "
            f"ratio {float(Fraction(worst[column])):.4f} at s={worst['s']}, "
            f"o={worst['o']}, M={worst['M']}"
        )
        for n in REQUESTS:
            ratios = [
                (int(row[f"{rule}_{n}"]) / int(row[f"opt_{n}"]), row)
                for row in table
            ]
            top, row = max(ratios, key=lambda pair: pair[0])
            same = sum(ratio == 1 for ratio, _ in ratios)
            print(
                f"  n={n}: optimal in {same}; worst {top:.4f} at "
                f"s={row['s']}, o={row['o']}, M={row['M']}"
            )
    periods = [len(row["pattern"].split()) for row in table]
    outputs = [int(row["o"]) for row in table]
    pairs = list(zip(periods, outputs, strict=True))
    area = sum(
        Fraction(row["best_rate"]) == Fraction(int(row["M"]), volume(row))
        for row in table
    )
    print(
        f"best patterns: area rate M/vol in {area}; one number of starts "
        f"every fixed gap suffices in {sum(map(even, table))}; period at most "
        f"o in {sum(p <= o for p, o in pairs)}, divides o in "
        f"{sum(o % p == 0 for p, o in pairs)}"
    )
    for o in OUTPUTS:
        mine = [row for row in table if int(row["o"]) == o]
        good = sum(Fraction(row["mc-sf_in_the_long_run"]) == 1 for row in mine)
        print(f"  o={o}: MC-SF has the best rate in {good} of {len(mine)}")
    tight()


def tight() -> None:
    """Print the two families on which the factor 2 is approached."""
    print("MC-SF, s=0, o odd, M=o(o+1)/2 (best rate 1):")
    for o in (3, 5, 9, 21, 101):
        rounds = o * (o + 1) // 2
        n = 20 * rounds
        cost = simulate(equal(rounds, 0, o, n), "mc-sf").objective
        optimum = n * (n - 1) // 2 + n * o
        limit = 2 * o / (o + 1)
        print(f"  o={o}, n={n}: {cost / optimum:.4f}; limit {limit:.4f}")
    cost = simulate(equal(820, 0, 40, 2000), "mc-sf").objective
    optimum = 2000 * 1999 // 2 + 2000 * 40
    print(f"  o=40, n=2000: {cost / optimum:.4f}")
    print("SPS, s=0, o=2q, M=3q-1 (a start every q+1 rounds fits):")
    for q in (2, 5, 10, 100):
        o, memory, n = 2 * q, 3 * q - 1, 400
        cost = simulate(equal(memory, 0, o, n), "sps").objective
        other = simulate(equal(memory, 0, o, n), "mc-sf").objective
        staggered = (q + 1) * n * (n - 1) // 2 + n * o
        print(
            f"  q={q}, n={n}: {cost / staggered:.4f}; MC-SF "
            f"{other / staggered:.4f}; limit {2 * q / (q + 1):.4f}"
        )


def main() -> None:
    """Make the table unless only the summary is asked for; print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    if not asked.summary:
        made = list(rows())
        with asked.out.open("w", newline="") as file:
            writer = csv.DictWriter(file, made[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(made)
    with asked.out.open() as file:
        table = list(csv.DictReader(file))
    summary(table)


if __name__ == "__main__":
    main()
