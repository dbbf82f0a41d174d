"""P1 v2, semi-online optimality: four requests on which MC-SF is not optimal.

No figure of the paper shows this; it is the picture of claim
``p1_v2_optimality_16_15`` of the ledger.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvopt.analysis import Caption, save_caption, write_rows
from kvopt.check.gate import verified_latency
from kvopt.exact import solve
from kvopt.model import Instance, Schedule, Status
from kvopt.plots import house_style, plot_memory, save_figure
from kvopt.simulation import simulate
from kvopt.workloads import library
from paper_figures.report import Report, figure_parser, output_folder, run

__all__ = ["draw", "main", "make"]

NAME = "p1v2_counterexample"


@dataclass(frozen=True)
class RunRow:
    """One run of one schedule; times in rounds."""

    schedule: str
    request: int
    prompt: int
    output: int
    start: int
    stop: int


def schedules(instance: Instance) -> dict[str, Schedule]:
    """Return MC-SF's schedule, and one that exhaustive search proves best."""
    best = solve(instance, solver="brute-force")
    assert best.status is Status.OPTIMAL
    assert best.schedule is not None
    return {
        "MC-SF": simulate(instance, "mc-sf").schedule,
        "Optimum": best.schedule,
    }


def draw(
    instance: Instance, pictures: dict[str, Schedule], path: Path
) -> None:
    """Draw schedules side by side, to ``path`` + ``.pdf`` and ``.png``."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 2.6), layout="constrained")
        axes = figure.subplots(1, len(pictures), sharey=True)
        last = max(schedule.makespan for schedule in pictures.values())
        for ax, (title, schedule) in zip(axes, pictures.items(), strict=True):
            cost = verified_latency(instance, schedule)
            plot_memory(instance, schedule, ax)
            ax.set_title(f"{title}: total latency {cost}", pad=16)
            ax.set_xlim(0, last)
        for ax in axes[1:]:
            ax.set_ylabel("")
            ax.get_legend().remove()
    save_figure(figure, path)


def make(out: Path, command: str) -> Report:
    """Write the picture, the runs it shows and its caption."""
    instance = library.load("mcsf-16-15")
    pictures = schedules(instance)
    draw(instance, pictures, out / NAME)
    rows = [
        RunRow(
            title,
            run.request,
            int(instance.prompt[run.request]),
            int(instance.output[run.request]),
            run.start,
            run.stop,
        )
        for title, schedule in pictures.items()
        for run in schedule.runs
    ]
    write_rows(rows, RunRow, out / f"{NAME}.csv")
    costs = {
        title: verified_latency(instance, schedule)
        for title, schedule in pictures.items()
    }
    finding = (
        f"MC-SF has total latency {costs['MC-SF']}, the optimum is "
        f"{costs['Optimum']} (A* over all schedules), on s=1, M=6, "
        "o=(2,2,3,3), all present at 0"
    )
    save_caption(
        Caption(
            "Memory of MC-SF and of an optimal schedule on four requests",
            "the claim of P1 v2 (arXiv 2502.07115v2, abstract) of exact "
            "optimality when all requests are present at 0",
            command,
            0,
            (finding,),
            ("equal prompts, known lengths, all requests present at 0",),
            (
                "the paper has no such figure, and v4 and v5 do not repeat "
                "the claim",
                "that v2's algorithm is MC-SF is our reading",
            ),
        ),
        out / f"{NAME}.md",
    )
    return Report(
        "A counterexample to exact optimality",
        command,
        0,
        proved=(finding,),
        not_proved=(),
        numbers={"costs": costs, "instance": instance.document()},
        table=(
            ("schedule", "total latency", "starts"),
            [
                (title, str(costs[title]), starts_text(instance, schedule))
                for title, schedule in pictures.items()
            ],
        ),
        figures=(f"{NAME}.png",),
    )


def starts_text(instance: Instance, schedule: Schedule) -> str:
    """Return the start rounds by request, such as ``"0, 0, 2, 4"``."""
    return ", ".join(map(str, schedule.starts(instance).tolist()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script and return its exit code."""
    parser = figure_parser(NAME, __doc__ or "")
    options = parser.parse_args(arguments)
    command = f"python -m paper_figures.{NAME} --out {options.out}"
    return run(lambda: make(output_folder(options.out), command))


if __name__ == "__main__":
    sys.exit(main())
