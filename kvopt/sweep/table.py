"""Rows of a store as a table: columns, numpy, pandas, CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kvopt.model import write_atomically

if TYPE_CHECKING:
    import pandas

__all__ = [
    "column_names",
    "csv_lines",
    "to_numpy",
    "to_pandas",
    "write_csv",
]

Rows = Sequence[Mapping[str, Any]]


def column_names(rows: Rows) -> list[str]:
    """Return the names of all columns; measured ones come last."""
    names = dict.fromkeys(name for row in rows for name in row)
    return sorted(names, key=lambda name: name.startswith("measured."))


def to_numpy(rows: Rows) -> NDArray[Any]:
    """Return a structured array with one field a column, shape ``(n,)``.

    Columns of integers, of numbers and of truth values keep their type when
    every row has one; integers with gaps become floats with NaN. All others
    become text, with "" for a gap.
    """
    fields = {}
    for name in column_names(rows):
        values = [row.get(name) for row in rows]
        fields[name] = _column(values)
    table = np.empty(
        len(rows), dtype=[(name, data.dtype) for name, data in fields.items()]
    )
    for name, data in fields.items():
        table[name] = data
    return table


def _column(values: list[Any]) -> NDArray[Any]:
    kinds = {type(value) for value in values}
    if kinds in ({int}, {bool}):
        return np.array(values)
    if kinds <= {int, float, type(None)} and kinds != {type(None)}:
        gap = float("nan")
        return np.array([gap if v is None else float(v) for v in values])
    return np.array(["" if v is None else str(v) for v in values], dtype=str)


def to_pandas(rows: Rows) -> pandas.DataFrame:
    """Return a data frame; needs pandas, which kvopt does not install."""
    import pandas

    return pandas.DataFrame.from_records(
        list(rows), columns=column_names(rows)
    )


def csv_lines(rows: Rows) -> Iterator[str]:
    """Yield the rows as lines of CSV, after a header; gaps are empty."""
    names = column_names(rows)
    yield _csv_line(names)
    for row in rows:
        yield _csv_line([row.get(name) for name in names])


def _csv_line(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def write_csv(rows: Rows, path: str | os.PathLike[str]) -> None:
    """Write the rows as CSV, all of them or nothing."""
    with (
        write_atomically(path) as part,
        part.open("w", encoding="utf-8", errors="backslashreplace") as file,
    ):
        file.writelines(csv_lines(rows))
