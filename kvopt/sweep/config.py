"""A sweep described in TOML; ``docs/sweeps.md`` describes the format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kvopt.model import InputError
from kvopt.model.reading import read_toml
from kvopt.sweep.fields import known_only
from kvopt.sweep.instances_section import sources
from kvopt.sweep.limits import Limits, bytes_of
from kvopt.sweep.plan import SweepPlan
from kvopt.sweep.run_section import computations

__all__ = ["plan_of", "read_plan"]


def read_plan(path: str | os.PathLike[str]) -> SweepPlan:
    """Read a configuration and make all its instances.

    Raises
    ------
    InputError
        Naming the file, the field and the value of the first fault.
    """
    where = os.fspath(path)
    document = read_toml(path)
    try:
        return plan_of(document, Path(path).resolve().parent)
    except InputError as error:
        inner = f"{where}: {error.where}" if error.where else where
        raise error.at(inner) from None


def plan_of(document: dict[str, Any], folder: Path) -> SweepPlan:
    """Return the plan that a configuration describes.

    Parameters
    ----------
    document
        The configuration, as read from TOML.
    folder
        What relative paths in it are relative to.

    Raises
    ------
    InputError
        Naming the field and the value of the first fault.
    """
    known_only(document, ("name", "limits", "instances", "run"), "")
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise InputError("must be text", field="name", value=name)
    for section in ("instances", "run"):
        tables = document.get(section)
        if not isinstance(tables, list) or not tables:
            raise InputError(
                f"needs at least one [[{section}]]",
                field=section,
                value=tables,
            )
    limits = _limits(document.get("limits", {}))
    # Cheap, and the more likely to be wrong: before instances are made.
    runs = [
        computation
        for i, table in enumerate(document["run"])
        for computation in computations(table, f"run[{i}]")
    ]
    tasks = [
        computation.on(source)
        for i, table in enumerate(document["instances"])
        for source in sources(table, folder, f"instances[{i}]")
        for computation in runs
    ]
    return SweepPlan.of(name, tasks, limits)


def _limits(table: Any) -> Limits:
    known_only(table, ("seconds", "memory"), "limits")
    chosen = dict(table)
    if "memory" in chosen:
        chosen["memory"] = bytes_of(chosen["memory"])
    return Limits(**chosen)
