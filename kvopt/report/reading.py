"""Files, read into what a report shows."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.model import (
    InputError,
    Instance,
    Schedule,
    instance_from_document,
    load_json,
    schedule_from_document,
    witness_from_document,
)
from kvopt.model.formats import WITNESS
from kvopt.report.contents import Distribution, ReportTable, Scene

__all__ = ["Contents", "read_contents"]

Contents = Scene | ReportTable | Distribution

# What a person can look through; the rest is in the file.
_MOST_ROWS = 5_000
_SQLITE = b"SQLite format 3\0"


def read_contents(paths: Sequence[str | os.PathLike[str]]) -> list[Contents]:
    """Read files into what a report shows.

    Parameters
    ----------
    paths
        In any order: instances with schedules of theirs, witnesses, records
        of ``kvopt simulate --records`` (CSV), stores of sweeps, games,
        the ledger's verdicts. Schedules of one instance come side by side.

    Raises
    ------
    InputError
        Naming the file that is none of these or is malformed; an instance
        without a schedule, or a schedule without its instance; a schedule in
        which a request is not completed once.
    """
    contents: list[Contents] = []
    instances: dict[str, tuple[str, Instance]] = {}
    schedules: list[tuple[str, Any]] = []
    for path in [os.fspath(path) for path in paths]:
        if _begins(path).startswith(_SQLITE):
            contents.append(_store(path))
            continue
        if path.endswith(".csv"):
            contents.append(_records(path))
            continue
        document = load_json(path)
        kind = document.get("format") if isinstance(document, dict) else None
        match kind:
            case "kvopt-instance/1":
                instance = instance_from_document(document, path)
                instances[instance.hash] = (path, instance)
            case "kvopt-schedule/1":
                schedules.append((path, document))
            case "kvopt-game/1":
                contents.append(_game(path))
            case "kvopt-verdicts/1":
                contents.append(_ledger(path, document))
            case _ if kind == WITNESS:
                contents.append(_witness(path, document))
            case _:
                raise InputError(
                    "is nothing that a report can show: an instance, a "
                    "schedule, a witness, a game, a ledger, records or a "
                    "sweep",
                    field="format",
                    value=kind,
                    where=path,
                )
    return [*_scenes(instances, schedules), *contents]


def _begins(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=path
        ) from None
    except ValueError as error:  # a NUL character in the path
        raise InputError(f"cannot be read: {error}", where=path) from None


def _scenes(
    instances: dict[str, tuple[str, Instance]],
    schedules: Iterable[tuple[str, Any]],
) -> list[Scene]:
    of: dict[str, list[tuple[str, Schedule]]] = {key: [] for key in instances}
    for path, document in schedules:
        stated = document.get("instance")
        if stated not in instances:
            raise InputError(
                "is of no instance that is given",
                field="instance",
                value=stated,
                where=path,
            )
        instance = instances[stated][1]
        schedule = schedule_from_document(document, instance, path)
        of[stated].append((Path(path).stem, schedule))
    scenes = []
    for key, (path, instance) in instances.items():
        if not of[key]:
            raise InputError(
                "needs a schedule beside it: kvopt simulate or kvopt solve "
                "with --out makes one",
                field="instance",
                value=instance.name or key,
                where=path,
            )
        scenes.append(
            Scene(instance.name or Path(path).stem, instance, tuple(of[key]))
        )
    return scenes


def _witness(path: str, document: Any) -> Scene:
    witness = witness_from_document(document, path)
    return Scene(
        witness.claim or Path(path).stem,
        witness.instance,
        (
            (witness.algorithm or "algorithm", witness.algorithm_schedule),
            ("reference", witness.reference_schedule),
        ),
    )


def _store(path: str) -> ReportTable:
    from kvopt.sweep import Store

    with Store(Path(path)) as store:
        name, rows = store.name, store.rows()
    columns = _telling_first(rows)
    cells = tuple(
        tuple(_cell(row.get(key)) for key in columns)
        for row in rows[:_MOST_ROWS]
    )
    more = f", the first {_MOST_ROWS:,}" if len(rows) > _MOST_ROWS else ""
    return ReportTable(
        f"sweep {name}: {len(rows):,} tasks{more}", tuple(columns), cells
    )


def _telling_first(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the columns: those that tell rows apart, the others, the key."""
    columns = dict.fromkeys(key for row in rows for key in row)

    def rank(name: str) -> int:
        if name == "key":
            return 2
        return int(len({_cell(row.get(name)) for row in rows}) <= 1)

    return sorted(columns, key=rank)


def _cell(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value)


def _game(path: str) -> ReportTable:
    from kvopt.check import check_lone_file

    verdict = check_lone_file(path, 1)
    rows = tuple(
        (key, _cell(_game_text(key, value)))
        for key, value in verdict.document().items()
    )
    return ReportTable(f"game {Path(path).stem}, checked", ("", "value"), rows)


def _game_text(key: str, value: Any) -> Any:
    """Return a value as people write it, where it is a list."""
    if not isinstance(value, list):
        return value
    if key == "ratio":
        over, under = value
        return str(over) if under == 1 else f"{over}/{under}"
    texts = [
        f"({', '.join(map(str, each))})"
        if isinstance(each, list | tuple)
        else str(each)
        for each in value
    ]
    return ", ".join(texts) or "none"


def _ledger(path: str, document: dict[str, Any]) -> ReportTable:
    """Read recorded verdicts: a row a claim, of its longest run."""
    claims = document.get("claims")
    if not isinstance(claims, dict):
        raise InputError(
            "must be an object", field="claims", value=claims, where=path
        )
    rows = []
    for name, entry in claims.items():
        runs = entry if isinstance(entry, dict) else {}
        found = runs.get("full") or runs.get("quick")
        if not isinstance(found, dict) or "verdict" not in found:
            raise InputError(
                "has no verdict",
                field=f"claims.{name}",
                value=entry,
                where=path,
            )
        cells = (found["verdict"], found.get("evidence"), found.get("seconds"))
        rows.append((str(name), *map(_cell, cells)))
    return ReportTable(
        f"ledger {Path(path).stem}: {len(rows):,} claims",
        ("claim", "verdict", "evidence", "seconds"),
        tuple(rows),
    )


def _records(path: str) -> Distribution:
    """Read records: a distribution of latencies, a curve a run."""
    seconds: dict[str, list[float]] = {}
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            names = reader.fieldnames or []
            timed = "completion_s" in names
            if not {"policy", "latency"} <= set(names):
                raise InputError(
                    "has not the columns of records, policy and latency",
                    field="header",
                    value=",".join(names),
                    where=path,
                )
            for row in reader:
                label = row["policy"]
                if row.get("seed"):
                    label += f", seed {row['seed']}"
                value = float(row["latency"])
                if timed:
                    value = float(row["completion_s"]) - float(
                        row["arrival_s"]
                    )
                seconds.setdefault(label, []).append(value)
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(f"is not readable: {error}", where=path) from None
    if not seconds:
        raise InputError("has no rows", where=path)
    quantity = "latency (s)" if timed else "latency (rounds)"
    values = tuple(np.array(column) for column in seconds.values())
    summary = ReportTable(
        f"{quantity}: {Path(path).name}",
        ("policy", "requests", "mean", "P50", "P95", "largest"),
        tuple(
            (
                label,
                column.size,
                float(column.mean()),
                *np.percentile(column, [50, 95, 100]).tolist(),
            )
            for label, column in zip(seconds, values, strict=True)
        ),
    )
    return Distribution(summary, quantity, tuple(seconds), values)
