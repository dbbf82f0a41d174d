"""Arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kvopt.model import InputError

__all__ = [
    "ArrivalsOption",
    "ContiguousOption",
    "DropOversizeOption",
    "InstanceArgument",
    "JsonOption",
    "MemoryOption",
    "OutOption",
    "PromptOption",
    "RateOption",
    "RoundSecondsOption",
    "SampleOption",
    "SeedOption",
    "naming_options",
]


@contextmanager
def naming_options(*arguments: str) -> Iterator[None]:
    """Have errors about ``arguments`` of a function name the options."""
    try:
        yield
    except InputError as error:
        if error.field not in arguments:
            raise
        raise InputError(
            error.problem,
            field="--" + error.field.replace("_", "-"),
            value=error.value,
            where=error.where,
        ) from None


InstanceArgument = Annotated[
    str,
    typer.Argument(
        metavar="INSTANCE",
        help="A kvopt-instance/1 file, a witness (its instance), or "
        "library:NAME.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object, nothing else.")
]
SeedOption = Annotated[
    int, typer.Option(min=0, help="Seed of everything random.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(help="File to write the result to.", show_default=False),
]

# How a trace becomes an instance.
_TRACE = "Traces"
MemoryOption = Annotated[
    int | None,
    typer.Option(
        help="Capacity M, in tokens.",
        show_default="16492",
        rich_help_panel=_TRACE,
    ),
]
ArrivalsOption = Annotated[
    str | None,
    typer.Option(
        help="trace, poisson or zero.",
        show_default="trace",
        rich_help_panel=_TRACE,
    ),
]
RateOption = Annotated[
    float | None,
    typer.Option(
        help="Poisson arrivals: requests a second if --round-seconds is "
        "given, else a round.",
        show_default=False,
        rich_help_panel=_TRACE,
    ),
]
RoundSecondsOption = Annotated[
    float | None,
    typer.Option(
        help="Length of a round, in seconds.",
        show_default=False,
        rich_help_panel=_TRACE,
    ),
]
SampleOption = Annotated[
    int | None,
    typer.Option(
        help="How many requests to take, at random.",
        show_default=False,
        rich_help_panel=_TRACE,
    ),
]
ContiguousOption = Annotated[
    bool,
    typer.Option(
        "--contiguous",
        help="Take consecutive requests, from a random one on.",
        rich_help_panel=_TRACE,
    ),
]
PromptOption = Annotated[
    int | None,
    typer.Option(
        help="Prompt length for all, in tokens.",
        show_default="the trace's",
        rich_help_panel=_TRACE,
    ),
]
DropOversizeOption = Annotated[
    bool,
    typer.Option(
        "--drop-oversize",
        help="Leave out requests that exceed the capacity.",
        rich_help_panel=_TRACE,
    ),
]
