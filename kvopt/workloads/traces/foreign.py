"""Traces of other projects and of one's own, read into kvopt's form."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from kvopt.model import InputError, Trace
from kvopt.model.reading import read_text

__all__ = ["SOURCES", "Converted", "ForeignFormat", "convert", "own_columns"]


# Who speaks in ShareGPT's conversations.
_ASKS, _ANSWERS = ("human", "user"), ("gpt", "chatgpt")


class _Request(NamedTuple):
    """Seconds of arrival (None: unknown), prompt and output in tokens."""

    arrival: float | None
    prompt: int
    output: int


@dataclass(frozen=True)
class ForeignFormat:
    """A form of trace file that is not kvopt's own.

    Parameters
    ----------
    summary
        What the file is, in one line.
    read
        Yields the requests of the text of a file, in its order.
    """

    summary: str
    read: Callable[[str], Iterator[_Request]]


class Converted(NamedTuple):
    """A trace in order of arrival, and how many requests were left out."""

    trace: Trace
    dropped: int


def convert(path: str | os.PathLike[str], form: ForeignFormat) -> Converted:
    """Read a file of another form.

    Requests without an output token (failed ones, as a rule) are left out;
    the others are put in order of arrival, and the first arrives at 0.

    Parameters
    ----------
    path
        The file.
    form
        One of :data:`SOURCES`, or what :func:`own_columns` returns.

    Raises
    ------
    InputError
        Naming the file, the line, the field and the value of the first
        fault; also when no request is left.
    """
    where = os.fspath(path)
    kept, dropped = [], 0
    try:
        for request in form.read(read_text(path)):
            if request.output == 0:
                dropped += 1
            else:
                kept.append(request)
    except InputError as error:
        raise error.at(where) from None
    except RecursionError:
        raise InputError("is nested too deep", where=where) from None
    if not kept:
        raise InputError("has no request with an output", where=where)
    arrival = None
    if kept[0].arrival is not None:
        kept.sort(key=lambda request: request.arrival or 0.0)
        times = np.array([r.arrival for r in kept], dtype=np.float64)
        arrival = np.round(times - times[0], 9)
    trace = Trace(
        output=np.array([r.output for r in kept], dtype=np.int64),
        prompt=np.array([r.prompt for r in kept], dtype=np.int64),
        arrival_s=arrival,
        source=where,
    )
    return Converted(trace, dropped)


def own_columns(columns: Mapping[str, str], unit: str = "s") -> ForeignFormat:
    """Return the form of a CSV file with columns of one's own.

    Parameters
    ----------
    columns
        The file's names of ``prompt``, ``output`` and, if there are
        arrivals, ``arrival``.
    unit
        Of the arrivals: ``"s"``, ``"ms"`` or ``"iso"`` (a date and a time).

    Raises
    ------
    InputError
        For another unit, a column that is missing or not one of the three.
    """
    if unit not in _UNITS:
        raise InputError(
            f"must be one of {', '.join(_UNITS)}", field="unit", value=unit
        )
    for name in ("prompt", "output"):
        if not columns.get(name):
            raise InputError("is needed", field=f"columns.{name}", value=None)
    for name in columns:
        if name not in ("arrival", "prompt", "output"):
            raise InputError(
                "must be arrival, prompt or output",
                field="columns",
                value=name,
            )

    def read(text: str) -> Iterator[_Request]:
        return _csv(
            text,
            columns.get("arrival"),
            columns["prompt"],
            columns["output"],
            _UNITS[unit],
        )

    return ForeignFormat("columns of one's own", read)


def _csv(
    text: str,
    arrival: str | None,
    prompt: str,
    output: str,
    time: Callable[[Any, str], float],
) -> Iterator[_Request]:
    """Yield the requests of a CSV file with a header."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        header = reader.fieldnames or []
        for name in filter(None, (arrival, prompt, output)):
            if name not in header:
                raise InputError(
                    f"has no column {name!r}",
                    field="header",
                    value=",".join(header)[:200],
                )
        for row in reader:
            place = f"line {reader.line_num}, "
            yield _Request(
                None
                if arrival is None
                else time(row[arrival], place + arrival),
                _count(row[prompt], place + prompt),
                _count(row[output], place + output),
            )
    except csv.Error as error:
        raise InputError(f"line {reader.line_num}: {error}") from None


