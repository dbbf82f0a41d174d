"""``kvopt verify``: the independent checker."""

from __future__ import annotations

from typing import Annotated

import typer

from kvopt.cli.files import instance_path
from kvopt.cli.options import JsonOption
from kvopt.cli.status import FAILED
from kvopt.cli.terminal import print_json, print_lines

__all__ = ["verify"]


def verify(
    first: Annotated[
        str,
        typer.Argument(
            metavar="INSTANCE|WITNESS",
            help="An instance (a file or library:NAME), or a witness.",
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
    as_json: JsonOption = False,
) -> None:
    """Check a schedule, bound or staged run of an instance, or a witness.

    The checker reads the files itself and adds up every unit of memory in
    plain integers; it shares no code with what it checks.
    """
    from kvopt.check import check_files, check_witness_file

    if second is None:
        verdict = check_witness_file(first)
    else:
        with instance_path(first) as path:
            verdict = check_files(path, second)  # type: ignore[assignment]
    if as_json:
        print_json(verdict.document())
    else:
        print_lines(verdict.lines())
    if not verdict.ok:
        raise typer.Exit(FAILED)
