"""``kvopt trace``: traces of other forms, made into kvopt's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_facts, print_json
from kvopt.model import InputError, write_trace

__all__ = ["trace"]

trace = typer.Typer(help="Make traces of other forms into kvopt's own.")


@trace.callback()
def _front() -> None:
    pass


@trace.command()
def convert(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The trace.", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option(help="CSV to write.", show_default=False)
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="azure, mooncake, burstgpt or sharegpt (first turns, in "
            "words).",
            show_default=False,
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Names of the columns of a CSV of your own: "
            "arrival=..,prompt=..,output=.. (arrival may be left out).",
            show_default=False,
        ),
    ] = None,
    unit: Annotated[
        str,
        typer.Option(help="Of the arrivals with --columns: s, ms or iso."),
    ] = "s",
    as_json: JsonOption = False,
) -> None:
    """Write arrivals in seconds, prompts and outputs in tokens as CSV.

    Requests without output are left out; the others come in order of
    arrival, the first at 0. kvopt simulate takes the file.
    """
    from kvopt.workloads.traces.foreign import SOURCES, own_columns
    from kvopt.workloads.traces.foreign import convert as read

    if (source is None) == (columns is None):
        raise InputError(
            "is needed: a known form, or --columns",
            field="--from",
            value=source,
        )
    if columns is not None:
        pairs = [item.partition("=") for item in columns.split(",")]
        form = own_columns({key: name for key, _, name in pairs}, unit)
    elif source is not None and source in SOURCES:
        form = SOURCES[source]
    else:
        raise InputError(
            f"must be one of {', '.join(SOURCES)}",
            field="--from",
            value=source,
        )
    check_outputs(file, out=out)
    found = read(file, form)
    write_trace(found.trace, out)
    made, prompt = found.trace, found.trace.prompt
    facts = {
        "requests": len(made),
        "without output, left out": found.dropped,
        "seconds": None
        if made.arrival_s is None
        else round(float(made.arrival_s[-1]), 3),
        "mean prompt": None if prompt is None else round(prompt.mean(), 1),
        "mean output": round(made.output.mean(), 1),
        "written": str(out),
    }
    if as_json:
        print_json(facts)
    else:
        print_facts((k, "" if v is None else v) for k, v in facts.items())
