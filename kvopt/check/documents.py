"""Strict reading of the JSON documents, by the checker's own hand.

Nothing here is shared with :mod:`kvopt.model`, so that a mistake in its
readers cannot hide itself. Only the error class is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any, NamedTuple

from kvopt.model.errors import InputError

__all__ = [
    "BoundStatement",
    "Problem",
    "Task",
    "TimedRun",
    "read_bound",
    "read_instance",
    "read_json",
    "read_schedule",
    "text",
    "typed",
    "whole",
]

SIZE_LIMIT = 1_000_000_000
ROUND_LIMIT = 1_000_000_000_000
_FILE_LIMIT = 256 * 2**20
STOP_LIMIT = 10_000_000_000_000_000


class Task(NamedTuple):
    """A request: arrival round, prompt and output in tokens."""

    arrival: int
    prompt: int
    output: int


class Problem(NamedTuple):
    """An instance, as the checker sees it: predictions play no part."""

    memory: int
    tasks: tuple[Task, ...]
    hash: str


class TimedRun(NamedTuple):
    """One run, active in rounds ``start+1 .. stop``."""

    request: int
    start: int
    stop: int
    completed: bool


class BoundStatement(NamedTuple):
    """What a ``kvopt-bound/1`` document states."""

    method: str
    value: int
    data: dict[str, Any]


def read_json(path: str | os.PathLike[str]) -> Any:
    """Parse a JSON file; NaN, infinities and repeated keys are refused."""
    where = os.fspath(path)
    try:
        return parse(_content(path))
    except InputError as error:
        raise error.at(where) from None
    except MemoryError:
        raise InputError("does not fit into the memory", where=where) from None


def _content(path: str | os.PathLike[str]) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None
    except ValueError as error:  # a NUL character in the path
        raise InputError(f"cannot be read: {error}") from None
    if len(content) > _FILE_LIMIT:
        raise InputError(f"cannot be read: more than {_FILE_LIMIT:,} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text: byte {error.start}") from None


def parse(content: str) -> Any:
    """Parse JSON text as strictly as :func:`read_json` does."""
    try:
        return json.loads(
            content, object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except InputError:
        raise
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at line {error.lineno} column {error.colno}"
        raise InputError(f"not valid JSON: {problem}") from None
    except RecursionError:
        raise InputError("not readable JSON: nested too deep") from None
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"not readable JSON: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise InputError("is given twice", field=key, value=value)
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise InputError(f"{name} is not a number of JSON")


def read_instance(document: Any, where: str = "") -> Problem:
    """Read a ``kvopt-instance/1`` document and compute its content hash.

    Raises
    ------
    InputError
        Naming ``where``, the field and the value of the first fault.
    """
    try:
        return _instance(document)
    except InputError as error:
        raise error.at(where) from None


def _instance(document: Any) -> Problem:
    shape(
        document,
        "kvopt-instance/1",
        required=("memory", "requests"),
        optional=("name", "source"),
    )
    memory = whole(document["memory"], "memory", 1, SIZE_LIMIT)
    for key in ("name", "source"):
        text(document.get(key, ""), key)
    rows = typed(document["requests"], list, "requests", "must be a list")
    if not rows:
        raise InputError("must not be empty", field="requests", value=rows)
    # The first request decides which predictions all of them carry.
    typed(rows[0], dict, "requests[0]", "must be an object")
    predictions = {
        key for key in ("lower", "upper", "predicted") if key in rows[0]
    }
    if len(predictions & {"lower", "upper"}) == 1:
        (alone,) = predictions & {"lower", "upper"}
        raise InputError(
            "lower and upper come together",
            field=f"requests[0].{alone}",
            value=rows[0][alone],
        )
    tasks: list[Task] = []
    canonical: list[str] = []
    for i, row in enumerate(rows):
        numbers = _request(row, i, memory, predictions)
        task = Task(numbers["arrival"], numbers["prompt"], numbers["output"])
        if tasks and task.arrival < tasks[-1].arrival:
            raise InputError(
                f"is before the request above it, {tasks[-1].arrival}",
                field=f"requests[{i}].arrival",
                value=task.arrival,
            )
        tasks.append(task)
        cells = (f'"{key}":{numbers[key]}' for key in sorted(numbers))
        canonical.append("{" + ",".join(cells) + "}")
    content = (
        f'{{"format":"kvopt-instance/1","memory":{memory},'
        f'"requests":[{",".join(canonical)}]}}'
    )
    digest = hashlib.sha256(content.encode("ascii")).hexdigest()
    return Problem(memory, tuple(tasks), f"sha256:{digest}")


def _request(
    row: Any, i: int, memory: int, predictions: set[str]
) -> dict[str, int]:
    name = f"requests[{i}]"
    keys_are(row, name, required=("arrival", "prompt", "output", *predictions))
    numbers = {
        "arrival": whole(row["arrival"], f"{name}.arrival", 0, ROUND_LIMIT),
        "prompt": whole(row["prompt"], f"{name}.prompt", 0, SIZE_LIMIT),
    }
    for key in ("output", *predictions):
        numbers[key] = whole(row[key], f"{name}.{key}", 1, SIZE_LIMIT)
    peak = numbers["prompt"] + numbers["output"]
    if peak > memory:
        raise InputError(
            f"is more than memory = {memory}",
            field=f"{name}.prompt + output",
            value=peak,
        )
    if "lower" in numbers and numbers["lower"] > numbers["upper"]:
        raise InputError(
            f"is more than upper = {numbers['upper']}",
            field=f"{name}.lower",
            value=numbers["lower"],
        )
    return numbers


def read_schedule(
    document: Any,
    problem: Problem,
    where: str = "",
    optional: tuple[str, ...] = (),
) -> list[TimedRun]:
    """Read a ``kvopt-schedule/1`` document made for ``problem``.

    Parameters
    ----------
    document
        The document, as parsed JSON.
    problem
        The instance that it must be for.
    where
        File that errors name.
    optional
        Further fields that it may have, which are not read here.

    Raises
    ------
    InputError
        For a malformed document, and for a schedule of another instance.
    """
    try:
        shape(document, "kvopt-schedule/1", ("instance", "runs"), optional)
        _same_instance(document["instance"], problem)
        rows = typed(document["runs"], list, "runs", "must be a list")
        return [_run(row, f"runs[{i}]") for i, row in enumerate(rows)]
    except InputError as error:
        raise error.at(where) from None


def _run(row: Any, name: str) -> TimedRun:
    keys_are(row, name, required=TimedRun._fields)
    return TimedRun(
        whole(row["request"], f"{name}.request", 0, ROUND_LIMIT),
        whole(row["start"], f"{name}.start", 0, STOP_LIMIT),
        whole(row["stop"], f"{name}.stop", 0, STOP_LIMIT),
        typed(
            row["completed"],
            bool,
            f"{name}.completed",
            "must be true or false",
        ),
    )


def read_bound(document: Any, problem: Problem) -> BoundStatement:
    """Read a ``kvopt-bound/1`` document made for ``problem``.

    Raises
    ------
    InputError
        For a malformed document, and for a bound of another instance.
    """
    shape(
        document,
        "kvopt-bound/1",
        required=("instance", "method", "value", "data"),
    )
    _same_instance(document["instance"], problem)
    method = text(document["method"], "method")
    value = document["value"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError("must be an integer", field="value", value=value)
    data = typed(document["data"], dict, "data", "must be an object")
    return BoundStatement(method, value, data)


def _same_instance(stated: Any, problem: Problem) -> None:
    if stated != problem.hash:
        raise InputError(
            f"made for another instance, not {problem.hash}",
            field="instance",
            value=stated,
        )


def shape(
    document: Any,
    name: str,
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
) -> None:
    """Require an object of format ``name`` with exactly these fields.

    Parameters
    ----------
    document
        What was parsed.
    name
        Name of the format, such as ``"kvopt-bound/1"``.
    required
        Fields that it must have beside ``format``.
    optional
        Fields that it may have.
    """
    typed(document, dict, "document", "must be a JSON object")
    stated = document.get("format")
    if stated != name:
        raise InputError(f"must be {name!r}", field="format", value=stated)
    keys_are(document, "", ("format", *required), optional)


def keys_are(
    row: Any,
    name: str,
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
) -> None:
    """Require an object with all of ``required`` and nothing unknown.

    Parameters
    ----------
    row
        What was parsed.
    name
        Name of the place that an error names, such as
        ``"runs[3].start"``.
    required
        Keys that it must have.
    optional
        Keys that it may have.
    """
    typed(row, dict, name, "must be an object")
    prefix = f"{name}." if name else ""
    for key in required:
        if key not in row:
            raise InputError("missing", field=prefix + key, value=None)
    if len(row) > len(required):
        for key in row:
            if key not in required and key not in optional:
                raise InputError(
                    "not expected here", field=prefix + key, value=row[key]
                )


def whole(value: Any, name: str, least: int, most: int) -> int:
    """Return an integer within its limits; ``true`` and ``2.0`` are none.

    Parameters
    ----------
    value
        What was parsed.
    name
        Name of the place that an error names, such as
        ``"runs[3].start"``.
    least, most
        The limits, both included.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError("must be an integer", field=name, value=value)
    if value < least or value > most:
        raise InputError(
            f"must be in {least} .. {most}", field=name, value=value
        )
    return value


def text(value: Any, name: str) -> str:
    """Return a string, or raise InputError."""
    result: str = typed(value, str, name, "must be text")
    return result


def typed(value: Any, kind: type, name: str, problem: str) -> Any:
    """Return ``value`` if it is a ``kind``, else raise ``problem``.

    Parameters
    ----------
    value
        What was parsed.
    kind
        The type that it must have.
    name
        Name of the place that an error names, such as
        ``"runs[3].start"``.
    problem
        What the error says is wrong.
    """
    if not isinstance(value, kind):
        raise InputError(problem, field=name, value=value)
    return value