def _mooncake(text: str) -> Iterator[_Request]:
    """Yield the requests of JSON lines, timestamps in milliseconds."""
    for k, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        row = _parsed(line, f"line {k}")
        if not isinstance(row, dict):
            raise InputError("must be an object", field=f"line {k}", value=row)
        place = f"line {k}, "
        yield _Request(
            _milliseconds(row.get("timestamp"), place + "timestamp"),
            _count(row.get("input_length"), place + "input_length"),
            _count(row.get("output_length"), place + "output_length"),
        )


def _sharegpt(text: str) -> Iterator[_Request]:
    """Yield the first turn of each conversation, in words."""
    rows = _parsed(text, "file")
    if not isinstance(rows, list):
        raise InputError("must be a list", field="file", value=type(rows))
    for k, row in enumerate(rows):
        turns = row.get("conversations") if isinstance(row, dict) else None
        if not isinstance(turns, list):
            raise InputError(
                "must be a list", field=f"[{k}].conversations", value=turns
            )
        said = [
            (turn.get("from"), turn.get("value"))
            for turn in turns
            if isinstance(turn, dict)
        ]
        for (who, question), (other, answer) in pairwise(said):
            answered = who in _ASKS and other in _ANSWERS
            if (
                answered
                and isinstance(question, str)
                and isinstance(answer, str)
            ):
                words = len(question.split()), len(answer.split())
                yield _Request(None, *words)
                break


def _parsed(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(
            f"is not JSON: {error}", field=field, value=text[:80]
        ) from None


def _count(value: Any, field: str) -> int:
    """Return a number of tokens; one such as ``12.0`` is one, too."""
    number = _number(value, field)
    if number < 0 or number != int(number):
        raise InputError(
            "must be a whole number of tokens", field=field, value=value
        )
    return int(number)


def _number(value: Any, field: str) -> float:
    known = isinstance(value, int | float | str)
    if known and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return number
    raise InputError("must be a number", field=field, value=value)


def _milliseconds(value: Any, field: str) -> float:
    return _number(value, field) / 1000


def _moment(value: Any, field: str) -> float:
    """Return the seconds of a date and a time, such as Azure's."""
    # Azure has seven digits behind the point, Python takes six.
    text = re.sub(r"(\.\d{6})\d+", r"\1", str(value).strip())
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise InputError(
            "must be a date and a time, such as 2023-11-16 18:15:46.68",
            field=field,
            value=value,
        ) from None


_UNITS: Mapping[str, Callable[[Any, str], float]] = {
    "s": _number,
    "ms": _milliseconds,
    "iso": _moment,
}

SOURCES: Mapping[str, ForeignFormat] = {
    "azure": ForeignFormat(
        "Azure LLM inference traces of 2023 and 2024 (CSV)",
        lambda text: _csv(
            text, "TIMESTAMP", "ContextTokens", "GeneratedTokens", _moment
        ),
    ),
    "mooncake": ForeignFormat(
        "Mooncake traces (JSON lines; timestamps in ms)", _mooncake
    ),
    "burstgpt": ForeignFormat(
        "BurstGPT (CSV; failed requests have no response tokens)",
        lambda text: _csv(
            text, "Timestamp", "Request tokens", "Response tokens", _number
        ),
    ),
    "sharegpt": ForeignFormat(
        "ShareGPT conversations (JSON): first turns, in WORDS, not tokens",
        _sharegpt,
    ),
}
