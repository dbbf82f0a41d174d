"""Request traces as CSV: ``arrival_s,prompt_tokens,output_tokens``."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kvopt.model.errors import InputError
from kvopt.model.formats import write_atomically
from kvopt.model.instance import MAX_SIZE, IntArray, int_vector
from kvopt.model.pictures import lengths_picture
from kvopt.model.reading import read_text
from kvopt.model.showing import Fact, Shown, spread_text

__all__ = ["Trace", "read_trace", "write_trace"]

COLUMNS = ("arrival_s", "prompt_tokens", "output_tokens")

_NUMBER = re.compile(
    r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?|[-+]?inf|nan",
    re.IGNORECASE | re.ASCII,
)
_INTEGER = re.compile(r"\+?[0-9]{1,19}")


@dataclass(frozen=True, eq=False)
class Trace(Shown):
    """A request trace: lengths in tokens, arrivals in seconds.

    Parameters
    ----------
    output
        Output lengths, shape ``(n,)``, at least 1.
    prompt
        Prompt lengths, shape ``(n,)``, at least 0; None when the source has
        none.
    arrival_s
        Seconds since the first request, shape ``(n,)``, non-decreasing; None
        when the source has none.
    source
        Where it came from.
    """

    output: IntArray
    prompt: IntArray | None = None
    arrival_s: NDArray[np.float64] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        output = int_vector(self.output, "output_tokens", 1, MAX_SIZE)
        if output.size == 0:
            raise InputError("the trace has no requests", where=self.source)
        object.__setattr__(self, "output", output)
        if self.prompt is not None:
            prompt = int_vector(self.prompt, "prompt_tokens", 0, MAX_SIZE)
            object.__setattr__(self, "prompt", prompt)
        if self.arrival_s is not None:
            times = np.array(self.arrival_s, dtype=np.float64)
            times.setflags(write=False)
            object.__setattr__(self, "arrival_s", times)
            bad = np.flatnonzero(~np.isfinite(times) | (times < 0))
            if bad.size:
                raise InputError(
                    "must be a time in seconds, at least 0",
                    field=f"requests[{int(bad[0])}].arrival_s",
                    value=float(times[bad[0]]),
                )
            back = np.flatnonzero(np.diff(times) < 0)
            if back.size:
                i = int(back[0]) + 1
                raise InputError(
                    "requests must be in order of arrival; the one before "
                    f"arrives at {times[i - 1]:g}",
                    field=f"requests[{i}].arrival_s",
                    value=float(times[i]),
                )
        for name in ("prompt", "arrival_s"):
            column = getattr(self, name)
            if column is not None and column.size != output.size:
                raise InputError(
                    f"has not the length of output, {output.size}",
                    field=name,
                    value=f"{column.size} values",
                )

    def __len__(self) -> int:
        return int(self.output.size)

    def summary(self) -> list[Fact]:
        """Return what a person wants to know of a trace first."""
        arrivals = None
        if self.arrival_s is not None:
            span = float(self.arrival_s[-1] - self.arrival_s[0])
            arrivals = f"over {span:,.1f} s"
        prompts = None if self.prompt is None else spread_text(self.prompt)
        return [
            ("source", self.source or None),
            ("requests", len(self)),
            ("arrivals", arrivals),
            ("prompts", prompts),
            ("outputs", spread_text(self.output)),
        ]

    def picture(self) -> str:
        """Return outputs by prompts, where the trace has prompts."""
        if self.prompt is None:
            return ""
        return lengths_picture(self.prompt, self.output)

    def take(self, rows: IntArray) -> Trace:
        """Return the trace of the given rows, in the order given."""
        return Trace(
            output=self.output[rows],
            prompt=None if self.prompt is None else self.prompt[rows],
            arrival_s=(
                None if self.arrival_s is None else self.arrival_s[rows]
            ),
            source=self.source,
        )


def read_trace(path: str | os.PathLike[str]) -> Trace:
    """Read a trace file; about a second for a million rows.

    ``arrival_s`` and ``prompt_tokens`` may be empty, in every row or in none.

    Raises
    ------
    InputError
        Naming the file, the line, the column and the value of the first
        fault: a missing column, an empty cell, NaN, a fraction, a negative
        length, arrivals out of order.
    """
    where = os.fspath(path)
    header, _, body = read_text(path).partition("\n")
    if header != ",".join(COLUMNS):
        raise InputError(
            f"must be {','.join(COLUMNS)!r}; kvopt trace convert reads others",
            field="header",
            value=header,
            where=where,
        )
    if not body.strip():
        raise InputError("the trace has no requests", where=where)
    try:
        with warnings.catch_warnings():
            # numpy 1 reads the length 2.5 as 2, with a warning.
            warnings.simplefilter("error", DeprecationWarning)
            return _read_fast(body, where)
    except (ValueError, DeprecationWarning):
        # numpy says that something is wrong, not where: look line by line.
        return _read_slowly(body, where)
    except MemoryError:
        raise InputError(
            "cannot be read: does not fit into the memory", where=where
        ) from None


def _read_fast(body: str, where: str) -> Trace:
    first = body.partition("\n")[0].split(",")
    given = [i for i, cell in enumerate(first) if cell.strip()]
    if len(first) != 3 or 2 not in given:
        raise ValueError
    lines = body.count("\n") + (not body.endswith("\n"))
    # numpy passes over blank lines, over cells that it does not use and over
    # spaces of every script.
    if not body.isascii() or body.count(",") != 2 * lines:
        raise ValueError
    absent = [i for i in (0, 1) if i not in given]
    kinds = ("f8", "i8", "i8")
    if absent:
        # A cell filled in somewhere below must not be passed over.
        as_text = np.loadtxt(
            io.StringIO(body),
            delimiter=",",
            usecols=absent,
            dtype="U8",
            comments=None,
        )
        if (as_text != "").any():
            raise ValueError
    table = np.loadtxt(
        io.StringIO(body),
        delimiter=",",
        usecols=given,
        dtype=[(COLUMNS[i], kinds[i]) for i in given],
        ndmin=1,
        comments=None,
    )
    if table.size != lines:
        raise ValueError
    columns: dict[str, Any] = {COLUMNS[i]: table[COLUMNS[i]] for i in given}
    return Trace(
        output=columns["output_tokens"],
        prompt=columns.get("prompt_tokens"),
        arrival_s=columns.get("arrival_s"),
        source=where,
    )


def _read_slowly(body: str, where: str) -> Trace:
    """Read row by row and name the first fault."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    before = 0.0
    for line, text in enumerate(io.StringIO(body), start=2):
        row = [_unquoted(cell) for cell in text.rstrip("\n").split(",")]
        try:
            if len(row) != len(COLUMNS):
                raise InputError(
                    "must have 3 cells", field="row", value=text.rstrip("\n")
                )
            for name, cell in zip(COLUMNS, row, strict=True):
                columns[name].append(_value(name, cell))
                above = columns[name]
                if (above[0] is None) != (above[-1] is None):
                    raise InputError(
                        "must be empty in every row or in none",
                        field=name,
                        value="" if above[-1] is None else above[-1],
                    )
            time = columns["arrival_s"][-1]
            if time is not None and time < before:
                raise InputError(
                    "requests must be in order of arrival; the one "
                    f"before arrives at {before:g}",
                    field="arrival_s",
                    value=row[0],
                )
        except InputError as error:
            raise InputError(
                error.problem,
                field=f"line {line}, {error.field}",
                value=error.value,
                where=where,
            ) from None
        before = before if time is None else time
    optional: dict[str, Any] = {
        name: None if columns[name][0] is None else columns[name]
        for name in COLUMNS[:2]
    }
    return Trace(
        output=np.array(columns["output_tokens"], dtype=np.int64),
        prompt=optional["prompt_tokens"],
        arrival_s=optional["arrival_s"],
        source=where,
    )


