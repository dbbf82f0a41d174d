"""``[[instances]]``: which instances a sweep runs on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from typing import Any

from kvopt.model import InputError, load_instance
from kvopt.sweep.fields import (
    grid,
    known_only,
    naming,
    one_of,
    seeds,
    texts,
)
from kvopt.sweep.source import Source
from kvopt.workloads import generate, generator, library

__all__ = ["sources"]

_FORMS = {
    "generator": ("params", "seeds"),
    "trace": ("params", "seeds"),
    "files": (),
    "library": (),
}


def sources(table: Any, folder: Path, place: str) -> Iterator[Source]:
    """Yield the instances of one ``[[instances]]`` table.

    Parameters
    ----------
    table
        As read from TOML.
    folder
        What relative paths are relative to.
    place
        Name of the table in errors.
    """
    every = (*_FORMS, "params", "seeds")
    known_only(table, every, place)
    form = one_of(table, tuple(_FORMS), place)
    known_only(table, (form, *_FORMS[form]), place)
    names = texts(table[form], f"{place}.{form}")
    if form == "files":
        yield from _files(names, folder, f"{place}.files")
    elif form == "library":
        for name in library.names() if names == ["*"] else names:
            with naming(f"{place}.library"):
                example = library.load(name)
            yield Source.given(example, library=name)
    else:
        for name in names:
            yield from _generated(form, name, table, folder, place)


def _files(patterns: list[str], folder: Path, place: str) -> Iterator[Source]:
    for pattern in patterns:
        found = sorted(glob(pattern, root_dir=folder, recursive=True))
        if not found:
            raise InputError(
                f"no such file in {folder}", field=place, value=pattern
            )
        for name in found:
            yield Source.given(load_instance(folder / name), file=name)


def _generated(
    form: str, name: str, table: Mapping[str, Any], folder: Path, place: str
) -> Iterator[Source]:
    params = table.get("params", {})
    if form == "trace":
        path = folder / name
        if not os.path.isfile(path):  # also where the name is too long
            raise InputError(
                f"no such file in {folder}", field=f"{place}.trace", value=name
            )
        chosen, fixed = "trace", {"path": str(path)}
    else:
        chosen, fixed = name, {}
    with naming(f"{place}.generator"):
        parameters = [p.name for p in generator(chosen).parameters]
    known = tuple(name for name in parameters if name not in fixed)
    known_only(params, known, f"{place}.params")
    for choice in grid(params, f"{place}.params"):
        values = {key: _text(value) for key, value in choice.items()}
        for seed in seeds(table.get("seeds", 0), f"{place}.seeds"):
            with naming(f"{place}.params", inside=True):
                if chosen == "trace":
                    made = generate("trace", {**values, **fixed}, seed)
                    # A worker elsewhere need not have the file.
                    source = Source.given(
                        made, generator=f"trace {name}", seed=seed, **values
                    )
                else:
                    source = Source.generated(chosen, values, seed)
            yield source


def _text(value: Any) -> str:
    """A TOML value as generators read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
