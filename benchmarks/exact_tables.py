"""The tables and figures of ``docs/exact.md``, of the stored measurements.

Run ``python -m benchmarks.exact_tables``. It reads ``exact.csv`` and
``mc_sf_ratio.csv`` in ``benchmarks/results``, writes what stands between
``<!-- table:NAME -->`` and ``<!-- end -->`` anew, and draws
``docs/img/exact_growth.pdf`` and ``.png``.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.exact_kind import METHODS
from benchmarks.exact_rows import ExactRow, MeasuredRatio
from benchmarks.exact_sets import SETS
from benchmarks.exact_sets import draw as draw_instance
from kvopt.analysis import Ratio, bootstrap_mean, mean_ratio, read_rows
from kvopt.analysis.seeds import task_rng
from kvopt.check.gate import verified_latency
from kvopt.experiments.ratio import PUBLISHED
from kvopt.model import InputError, write_atomically
from kvopt.plots import (
    GrowthCurve,
    house_style,
    plot_growing_gaps,
    plot_growing_times,
    save_figure,
)
from kvopt.simulation import simulate

__all__ = ["filled", "ratio_table", "tables"]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "exact.md"
FIGURE = ROOT / "docs" / "img" / "exact_growth"
NOTHING = "Not measured yet."
# Of the published M ~ U{30..50}.
BANDS = ((30, 36), (37, 43), (44, 50))
PUBLISHED_SETS = ("model-1", "model-2")
# Columns of the tables of MC-SF / OPT.
RATIOS = (
    "instances",
    "mean MC-SF / OPT",
    "95% bootstrap",
    "from the certificates alone",
    "largest",
    "proved",
    "MC-SF optimal: surely / surely not",
    "mean gap",
    "P1 reports: mean, largest",
)

Rows = Sequence[ExactRow]
# A set, a time limit and a number of threads: what can be compared.
Block = tuple[str, float, int]


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, or that there is nothing."""
    body = [f"| {' | '.join(line)} |" for line in lines]
    if not body:
        return NOTHING
    rule = "|" + "---|" * len(head)
    return "\n".join([f"| {' | '.join(head)} |", rule, *body])


def blocks(rows: Rows) -> Iterator[tuple[Block, Rows]]:
    """Yield what was measured in the same way, set by set."""

    def block(row: ExactRow) -> Block:
        return row.set, row.limit_s, row.threads

    names = list(SETS)
    for key in sorted(
        {block(row) for row in rows},
        key=lambda b: (names.index(b[0]), *b[1:]),
    ):
        yield key, [row for row in rows if block(row) == key]


def side_by_side(rows: Rows) -> str:
    """Every method on the same instances, with the same time."""
    lines = []
    for key, some in blocks(rows):
        methods = [m for m in METHODS if any(r.method == m for r in some)]
        if len(methods) < 2 or key[0].startswith("growth"):
            continue
        common = _common(some, methods)
        for method in methods:
            own = [r for r in some if r.method == method]
            own = [r for r in own if r.instance in common]
            if own:
                lines.append([*_head(key, own), method, *_outcome(own)])
    return markdown(
        (
            "instances",
            "seeds",
            "limit",
            "threads",
            "method",
            "proved",
            "mean gap",
            "worst gap",
            "median time",
            "peak memory",
        ),
        lines,
    )


def _common(rows: Rows, methods: Sequence[str]) -> set[str]:
    """Return the instances that every method was given."""
    given = [{r.instance for r in rows if r.method == m} for m in methods]
    return set.intersection(*given)


def proved(rows: Rows) -> str:
    """What the search proves at which size."""
    lines = []
    for key, some in blocks(rows):
        own = [r for r in some if r.method == "search"]
        if own and not key[0].startswith("growth"):
            certified = [
                g for r in own if (g := r.checked_gap_percent) is not None
            ]
            lines.append(
                [*_head(key, own), *_outcome(own), _percent(_mean(certified))]
            )
    return markdown(
        (
            "instances",
            "seeds",
            "limit",
            "threads",
            "proved",
            "mean gap",
            "worst gap",
            "median time",
            "peak memory",
            "mean gap to the certificate",
        ),
        lines,
    )


