"""``kvopt verify``: the independent checker."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kvopt.cli.files import instance_path
from kvopt.cli.options import JsonOption
from kvopt.cli.status import verdict_status
from kvopt.cli.terminal import print_json, print_lines

__all__ = ["verify"]


def verify(
    first: Annotated[
        str,
        typer.Argument(
            metavar="INSTANCE|WITNESS|GAME",
            help="An instance (a file or library:NAME), a witness, or a game.",
            show_default=False,
        ),
    ],
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCHEDULE|BOUND|STAGED]",
            help="What is checked against the instance.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        int,
        typer.Option(
            min=1,
            help="Work on a bound, a witness or a game: a multiple of half a "
            "minute and 0.6 GB. More is refused: before it begins, or for "
            "a game as soon as it shows.",
        ),
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Check what an instance is given, or a witness or a game by itself.

    The checker reads the files itself and adds up every unit of memory in
    plain integers; it shares no code with what it checks. Exit status 3: the
    costs of a witness are right, but the optimality that it states was not
    re-derived.
    """
    from kvopt.check import check_files, check_lone_file

    verdict: Any
    if second is None:
        verdict = check_lone_file(first, budget)
    else:
        with instance_path(first) as path:
            verdict = check_files(path, second, budget)
    if as_json:
        print_json(verdict.document())
    else:
        print_lines(verdict.lines())
    status = verdict_status(verdict)
    if status:
        raise typer.Exit(status)
