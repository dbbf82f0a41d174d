"""``kvopt play``: an adaptive family against policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import JsonOption, OutOption, SeedOption
from kvopt.cli.status import FAILED
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_lines,
    print_table,
)
from kvopt.model import InputError, PolicyError, save_witness

if TYPE_CHECKING:
    from kvopt.adversary.playing import Adversary, Played

__all__ = ["play"]


def play(
    family: Annotated[
        str,
        typer.Argument(
            metavar="FAMILY",
            help="deterministic-lower-bound or large-prompt.",
            show_default=False,
        ),
    ],
    policy: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="POLICY...",
            help="Policies, such as mc-sf; left out: every one that is "
            "defined online.",
            show_default=False,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="memory=1024, or size=64 of large-prompt.",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png",
            help="Draw the worst play and the optimum side by side; the "
            "PDF comes along.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Have an adversary watch policies, and release what hurts them.

    The adversary waits until the policy has started the long request, then
    releases the short ones. --out writes the worst play as a kvopt-witness/1
    file, which kvopt verify accepts. A policy that fails is named with the
    reason, and the exit status is 1.
    """
    from kvopt.adversary import playing
    from kvopt.cli.generate import read_parameters

    check_outputs(out=out, figure=figure)
    if figure is not None and figure.suffix not in (".png", ".pdf"):
        raise InputError(
            "must end in .png or .pdf", field="--figure", value=str(figure)
        )
    adversary = playing.adversary_called(family, read_parameters(param or []))
    plays: list[Played] = []
    failures: list[tuple[str, str]] = []
    for text in policy or playing.playable():
        try:
            plays.append(playing.play(adversary, text, seed))
        except PolicyError as error:
            failures.append((text, str(error)))
    refused = () if policy else playing.refused()
    worst = max(plays, key=lambda played: played.ratio, default=None)
    if worst is not None and out is not None:
        save_witness(worst.witness(), out)
    if worst is not None and figure is not None:
        _draw(worst, figure)
    _report((family, adversary), plays, failures, refused, as_json)
    if out is not None and worst is not None and not as_json:
        print_facts([("written", str(out))])
    if failures:
        raise typer.Exit(FAILED)


def _report(
    game: tuple[str, Adversary],
    plays: list[Played],
    failures: list[tuple[str, str]],
    refused: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print what the policies paid in a family's game."""
    family, adversary = game
    if as_json:
        print_json(
            {
                "family": family,
                "parameters": vars(adversary),
                "plays": [
                    {
                        "policy": played.policy,
                        "seed": played.seed,
                        "requests": len(played.instance),
                        "start": played.start,
                        "total_latency": played.cost,
                        "optimum": played.reference_cost,
                        "ratio": played.ratio,
                        "stated_reference": played.stated_cost,
                        "stated_ratio": played.stated_ratio,
                    }
                    for played in plays
                ],
                "failures": [
                    {"policy": name, "reason": why} for name, why in failures
                ],
                "left_out": list(refused),
            }
        )
        return
    sizes = ", ".join(f"{k}={v}" for k, v in vars(adversary).items())
    print_facts([("family", f"{family}, {sizes}")])
    print()
    print_table(
        ("policy", "start", "n", "TEL", "optimum", "ratio", "stated ratio"),
        [
            (
                played.policy,
                played.start,
                len(played.instance),
                played.cost,
                played.reference_cost,
                played.ratio,
                played.stated_ratio,
            )
            for played in plays
        ],
    )
    print()
    print_lines(f"failed: {why}" for _, why in failures)
    if refused:
        print_lines(
            [
                "left out, since they are defined for requests that are all "
                f"there at 0: {', '.join(refused)}"
            ]
        )
    if plays:
        print_lines(
            ["The independent checker accepts every schedule in the table."]
        )


def _draw(played: Played, path: Path) -> None:
    """Draw the memory of both schedules over time."""
    from matplotlib.figure import Figure

    from kvopt.plots import house_style, plot_memory, save_figure

    with house_style():
        drawing = Figure(figsize=(7.0, 2.6), layout="constrained")
        left, right = drawing.subplots(1, 2, sharex=True, sharey=True)
        last = max(played.schedule.makespan, played.reference.makespan)
        for ax, title, schedule, cost in (
            (left, played.policy, played.schedule, played.cost),
            (right, "optimum", played.reference, played.reference_cost),
        ):
            plot_memory(played.instance, schedule, ax, last)
            ax.set_title(f"{title}: total latency {cost:,}", pad=16)
        right.set_ylabel("")
    save_figure(drawing, path.with_suffix(""))