def by_memory(rows: Rows) -> str:
    """The search at the published size, by M."""
    lines = []
    for key, some in blocks(rows):
        if key[0] not in PUBLISHED_SETS:
            continue
        for low, high in BANDS:
            own = [
                r
                for r in some
                if r.method == "search" and low <= r.memory <= high
            ]
            if own:
                head = _head(key, own)
                lines.append([head[0], f"{low} to {high}", *head[1:]])
                lines[-1] += _outcome(own)
    return markdown(
        (
            "instances",
            "M",
            "seeds",
            "limit",
            "threads",
            "proved",
            "mean gap",
            "worst gap",
            "median time",
            "peak memory",
        ),
        lines,
    )


def growth(rows: Rows, name: str, size: Callable[[ExactRow], int]) -> str:
    """Median time where half are proved or more, else the mean gap."""
    lines = []
    methods = [
        m
        for m in METHODS
        if any(r.set == name and r.method == m for r in rows)
    ]
    for key, some in blocks(rows):
        if key[0] != name:
            continue
        for value in sorted({size(r) for r in some}):
            cells = []
            for method in methods:
                own = [
                    r for r in some if size(r) == value and r.method == method
                ]
                cells.append(_growth_cell(own))
            here = [r for r in some if size(r) == value]
            head = _head(key, here)[1:]
            lines.append([str(value), *head, *cells])
    first = "n" if name == "growth-n" else "M"
    return markdown((first, "seeds", "limit", "threads", *methods), lines)


def growth_figure(rows: Rows) -> str:
    """The link to the figure, once there is something to draw."""
    seeds = {r.seed for r in rows if r.set.startswith("growth")}
    if not seeds:
        return NOTHING
    points = (
        f"each point is the median of {len(seeds)} seeds above, the mean "
        "below, and bands reach from the least to the largest of them"
        if len(seeds) > 1
        else "each point is one instance (one seed), so a bend may be chance"
    )
    return (
        "![Time until proved and gap at the end, against n and M]"
        "(img/exact_growth.png)\n\n"
        "The same as [PDF](img/exact_growth.pdf). Dashed: the time limit; "
        f"filled: at least half of the seeds proved; {points}."
    )


def _growth_cell(own: Rows) -> str:
    if not own:
        return ""
    number = sum(r.proved for r in own)
    if 2 * number >= len(own):
        took = statistics.median(r.seconds for r in own)
        return f"{took:.2g} s ({number}/{len(own)})"
    return f"{_percent(_mean(_gaps(own)))} ({number}/{len(own)})"


def conditions(rows: Rows) -> str:
    """Machine, versions, load and source of the rows, method by method."""
    lines = []
    for method in METHODS:
        own = [r for r in rows if r.method == method]
        for code in sorted({r.code for r in own}):
            some = [r for r in own if r.code == code]
            loads = [r.load for r in some if r.load is not None]
            load = f"{min(loads):.1f} to {max(loads):.1f}" if loads else ""
            ended = sorted(r.ended for r in some if r.ended)
            when = f"{ended[0][:10]} to {ended[-1][:10]}" if ended else ""
            lines.append(
                [
                    method,
                    str(len(some)),
                    load,
                    when,
                    f"`{code}`",
                    "; ".join(sorted({r.versions for r in some})),
                    "; ".join(sorted({r.machine for r in some})),
                ]
            )
    return markdown(
        (
            "method",
            "rows",
            "load average",
            "measured",
            "source",
            "versions",
            "machine",
        ),
        lines,
    )


def _head(key: Block, rows: Rows) -> list[str]:
    name, limit, threads = key
    return [
        SETS[name].title,
        numbers({r.seed for r in rows}),
        f"{limit:g} s",
        str(threads),
    ]


def _outcome(rows: Rows) -> list[str]:
    gaps = _gaps(rows)
    return [
        f"{sum(r.proved for r in rows)}/{len(rows)}",
        _percent(_mean(gaps)),
        _percent(max(gaps, default=None)),
        f"{statistics.median(r.seconds for r in rows):.1f} s",
        f"{max(r.peak_mib for r in rows):,} MiB",
    ]


def _gaps(rows: Rows) -> list[float]:
    """Gaps; a run that failed has none and is seen in what is proved."""
    return [r.gap_percent for r in rows if r.gap_percent is not None]


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}%"


def numbers(values: Iterable[int]) -> str:
    """Return whole numbers as ranges: ``"0..4, 7"``."""
    parts: list[list[int]] = []
    for value in sorted(values):
        if parts and value == parts[-1][-1] + 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    return ", ".join(
        str(p[0]) if len(p) == 1 else f"{p[0]}..{p[-1]}" for p in parts
    )


