"""The worst instance found for each policy, shrunk, with its witness.

Searches each case for some seconds of processor time with three seeds, keeps
the worst instance, shrinks it to a share of its ratio, has the independent
checker accept the witness, and draws both schedules. Rows go to
``results/adversary_records.csv``, witnesses to ``results/adversary/``, the
pictures to ``docs/img/adversary/``.

    nice python -m benchmarks.adversary_records --seconds 20
    python -m benchmarks.adversary_records --tables    # in Markdown
    python -m benchmarks.adversary_records --redraw    # pictures, and all
                                                       # of them on a sheet
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.adversary_cases import CASES, Case
from kvopt.adversary import (
    Evaluations,
    Finding,
    PolicyRatio,
    Recipe,
    SearchResult,
    Seconds,
    Shrunk,
    minimise,
    run_search,
    settle,
    witness,
)
from kvopt.analysis import read_rows, write_rows
from kvopt.check import check_witness
from kvopt.model import load_witness, save_witness
from kvopt.plots import house_style, plot_pair, save_picture

OUT = Path(__file__).parent / "results" / "adversary_records.csv"
WITNESSES = Path(__file__).parent / "results" / "adversary"
PICTURES = Path(__file__).parents[1] / "docs" / "img" / "adversary"
SHEET = PICTURES / "records"
# Steps of shrinking, and seconds for a solver that may prove the reference.
STEPS, SETTLE = Evaluations(3000), 5.0


@dataclass(frozen=True)
class RecordRow:
    """The worst of some searches, and what is left of it when shrunk.

    ``ratios`` lists the ratio of each seed between spaces; ``found_after`` is
    in seconds of processor time.
    """

    policy: str
    conditions: str
    seconds: float
    ratios: str
    found_after: float
    instance: str
    requests: int
    shrunk_ratio: float
    shrunk_requests: int
    shrunk: str
    tried: int
    minimal: bool
    optimality: str
    witness: str


def record(case: Case, seconds: float, seeds: int, keep: float) -> RecordRow:
    """Search a case, write its witness and its picture.

    Raises
    ------
    KeyboardInterrupt
        When a search was interrupted: a part of one is no record.
    """
    found: list[tuple[SearchResult, PolicyRatio]] = []
    for seed in range(seeds):
        objective = case.objective(seed)
        result = run_search(objective, Seconds(seconds), seed=seed)
        if result.interrupted:
            raise KeyboardInterrupt
        found.append((result, objective))
    result, objective = max(found, key=lambda pair: pair[0].state.ratio)
    state = result.state
    assert state.best is not None and state.score is not None
    small = minimise(state.best, state.score, objective, STEPS, keep)
    finding = objective.finding(small.recipe, small.score)
    finding = settle(finding, SETTLE)
    made = witness(finding, objective)
    verdict = check_witness(made.document())
    assert verdict.ok, verdict.lines()
    WITNESSES.mkdir(parents=True, exist_ok=True)
    path = WITNESSES / f"{case.name}.json"
    save_witness(made, path)
    draw(finding, case)
    return _row(case, seconds, found, result, small, finding,
                verdict.optimality.value, path.name)  # fmt: skip


def _row(
    case: Case,
    seconds: float,
    found: Sequence[tuple[SearchResult, PolicyRatio]],
    result: SearchResult,
    small: Shrunk,
    finding: Finding,
    optimality: str,
    name: str,
) -> RecordRow:
    state = result.state
    return RecordRow(
        policy=case.policy,
        conditions=case.conditions,
        seconds=seconds,
        ratios=" ".join(f"{one.state.ratio:.4f}" for one, _ in found),
        found_after=round(state.curve[-1].seconds, 2),
        instance=str(state.best),
        requests=state.best.requests if state.best else 0,
        shrunk_ratio=finding.ratio,
        shrunk_requests=len(finding.instance),
        shrunk=str(small.recipe),
        tried=small.tried,
        minimal=small.minimal,
        optimality=optimality,
        witness=name,
    )


def draw(finding: Finding, case: Case) -> None:
    """Draw what the policy does beside the reference."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.2, 2.4), layout="constrained")
        kind = "optimum" if finding.optimal else "best schedule found"
        drawn = ((case.policy, finding.algorithm), (kind, finding.reference))
        axes = figure.subplots(1, 2, sharey=True)
        plot_pair(finding.instance, drawn, axes)
    path = PICTURES / case.name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_picture(figure, path)


def case_of(row: RecordRow) -> Case:
    """Return the case of a row."""
    (found,) = (
        case
        for case in CASES
        if (case.policy, case.conditions) == (row.policy, row.conditions)
    )
    return found


def finding_of(row: RecordRow) -> Finding:
    """Return what a row's witness holds."""
    kept = load_witness(WITNESSES / row.witness)
    return Finding(
        Recipe(kept.instance.memory, ()),
        kept.instance,
        kept.algorithm_schedule,
        kept.reference_schedule,
        kept.reference_optimal,
        "",
    )


def draw_sheet(rows: Sequence[RecordRow]) -> None:
    """Draw all witnesses on one sheet, two in a line."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    lines = -(-len(rows) // 2)
    with house_style():
        sheet = Figure(figsize=(10, 1.75 * lines), layout="constrained")
        panels = sheet.subplots(lines, 4, squeeze=False).ravel()
        for ax in panels[2 * len(rows) :]:
            ax.axis("off")
        for k, row in enumerate(rows):
            finding = finding_of(row)
            names = f"{row.policy}, {row.shrunk_ratio:.2f}", "reference"
            schedules = finding.algorithm, finding.reference
            pair = panels[2 * k : 2 * k + 2].tolist()
            drawn = list(zip(names, schedules, strict=True))
            plot_pair(finding.instance, drawn, pair)
            for ax in pair:
                ax.set_title(ax.get_title(), fontsize=7, pad=12)
                ax.set(xlabel="", ylabel="")
                ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
                ax.get_legend().remove()
    save_picture(sheet, SHEET)


def print_tables(rows: Sequence[RecordRow]) -> None:
    """Print the records as in docs/adversary.md, in Markdown."""
    print("| policy | conditions | seconds | ratio of each seed | n | worst | "
          "shrunk: ratio | n | instance |")  # fmt: skip
    print("|---" * 9 + "|")
    for row in sorted(rows, key=lambda row: CASES.index(case_of(row))):
        picture = f"img/adversary/{case_of(row).name}.png"
        print(
            f"| `{row.policy}` | {row.conditions} | {row.seconds:g} | "
            f"{', '.join(f'{float(x):.3f}' for x in row.ratios.split())} | "
            f"{row.requests} | `{row.instance}` | "
            f"[{row.shrunk_ratio:.3f}]({picture}) | "
            f"{row.shrunk_requests} | `{row.shrunk}` |"
        )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--keep", type=float, default=0.8)
    parser.add_argument("--policies", help="some of them, with commas")
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--redraw", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    out: Path = options.out
    rows = read_rows(RecordRow, out) if out.exists() else []
    if options.tables:
        print_tables(rows)
        return
    if options.redraw:
        for row in rows:
            draw(finding_of(row), case_of(row))
        draw_sheet(rows)
        return
    names = options.policies and options.policies.split(",")
    for case in CASES:
        known = any(
            (r.policy, r.conditions) == (case.policy, case.conditions)
            for r in rows
        )
        if known or (names and case.policy not in names):
            continue
        rows.append(record(case, options.seconds, options.seeds, options.keep))
        write_rows(rows, RecordRow, out)
        print(case.name, rows[-1].ratios, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
