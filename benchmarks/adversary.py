"""Strategies of the adversary side by side, at equal processor time.

Each strategy searches each case with each seed for as many seconds, counted
from when everything is compiled. One row a search goes to
``results/adversary.csv``, as soon as it is done; rows that are there are
kept. The portfolio was changed after looking at searches with seeds below
200, and at those with 301 to 305 and 401 to 405; the comparison takes others.

    nice python -m benchmarks.adversary --seconds 5 --seeds 5   # half an hour
    python -m benchmarks.adversary --first-seed 50 --seeds 1 --out t.csv
    python -m benchmarks.adversary --tables     # medians, in Markdown
    python -m benchmarks.adversary --figure     # docs/img/adversary.png
    python -m benchmarks.adversary --rates      # evaluations a second
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.adversary_cases import CASES, Case
from kvopt.adversary import (
    Conditions,
    Evaluations,
    PolicyRatio,
    Recipe,
    Seconds,
    parse_reference,
    run_search,
)
from kvopt.adversary.search.mutators import random_recipe
from kvopt.analysis import read_rows, write_rows
from kvopt.plots import (
    Ascent,
    house_style,
    legend_below,
    plain_log_ticks,
    plot_ascents,
    save_picture,
)
from kvopt.policies import parse_policy

OUT = Path(__file__).parent / "results" / "adversary.csv"
FIGURE = Path(__file__).parents[1] / "docs" / "img" / "adversary"
STRATEGIES = ("portfolio", "random", "climbing", "annealing", "gradient")
# Records that raise the ratio by less than this share are not written.
STEP = 0.005
# Evaluations before the first search of a case, of which nothing is kept.
WARM_UP = Evaluations(60)
# Panels beside each other in the figure; ratios above this one are drawn on a
# log axis.
COLUMNS, LARGE = 3, 5.0


@dataclass(frozen=True)
class SearchRow:
    """One search; ``curve`` lists ``seconds:ratio`` between spaces."""

    policy: str
    conditions: str
    strategy: str
    seed: int
    seconds: float
    ratio: float
    evaluations: int
    curve: str

    @property
    def points(self) -> list[tuple[float, float]]:
        """The curve."""
        pairs = (point.split(":") for point in self.curve.split())
        return [(float(t), float(ratio)) for t, ratio in pairs]


def searched(
    case: Case, strategy: str, seed: int, seconds: float
) -> SearchRow:
    """Search once.

    Raises
    ------
    KeyboardInterrupt
        When it was interrupted: a part of a search is no row.
    """
    result = run_search(case.objective(seed), Seconds(seconds), strategy, seed)
    if result.interrupted:
        raise KeyboardInterrupt
    kept: list[tuple[float, float]] = []
    for point in result.state.curve:
        if not kept or point.ratio > (1 + STEP) * kept[-1][1]:
            kept.append((point.seconds, point.ratio))
    return SearchRow(
        policy=case.policy,
        conditions=case.conditions,
        strategy=strategy,
        seed=seed,
        seconds=seconds,
        ratio=result.state.ratio,
        evaluations=result.state.evaluations,
        curve=" ".join(f"{t:.2f}:{ratio:.4f}" for t, ratio in kept),
    )


def run(
    out: Path, cases: Sequence[Case], seeds: Sequence[int], seconds: float
) -> None:
    """Search what has no row yet."""
    rows = read_rows(SearchRow, out) if out.exists() else []
    known = {
        (r.policy, r.conditions, r.strategy, r.seed, r.seconds) for r in rows
    }
    ready: set[Case] = set()
    for seed in seeds:
        for case in cases:
            for strategy in STRATEGIES:
                key = case.policy, case.conditions, strategy, seed, seconds
                if key in known:
                    continue
                if case not in ready:
                    # Compiles what this policy needs, beyond prepare().
                    warm = run_search(case.objective(0), WARM_UP, "random")
                    if warm.interrupted:
                        raise KeyboardInterrupt
                    ready.add(case)
                rows.append(searched(case, strategy, seed, seconds))
                write_rows(rows, SearchRow, out)
                print(*key, rows[-1].ratio, file=sys.stderr, flush=True)


def rows_of(
    rows: Sequence[SearchRow], case: Case, strategy: str
) -> list[SearchRow]:
    """Return the searches of a case by a strategy."""
    asked = case.policy, case.conditions, strategy
    return [
        row
        for row in rows
        if (row.policy, row.conditions, row.strategy) == asked
    ]


def compared(rows: Sequence[SearchRow]) -> list[Case]:
    """Return the cases that all strategies have searched with all seeds."""
    seeds = {row.seed for row in rows}
    return [
        case
        for case in CASES
        if all(
            {row.seed for row in rows_of(rows, case, name)} == seeds
            for name in STRATEGIES
        )
    ]


def print_tables(rows: Sequence[SearchRow]) -> None:
    """Print the medians, in Markdown; the largest of a case is bold.

    Parameters
    ----------
    rows
        Searches with one budget.
    """
    print("| policy | conditions | " + " | ".join(STRATEGIES) + " |")
    print("|---" * (2 + len(STRATEGIES)) + "|")
    least = strictly = 0
    cases = compared(rows)
    for case in cases:
        found = {
            name: statistics.median(
                row.ratio for row in rows_of(rows, case, name)
            )
            for name in STRATEGIES
        }
        best = max(found[name] for name in STRATEGIES[1:])
        least += found["portfolio"] >= best
        strictly += found["portfolio"] > best
        top = max(found.values())
        cells = " | ".join(
            f"**{ratio:.3f}**" if ratio == top else f"{ratio:.3f}"
            for ratio in found.values()
        )
        print(f"| `{case.policy}` | {case.conditions} | {cells} |")
    (seconds,) = {row.seconds for row in rows}
    seeds = sorted({row.seed for row in rows})
    print(f"Medians of seeds {seeds} after {seconds:g} s of processor time.")
    print(
        f"portfolio at least as high as every baseline in {least} of "
        f"{len(cases)} cases, strictly higher in {strictly}"
    )


def median_curve(
    rows: Sequence[SearchRow], strategy: str, end: float
) -> Ascent:
    """Return the median of the largest ratios at each time."""
    times = np.geomspace(0.02, end, 60)
    ratios = np.ones((len(rows), times.size))
    for k, row in enumerate(rows):
        for t, ratio in row.points:
            ratios[k, times >= t] = ratio
    middle = np.median(ratios, axis=0)
    return Ascent(strategy, times.tolist(), middle.tolist(), end)


def draw(rows: Sequence[SearchRow], path: Path) -> None:
    """Draw a panel for each case.

    Parameters
    ----------
    rows
        Searches with one budget.
    path
        Where the picture goes, without an ending.
    """
    from matplotlib.figure import Figure

    (end,) = {row.seconds for row in rows}
    cases = compared(rows)
    lines = -(-len(cases) // COLUMNS)
    with house_style():
        figure = Figure(figsize=(7.2, 1.6 * lines + 0.4), layout="constrained")
        panels = figure.subplots(lines, COLUMNS, sharex=True, squeeze=False)
        for ax in panels.flat[len(cases) :]:
            ax.axis("off")
        for ax, case in zip(panels.flat, cases, strict=False):
            curves = [
                median_curve(rows_of(rows, case, name), name, end)
                for name in STRATEGIES
            ]
            plot_ascents(curves, ax, f"{case.policy}\n{case.conditions}")
            ax.set(xlabel="", ylabel="")
            largest = max(max(curve.ratios) for curve in curves)
            if largest > LARGE:
                ax.set_yscale("log")
                plain_log_ticks(ax.yaxis, (1,) if largest > 100 else (1, 2, 5))
        plain_log_ticks(panels[0, 0].xaxis, (1,))
        legend_below(figure, figure.axes, len(STRATEGIES))
        for ax in panels.flat[max(0, len(cases) - COLUMNS) : len(cases)]:
            ax.set_xlabel("processor time (s)")
            ax.tick_params(labelbottom=True)
        figure.supylabel(
            "largest ratio, median of the seeds", fontsize="medium"
        )
    save_picture(figure, path)


def print_rates(seconds: float = 5.0) -> None:
    """Print how many candidates a second are evaluated.

    Every candidate counts here: none is dismissed, each has its optimum
    proved (n <= 8) or is compared with another policy (n <= 200).
    """
    for requests, memory, reference in ((8, 20, "optimum"), (200, 400, "sf")):
        conditions = Conditions(requests, memory)
        objective = PolicyRatio(
            parse_policy("mc-sf"), conditions, parse_reference(reference)
        )
        objective.prepare()
        rng = np.random.default_rng(0)
        recipes: dict[Recipe, None] = {}  # different ones
        while len(recipes) < 20_000:
            recipe = random_recipe(rng, conditions)
            if recipe.requests > requests // 2:
                recipes[recipe] = None
        done = proved = 0
        began = time.process_time()
        for recipe in recipes:
            score = objective.score(recipe, 1.0)
            done += 1
            proved += score is not None and score.proved
            if time.process_time() - began > seconds:
                break
        spent = time.process_time() - began
        print(
            f"n = {requests // 2 + 1} to {requests}, M <= {memory}, "
            f"reference {reference}: {done / spent:,.0f} a second, "
            f"{proved:,} of {done:,} proved"
        )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--first-seed", type=int, default=501)
    parser.add_argument("--policies", help="some of them, with commas")
    parser.add_argument("--figure", action="store_true")
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--rates", action="store_true")
    options = parser.parse_args()
    if options.rates:
        print_rates()
        return
    if options.figure or options.tables:
        rows = read_rows(SearchRow, options.out)
        if options.figure:
            longest = max(row.seconds for row in rows)
            draw([r for r in rows if r.seconds == longest], FIGURE)
        if options.tables:
            for seconds in sorted({row.seconds for row in rows}):
                print_tables([r for r in rows if r.seconds == seconds])
        return
    names = options.policies and options.policies.split(",")
    cases = [c for c in CASES if not names or c.policy in names]
    first = options.first_seed
    seeds = range(first, first + options.seeds)
    run(options.out, cases, seeds, options.seconds)


if __name__ == "__main__":
    main()
