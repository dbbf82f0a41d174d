"""``kvopt adversary``: search for an instance that is bad for a policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kvopt.cli.adversary_report import Searched, print_search
from kvopt.cli.files import check_outputs
from kvopt.cli.options import JsonOption, OutOption, SeedOption
from kvopt.cli.status import INTERRUPTED
from kvopt.cli.terminal import print_facts, progress
from kvopt.interrupts import Interruption, noting_interrupts
from kvopt.model import InputError, save_witness

if TYPE_CHECKING:
    from kvopt.adversary import (
        PolicyRatio,
        SearchSettings,
        SearchState,
        Stopping,
    )

__all__ = ["adversary"]

# Seconds for a solver when the search did not prove the reference optimal.
SETTLE_SECONDS = 5.0


def adversary(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY",
            help="A policy, such as mc-sf (see kvopt policies), or "
            "path/to/file.py:MyPolicy.",
            show_default=False,
        ),
    ],
    reference: Annotated[
        str,
        typer.Option(
            help="What stands below the line: schedule (the best one found), "
            "optimum (proved), bound (an upper estimate), or a policy such "
            "as h-sf."
        ),
    ] = "schedule",
    conditions: Annotated[
        str,
        typer.Option(
            help="What instances keep, separated by commas: at-0, "
            "arrivals<=A, equal-prompts, no-prompts, peak<=P/Q (of M), "
            "lengths<=K, points<=F, own-intervals, theorem-4.3."
        ),
    ] = "at-0",
    strategy: Annotated[
        str,
        typer.Option(
            help="portfolio, adaptive, population, generators, pattern, "
            "random, climbing, annealing or gradient."
        ),
    ] = "portfolio",
    budget: Annotated[
        str,
        typer.Option(
            help="Seconds of processor time (10s), or evaluations (5000)."
        ),
    ] = "10s",
    max_n: Annotated[int, typer.Option(help="Most requests.")] = 200,
    max_memory: Annotated[int, typer.Option(help="Largest capacity M.")] = 400,
    keep: Annotated[
        float,
        typer.Option(help="Share of the ratio that shrinking has to keep."),
    ] = 1.0,
    state: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps the search; one that exists is gone on "
            "with, as if it had never stopped.",
            show_default=False,
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            help="Figure of both schedules and of the largest ratio against "
            "time, as PDF and PNG.",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search for an instance on which a policy is far from the optimum.

    The worst instance is shrunk, and --out writes it as a kvopt-witness/1
    file, which kvopt verify accepts. With a budget of evaluations the result
    depends on the seed alone. Ctrl-C, SIGTERM or SIGHUP ends the search; the
    best witness is kept. Exit status 3, as of kvopt verify: the costs of the
    witness are right, but the checker did not re-derive that its reference
    is optimal.
    """
    from kvopt import adversary as room
    from kvopt.policies import parse_policy

    check_outputs(out=out, state=state, figure=figure)
    if not 0 < keep <= 1:
        raise InputError(
            "must be above 0 and at most 1", field="--keep", value=keep
        )
    settings = room.SearchSettings(
        policy, reference, conditions, strategy, max_n, max_memory, seed
    )
    objective = room.PolicyRatio(
        parse_policy(policy),
        room.parse_conditions(conditions, max_n, max_memory),
        room.parse_reference(reference),
        seed,
    )
    saved = None
    if state is not None and state.exists():
        saved = room.load_search(state, settings, objective.conditions)
    stopping = room.parse_budget(budget)
    ending = Interruption()
    with noting_interrupts(ending):  # until all is saved
        found = _found(objective, settings, stopping, keep, saved, state)
        if found.witness is not None and out is not None:
            save_witness(found.witness, out)
        if found.witness is not None and figure is not None:
            from kvopt.cli.adversary_figure import save_figure_of

            save_figure_of(found, policy, figure)
    status = print_search(found, settings, as_json)
    files = [str(path) for path in (out, figure) if path is not None]
    if files and not as_json and found.witness is not None:
        print_facts([("written", path) for path in files])
    if ending.interrupted:
        raise typer.Exit(INTERRUPTED)
    if status:
        raise typer.Exit(status)


def _found(
    objective: PolicyRatio,
    settings: SearchSettings,
    stopping: Stopping,
    keep: float,
    saved: SearchState | None,
    state: Path | None,
) -> Searched:
    """Search, save the search, shrink what it found, and settle it."""
    from kvopt import adversary as room

    with progress("searching", 1.0) as advance:
        result = room.run_search(
            objective,
            stopping,
            settings.strategy,
            settings.seed,
            saved,
            lambda state, share: advance(
                share,
                f"{state.evaluations:,} instances, ratio {state.ratio:.4f}",
            ),
        )
    if state is not None:
        room.save_search(state, settings, result.state)
    best = result.best
    if best is None:
        return Searched(result, None, None, None)
    if result.interrupted or result.state.score is None:
        witness = room.witness(best, objective)
        return Searched(result, None, best, witness)
    ending = Interruption()

    def checkpoint() -> None:
        if ending.interrupted:
            raise KeyboardInterrupt

    shrunk = None
    try:
        with (
            noting_interrupts(ending),
            progress("shrinking", None) as advance,
        ):
            shrunk = room.minimise(
                best.recipe,
                result.state.score,
                objective,
                stopping,
                keep,
                checkpoint,
            )
            best = objective.finding(shrunk.recipe, shrunk.score)
            checkpoint()
            if objective.reference.policy is None:
                best = room.settle(best, SETTLE_SECONDS, settings.seed)
    except KeyboardInterrupt:
        pass  # what there is, is the result
    return Searched(result, shrunk, best, room.witness(best, objective))