def _unquoted(cell: str) -> str:
    """Return a cell without the quotes that some programs write around it."""
    cell = cell.strip(" \t")
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1]
    return cell


def _value(name: str, cell: str) -> int | float | None:
    """Return the value of a cell; None for an empty one."""
    if not cell and name != "output_tokens":
        return None
    if not cell:
        raise InputError("must not be empty", field=name, value=cell)
    if name == "arrival_s":
        # Python's own reading allows 1_0 and digits of every script.
        if not _NUMBER.fullmatch(cell):
            raise InputError("must be a number", field=name, value=cell)
        time = float(cell)
        if not math.isfinite(time) or time < 0:
            raise InputError(
                "must be a time in seconds, at least 0", field=name, value=cell
            )
        return time
    smallest = 1 if name == "output_tokens" else 0
    length = int(cell) if _INTEGER.fullmatch(cell) else -1
    if not smallest <= length <= MAX_SIZE:
        raise InputError(
            f"must be an integer, at least {smallest} and at most {MAX_SIZE}",
            field=name,
            value=cell,
        )
    return length


def write_trace(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace as CSV, all of it or nothing."""
    n = len(trace)
    blank = [""] * n
    arrival = (
        blank
        if trace.arrival_s is None
        else [repr(x) for x in trace.arrival_s.tolist()]
    )
    prompt = blank if trace.prompt is None else trace.prompt.tolist()
    with write_atomically(path) as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        rows = zip(arrival, prompt, trace.output.tolist(), strict=True)
        writer.writerows(rows)
