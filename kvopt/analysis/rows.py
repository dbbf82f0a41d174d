"""Rows of experiments: flat frozen dataclasses, written to and read from CSV.

A row has fields of type int, float, str, bool, or one of these ``| None``.
None is an empty cell; an empty text is one too, so a text field is never
None. Floats are written so that they read back exactly.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import typing
from collections.abc import Iterable
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar

from kvopt.model import InputError, write_atomically

__all__ = ["read_rows", "write_rows"]

Row = TypeVar("Row")


def write_rows(
    rows: Iterable[Any], kind: type, path: str | os.PathLike[str]
) -> None:
    """Write rows of dataclass ``kind`` as CSV, all of them or nothing.

    Parameters
    ----------
    rows
        Objects of ``kind``.
    kind
        The dataclass; its fields are the columns.
    path
        The file; what is there is replaced.
    """
    names = [field.name for field in dataclasses.fields(kind)]
    with write_atomically(path) as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(getattr(row, name)) for name in names])


def read_rows(kind: type[Row], path: str | os.PathLike[str]) -> list[Row]:
    """Read rows that :func:`write_rows` wrote.

    Raises
    ------
    InputError
        Naming the file, the line, the column and the value of the first
        fault.
    """
    where = os.fspath(path)
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason}", where=where) from None
    table = csv.reader(text.splitlines())
    header = next(table, [])
    if header != names:
        raise InputError(
            f"must be {','.join(names)!r}",
            field="header",
            value=",".join(header),
            where=where,
        )
    rows = []
    for line, cells in enumerate(table, start=2):
        if len(cells) != len(names):
            raise InputError(
                f"must have {len(names)} cells",
                field=f"line {line}",
                value=",".join(cells),
                where=where,
            )
        values = {}
        for name, cell in zip(names, cells, strict=True):
            try:
                values[name] = _value(cell, hints[name])
            except ValueError:
                raise InputError(
                    f"is not of type {hints[name]}",
                    field=f"line {line}, {name}",
                    value=cell,
                    where=where,
                ) from None
        rows.append(kind(**values))
    return rows


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    # One row a line, whatever an error message contains.
    return (
        " ".join(str(value).split()) if isinstance(value, str) else str(value)
    )


def _value(cell: str, kind: Any) -> Any:
    options = typing.get_args(kind) or (kind,)
    if NoneType in options and not cell:
        return None
    plain = next(option for option in options if option is not NoneType)
    if plain is bool:
        if cell not in ("true", "false"):
            raise ValueError
        return cell == "true"
    return plain(cell)