def ratio_table(rows: Sequence[MeasuredRatio]) -> str:
    """MC-SF / OPT by model and M, beside what P1 reports."""
    lines = []
    for model, limit in sorted({(r.model, r.time_limit) for r in rows}):
        own = [r for r in rows if (r.model, r.time_limit) == (model, limit)]
        lines.append([model, f"{limit:g} s", "all", *_measured(own, model)])
        for low, high in BANDS:
            some = [r for r in own if low <= r.memory <= high]
            if some:
                band = f"{low} to {high}"
                cells = _measured(some, "")
                lines.append([model, f"{limit:g} s", band, *cells])
    return markdown(("model", "limit", "M", *RATIOS), lines)


def narrow_ratios(rows: Rows) -> str:
    """MC-SF / OPT where the search had two threads and more time."""
    lines = []
    for key, some in blocks(rows):
        if key[0] not in PUBLISHED_SETS or key[2] < 2:
            continue
        own, ratios, checked = [], [], []
        for row in some:
            if row.method != "search" or row.objective is None:
                continue
            assert row.lower_bound is not None  # as there is a schedule
            instance = draw_instance(row.set, row.seed)
            schedule = simulate(instance, "mc-sf").schedule
            objective = verified_latency(instance, schedule)
            best = min(objective, row.objective)
            own.append(row)
            ratios.append(Ratio(objective, row.lower_bound, best))
            if row.checked_bound is not None:
                checked.append(Ratio(objective, row.checked_bound, best))
        if own:
            lines.append([*_head(key, own), *_ratios(ratios, checked, key[0])])
    head = ("instances", "seeds", "limit", "threads", "number", *RATIOS[1:])
    return markdown(head, lines)


def _measured(rows: Sequence[MeasuredRatio], model: str) -> list[str]:
    checked = [r for row in rows if (r := row.checked_ratio) is not None]
    return _ratios([row.ratio for row in rows], checked, model)


def _ratios(
    ratios: Sequence[Ratio], checked: Sequence[Ratio], model: str
) -> list[str]:
    mean = mean_ratio(ratios)
    ends = [
        bootstrap_mean(values, task_rng(0, 0))
        for values in ([r.low for r in ratios], [r.high for r in ratios])
    ]
    gap = statistics.fmean(100 * (r.best / r.lower_bound - 1) for r in ratios)
    worst = max(r.low for r in ratios), max(r.high for r in ratios)
    certified = mean_ratio(checked) if checked else None
    said = PUBLISHED.get(model)
    return [
        str(mean.count),
        _interval(mean.low, mean.high),
        _interval(ends[0].low, ends[1].high),
        _interval(certified.low, certified.high) if certified else "",
        _interval(*worst),
        f"{mean.proved} ({100 * mean.proved / mean.count:.0f}%)",
        f"{mean.optimal} / {mean.not_optimal}",
        _percent(gap),
        f"{said.mean:.3f}, {said.worst:.3f}" if said else "",
    ]


def _interval(low: float, high: float) -> str:
    return f"{low:.4f}" if low == high else f"[{low:.4f}, {high:.4f}]"


def ratio_conditions(rows: Sequence[MeasuredRatio]) -> str:
    """What was drawn and on what it ran."""
    lines = []
    for model, code in sorted({(r.model, r.code) for r in rows}):
        own = [r for r in rows if (r.model, r.code) == (model, code)]
        loads = [r.load for r in own]
        lines.append(
            [
                model,
                numbers({r.seed for r in own}),
                numbers({r.index for r in own}),
                f"{min(loads):.1f} to {max(loads):.1f}",
                f"{max(r.peak_mib for r in own):,} MiB",
                f"`{code}`",
                "; ".join(sorted({r.versions for r in own})),
                "; ".join(sorted({r.machine for r in own})),
            ]
        )
    return markdown(
        (
            "model",
            "seed",
            "instances",
            "load average",
            "peak memory",
            "source",
            "versions",
            "machine",
        ),
        lines,
    )


