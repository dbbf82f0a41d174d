"""What commands print: tables, JSON, progress."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from kvopt.model import visible

__all__ = [
    "Advance",
    "cannot_write",
    "print_csv",
    "print_facts",
    "print_hint",
    "print_json",
    "print_lines",
    "print_note",
    "print_table",
    "progress",
]

# Called with what is done, in the unit of the total, and a remark.
Advance = Callable[[float, str], None]

# A file or a pipe has no width: lines are not broken there.
_NO_WIDTH = 100_000

# Characters of one cell of a table above which its end is left out.
_CELL = 1000


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _NO_WIDTH
    return console


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON object, in ASCII without control characters."""
    text = json.dumps(document, indent=2, allow_nan=False)
    print(text.replace("\x7f", r"\u007f"))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Print a table; numbers stand to the right, None is a dash.

    The first column is never broken: it holds what one types.
    """
    body = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for k, column in enumerate(columns):
        numeric = any(isinstance(row[k], int | float) for row in body)
        table.add_column(
            visible(column, _CELL),
            justify="right" if numeric else "left",
            no_wrap=k == 0,
        )
    for row in body:
        table.add_row(*map(_cell, row))
    _print(table)


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Print a name and a value a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in facts:
        table.add_row(visible(name, _CELL), _cell(value))
    _print(table)


def print_hint(text: str) -> None:
    """Tell somebody at a terminal what to do next; a file needs no advice."""
    if sys.stdout.isatty():
        print_lines([text])


def print_lines(lines: Iterable[str]) -> None:
    """Print lines; what a terminal would act upon is escaped."""
    for line in lines:
        print(visible(line))


def print_csv(lines: Iterable[str]) -> None:
    """Print CSV: to a file or a pipe as it is, to a terminal as lines."""
    if not sys.stdout.isatty():
        sys.stdout.writelines(lines)
        return
    print_lines(line.rstrip("\n") for line in lines)


def print_note(message: str) -> None:
    """Say something in exactly one line on standard error."""
    with contextlib.suppress(OSError):  # nobody can be told
        print("kvopt:", visible(message), file=sys.stderr)


def cannot_write() -> None:
    """Have what is left to print go nowhere: its reader or disk is gone.

    It would else be tried once more, and fail, when the process ends.
    """
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return visible(value, _CELL)


def _print(table: Table) -> None:
    console = _console()
    with console.capture() as capture:
        console.print(table)
    # Cells are padded to the width of the column; nobody needs that at the
    # end of a line.
    for line in capture.get().strip("\n").split("\n"):
        print(line.rstrip())


@contextlib.contextmanager
def progress(label: str, total: float | None) -> Iterator[Advance]:
    """Show progress on standard error, if that is a terminal.

    Parameters
    ----------
    label
        What is going on.
    total
        Value that means done; None if it is not known.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, remark: None
        return
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[remark]}", markup=False),
        console=console,
        transient=True,
    )
    with bar:
        label = visible(label, _CELL)
        task = bar.add_task(label, total=total, remark="")
        yield lambda done, remark: bar.update(
            task, completed=done, remark=visible(remark, _CELL)
        )
