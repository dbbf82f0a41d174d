"""Reading and writing the JSON documents, with errors that name the place."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from kvopt.model.errors import InputError
from kvopt.model.instance import (
    MAX_ROUND,
    MAX_SIZE,
    Instance,
    Predictions,
    whole_number,
)
from kvopt.model.reading import read_text
from kvopt.model.results import BoundCertificate, Witness
from kvopt.model.schedule import Schedule, run_from_document
from kvopt.model.serving import PLAIN, serving_from_document

__all__ = [
    "WITNESS",
    "instance_from_document",
    "load_instance",
    "load_json",
    "load_schedule",
    "load_witness",
    "save_json",
    "schedule_from_document",
    "schema",
    "witness_from_document",
    "write_atomically",
]

WITNESS = "kvopt-witness/1"

_REQUEST_FIELDS = {
    # name: (column, smallest value)
    "arrival": ("arrival", 0),
    "prompt": ("prompt", 0),
    "output": ("output", 1),
    "lower": ("lower", 1),
    "upper": ("upper", 1),
    "predicted": ("point", 1),
}
_REQUIRED = ("arrival", "prompt", "output")


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a format, such as ``"instance"``."""
    file = resources.files("kvopt.model") / "schemas" / f"{name}-1.json"
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def load_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file strictly: no NaN, no repeated key, no trailing text.

    Raises
    ------
    InputError
        Naming the file and the line and column of the first fault.
    """
    where = os.fspath(path)
    text = read_text(path)

    def constant(name: str) -> Any:
        raise InputError(f"{name} is not allowed", where=where)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(items)
        if len(document) != len(items):
            counts = Counter(key for key, _ in items)
            twice = next(key for key in counts if counts[key] > 1)
            raise InputError(
                "is given twice",
                field=twice,
                value=document[twice],
                where=where,
            )
        return document

    try:
        return json.loads(
            text, parse_constant=constant, object_pairs_hook=pairs
        )
    except json.JSONDecodeError as error:
        # Some of the messages end with the word that follows here.
        fault = error.msg.removesuffix(" at")
        raise InputError(
            f"not valid JSON: {fault} at line {error.lineno} "
            f"column {error.colno}",
            where=where,
        ) from None
    except InputError:
        raise
    except RecursionError:
        raise InputError(
            "not readable: nested too deep", where=where
        ) from None
    except MemoryError:
        raise InputError(
            "not readable: does not fit into the memory", where=where
        ) from None
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"not readable: {error}", where=where) from None


@contextlib.contextmanager
def write_atomically(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that replaces ``path`` when the block succeeds.

    A failure or an interruption leaves the old file as it was.
    """
    target = Path(path)
    if os.path.exists(target) and not os.path.isfile(target):
        # A device or a pipe would be replaced by a file.
        raise InputError(
            "cannot be written: not a regular file", where=str(target)
        )
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        )
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", where=str(target)
        ) from None
    except ValueError as error:  # a NUL character in the path
        raise InputError(
            f"cannot be written: {error}", where=str(target)
        ) from None
    os.close(handle)
    try:
        yield Path(name)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", where=str(target)
        ) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def save_json(document: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a document, one list item a line, all of it or nothing."""
    with write_atomically(path) as part:
        part.write_text(_pretty(document) + "\n", encoding="utf-8")


def instance_from_document(document: Any, where: str = "") -> Instance:
    """Read a ``kvopt-instance/1`` document.

    Raises
    ------
    InputError
        Naming ``where``, the field and the value of the first fault.
    """
    try:
        return _instance(document)
    except InputError as error:
        raise error.at(where) from None


def _instance(document: Any) -> Instance:
    _expect(document, "kvopt-instance/1")
    allowed = {"format", "name", "memory", "source", "requests"}
    _only(document, allowed, {"memory", "requests"})
    memory = whole_number(document["memory"], "memory", 1, MAX_SIZE)
    for key in ("name", "source"):
        if not isinstance(document.get(key, ""), str):
            raise InputError("must be text", field=key, value=document[key])
    rows = document["requests"]
    if not isinstance(rows, list) or not rows:
        raise InputError(
            "must be a list of at least one request",
            field="requests",
            value=rows,
        )
    columns: dict[str, list[int]] = {}
    first = rows[0] if isinstance(rows[0], dict) else {}
    present = [key for key in _REQUEST_FIELDS if key in first]
    keys = [*_REQUIRED, *(key for key in present if key not in _REQUIRED)]
    for key in keys:
        columns[key] = []
    for i, row in enumerate(rows):
        if not isinstance(row, dict):
            raise InputError(
                "must be an object", field=f"requests[{i}]", value=row
            )
        for key in row:
            if key not in columns:
                known = key in _REQUEST_FIELDS
                raise InputError(
                    "every request must have it or none"
                    if known
                    else "unknown field",
                    field=f"requests[{i}].{key}",
                    value=row[key],
                )
        for key in keys:
            field = f"requests[{i}].{key}"
            if key not in row:
                raise InputError("missing", field=field, value=None)
            limit = MAX_ROUND if key == "arrival" else MAX_SIZE
            smallest = _REQUEST_FIELDS[key][1]
            columns[key].append(whole_number(row[key], field, smallest, limit))
    forecast = {
        _REQUEST_FIELDS[key][0]: columns[key]
        for key in keys
        if key not in _REQUIRED
    }
    return Instance(
        memory,
        columns["arrival"],  # type: ignore[arg-type]
        columns["prompt"],  # type: ignore[arg-type]
        columns["output"],  # type: ignore[arg-type]
        predictions=Predictions(**forecast) if forecast else None,  # type: ignore[arg-type]
        name=document.get("name", ""),
        source=document.get("source", ""),
    )


def load_instance(path: str | os.PathLike[str]) -> Instance:
    """Read an instance from a JSON file."""
    return instance_from_document(load_json(path), os.fspath(path))


def schedule_from_document(
    document: Any, instance: Instance, where: str = ""
) -> Schedule:
    """Read a ``kvopt-schedule/1`` document made for ``instance``.

    Parameters
    ----------
    document
        The document, as parsed JSON.
    instance
        The instance that it must be for.
    where
        File or place that errors name.

    Raises
    ------
    InputError
        Naming the first fault; also when the document's hash is that of
        another instance. Feasibility is not judged here.
    """
    try:
        _expect(document, "kvopt-schedule/1")
        names = {"format", "instance", "runs"}
        _only(document, names | {"serving"}, names)
        if document["instance"] != instance.hash:
            raise InputError(
                f"the schedule is for another instance, not {instance.hash}",
                field="instance",
                value=document["instance"],
            )
        if not isinstance(document["runs"], list):
            raise InputError(
                "must be a list", field="runs", value=document["runs"]
            )
        runs = [
            run_from_document(row, i) for i, row in enumerate(document["runs"])
        ]
        serving = PLAIN
        if "serving" in document:
            serving = serving_from_document(document["serving"])
    except InputError as error:
        raise error.at(where) from None
    return Schedule(runs, serving)


def load_schedule(
    path: str | os.PathLike[str], instance: Instance
) -> Schedule:
    """Read a schedule made for ``instance`` from a JSON file."""
    where = os.fspath(path)
    return schedule_from_document(load_json(path), instance, where)


def witness_from_document(document: Any, where: str = "") -> Witness:
    """Read a ``kvopt-witness/1`` document.

    Feasibility and optimality are not judged here: that is for the checker.

    Parameters
    ----------
    document
        The document, as parsed JSON.
    where
        File or place that errors name.

    Raises
    ------
    InputError
        Naming the first fault; also when a stated cost is not that of its
        schedule.
    """
    try:
        _expect(document, WITNESS)
        required = set(schema("witness")["required"])
        _only(document, required | {"algorithm"}, required)
        for key in ("claim", "certificate", "algorithm"):
            if not isinstance(document.get(key, ""), str):
                raise InputError(
                    "must be a text", field=key, value=document[key]
                )
        if not isinstance(document["reference_optimal"], bool):
            raise InputError(
                "must be true or false",
                field="reference_optimal",
                value=document["reference_optimal"],
            )
        instance = instance_from_document(document["instance"])
        found = {}
        for side in ("algorithm", "reference"):
            schedule = schedule_from_document(
                document[f"{side}_schedule"], instance
            )
            found[side] = schedule
            stated = document[f"{side}_cost"]
            cost = schedule.total_latency(instance)
            if type(stated) is not int or stated != cost:
                raise InputError(
                    f"must be {cost}, the total latency of its schedule",
                    field=f"{side}_cost",
                    value=stated,
                )
    except InputError as error:
        raise error.at(where) from None
    return Witness(
        document["claim"],
        instance,
        found["algorithm"],
        found["reference"],
        document["reference_optimal"],
        document["certificate"],
        document.get("algorithm", ""),
    )


def load_witness(path: str | os.PathLike[str]) -> Witness:
    """Read a witness from a JSON file.

    Raises
    ------
    InputError
        As :func:`witness_from_document`, naming the file.
    """
    return witness_from_document(load_json(path), os.fspath(path))


def save_instance(instance: Instance, path: str | os.PathLike[str]) -> None:
    """Write an instance to a JSON file."""
    save_json(instance.document(), path)


def save_schedule(
    schedule: Schedule, instance: Instance, path: str | os.PathLike[str]
) -> None:
    """Write a schedule, bound to its instance, to a JSON file.

    Parameters
    ----------
    schedule
        The schedule.
    instance
        What it schedules; the file has its hash.
    path
        File that is written, all of it or nothing.
    """
    save_json(schedule.document(instance), path)


def save_certificate(
    certificate: BoundCertificate, path: str | os.PathLike[str]
) -> None:
    """Write a lower-bound certificate to a JSON file."""
    save_json(certificate.document(), path)


def save_witness(witness: Witness, path: str | os.PathLike[str]) -> None:
    """Write a witness to a JSON file."""
    save_json(witness.document(), path)


def _expect(document: Any, name: str) -> None:
    if not isinstance(document, dict):
        raise InputError(
            "must be a JSON object", field="document", value=document
        )
    if document.get("format") != name:
        raise InputError(
            f"must be {name!r}", field="format", value=document.get("format")
        )


def _only(
    document: dict[str, Any], allowed: set[str], required: set[str]
) -> None:
    for key in document:
        if key not in allowed:
            raise InputError("unknown field", field=key, value=document[key])
    for key in sorted(required):
        if key not in document:
            raise InputError("missing", field=key, value=None)


def _pretty(document: Any, depth: int = 0) -> str:
    """JSON with one item of a list of objects a line."""
    pad = "  " * (depth + 1)
    if isinstance(document, dict) and document and depth < 2:
        items = [
            f"{pad}{json.dumps(key)}: {_pretty(value, depth + 1)}"
            for key, value in document.items()
        ]
        return "{\n" + ",\n".join(items) + "\n" + "  " * depth + "}"
    if (
        isinstance(document, list)
        and document
        and all(isinstance(item, dict) for item in document)
    ):
        items = [pad + json.dumps(item) for item in document]
        return "[\n" + ",\n".join(items) + "\n" + "  " * depth + "]"
    return json.dumps(document)