def tables(exact: Rows, ratios: Sequence[MeasuredRatio]) -> dict[str, str]:
    """Return every table of the page by its name there."""
    return {
        "proved": proved(exact),
        "memory": by_memory(exact),
        "methods": side_by_side(exact),
        "growth-n": growth(exact, "growth-n", lambda row: row.requests),
        "growth-m": growth(exact, "growth-m", lambda row: row.memory),
        "growth-figure": growth_figure(exact),
        "conditions": conditions(exact),
        "ratios": ratio_table(ratios),
        "narrow-ratios": narrow_ratios(exact),
        "ratio-conditions": ratio_conditions(ratios),
    }


def filled(text: str, made: dict[str, str]) -> str:
    """Return the page with its tables written anew.

    Raises
    ------
    InputError
        When the page has a table that is not made, or lacks one.
    """
    pattern = r"<!-- table:([\w-]+) -->\n.*?<!-- end -->"
    found = re.findall(pattern, text, re.DOTALL)
    if sorted(found) != sorted(made):
        raise InputError(
            f"must have each of {', '.join(made)} once",
            field="tables",
            value=", ".join(found),
        )

    def table(match: re.Match[str]) -> str:
        name = match[1]
        return f"<!-- table:{name} -->\n{made[name]}\n<!-- end -->"

    return re.sub(pattern, table, text, flags=re.DOTALL)


def curves(rows: Rows, size: Callable[[ExactRow], int]) -> list[GrowthCurve]:
    """Return one curve a method, over the seeds of each size."""
    found = []
    for method in METHODS:
        own = [r for r in rows if r.method == method and _gaps([r])]
        groups = [
            [r for r in own if size(r) == value]
            for value in sorted({size(r) for r in own})
        ]
        if groups:
            found.append(_curve(method, groups, size))
    return found


def _curve(
    method: str, groups: Sequence[Rows], size: Callable[[ExactRow], int]
) -> GrowthCurve:
    """Return the curve of a method; bands reach over all seeds."""
    proved = [2 * sum(r.proved for r in g) >= len(g) for g in groups]
    # Rows have milliseconds.
    seconds = [
        [max(r.seconds, 1e-3) if r.proved else r.limit_s for r in g]
        for g in groups
    ]
    gaps = [_gaps(g) for g in groups]
    return GrowthCurve(
        method,
        np.array([size(g[0]) for g in groups]),
        # The limit, where fewer than half are proved.
        np.array(list(map(statistics.median, seconds))),
        np.array(proved),
        np.array(list(map(statistics.fmean, gaps))),
        seconds_low=np.array(list(map(min, seconds))),
        seconds_high=np.array(list(map(max, seconds))),
        gap_low=np.array(list(map(min, gaps))),
        gap_high=np.array(list(map(max, gaps))),
    )


def draw(rows: Rows, path: Path) -> None:
    """Draw time and gap against n and M, at the longest limit measured."""
    from matplotlib.figure import Figure

    columns = []
    for name, size, label in (
        ("growth-n", lambda row: row.requests, "number of requests $n$"),
        ("growth-m", lambda row: row.memory, "memory $M$ (units)"),
    ):
        limit = max((r.limit_s for r in rows if r.set == name), default=0.0)
        own = [r for r in rows if (r.set, r.limit_s) == (name, limit)]
        lines = curves(own, size)
        if lines:
            columns.append((lines, limit, label))
    if not columns:
        return
    with house_style():
        figure = Figure(figsize=(7.0, 4.6), layout="constrained")
        axes = figure.subplots(2, len(columns), squeeze=False, sharex="col")
        for (top, bottom), (lines, limit, label) in zip(
            axes.T, columns, strict=True
        ):
            plot_growing_times(lines, limit, top, "")
            plot_growing_gaps(lines, bottom, label)
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside upper center", ncols=len(labels)
        )
    save_figure(figure, path)


def stored() -> tuple[list[ExactRow], list[MeasuredRatio]]:
    """Return the measurements of this repository."""
    exact, ratios = RESULTS / "exact.csv", RESULTS / "mc_sf_ratio.csv"
    return (
        read_rows(ExactRow, exact) if exact.exists() else [],
        read_rows(MeasuredRatio, ratios) if ratios.exists() else [],
    )


def main() -> None:
    """Write the tables and the figure."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    exact, ratios = stored()
    text = filled(PAGE.read_text("utf-8"), tables(exact, ratios))
    with write_atomically(PAGE) as part:
        part.write_text(text, "utf-8")
    draw(exact, FIGURE)


if __name__ == "__main__":
    main()
