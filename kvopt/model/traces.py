"""Request traces as CSV: ``arrival_s,prompt_tokens,output_tokens``."""

from __future__ import annotations

import csv
import io
import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kvopt.model.errors import InputError
from kvopt.model.formats import write_atomically
from kvopt.model.instance import MAX_SIZE, IntArray, int_vector

__all__ = ["Trace", "read_trace", "write_trace"]

COLUMNS = ("arrival_s", "prompt_tokens", "output_tokens")


@dataclass(frozen=True, eq=False)
class Trace:
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
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason}", where=where) from None
    header, _, body = text.partition("\n")
    names = tuple(header.rstrip("\r").split(","))
    if names != COLUMNS:
        raise InputError(
            f"must be {','.join(COLUMNS)!r}",
            field="header",
            value=header.rstrip("\r"),
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


def _read_fast(body: str, where: str) -> Trace:
    first = body.partition("\n")[0].rstrip("\r").split(",")
    given = [i for i, cell in enumerate(first) if cell.strip()]
    if len(first) != 3 or 2 not in given:
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
    columns: dict[str, Any] = {COLUMNS[i]: table[COLUMNS[i]] for i in given}
    lines = body.count("\n") + (not body.endswith("\n"))
    # loadtxt passes over blank lines, and over cells that it does not use.
    if table.size != lines or body.count(",") != 2 * lines:
        raise ValueError
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
    rows = csv.reader(io.StringIO(body))
    for line, row in enumerate(rows, start=2):

        def fault(problem: str, name: str, value: Any) -> InputError:
            return InputError(
                problem,
                field=f"line {line}, {name}",  # noqa: B023
                value=value,
                where=where,
            )

        if len(row) != 3:
            raise fault("must have 3 cells", "row", ",".join(row))
        for name, cell in zip(COLUMNS, row, strict=True):
            if not cell.strip():
                if name == "output_tokens":
                    raise fault("must not be empty", name, cell)
                columns[name].append(None)
                continue
            if name == "arrival_s":
                try:
                    time = float(cell)
                except ValueError:
                    raise fault("must be a number", name, cell) from None
                if not math.isfinite(time) or time < 0:
                    raise fault(
                        "must be a time in seconds, at least 0", name, cell
                    )
                if time < before:
                    raise fault(
                        "requests must be in order of arrival; the one "
                        f"before arrives at {before:g}",
                        name,
                        cell,
                    )
                before = time
                columns[name].append(time)
                continue
            smallest = 1 if name == "output_tokens" else 0
            try:
                length = int(cell)
            except ValueError:
                length = -1
            if not smallest <= length <= MAX_SIZE:
                raise fault(
                    f"must be an integer, at least {smallest}", name, cell
                )
            columns[name].append(length)
        for name in COLUMNS[:2]:
            cells = columns[name]
            if (cells[-1] is None) != (cells[0] is None):
                raise fault(
                    "must be empty in every row or in none",
                    name,
                    "" if cells[-1] is None else cells[-1],
                )
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
