"""The versions that enter a task's key: of packages, and of our own code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from kvopt.model import InputError

__all__ = ["fingerprint", "versions_of"]


def versions_of(
    code: Iterable[str], packages: Iterable[str]
) -> dict[str, str]:
    """Return the versions of kvopt, of its code and of packages.

    Parameters
    ----------
    code
        Modules and packages of kvopt whose source decides the result.
    packages
        Names of the distributions that it rests on.

    Raises
    ------
    InputError
        Naming a package that is not installed.
    """
    versions = {
        "kvopt": _installed("kvopt"),
        "code": fingerprint(tuple(code)),
    }
    for name in packages:
        versions[name] = _installed(name)
    return versions


@cache
def fingerprint(modules: tuple[str, ...]) -> str:
    """Return a hash of the source files of the given modules, 12 digits.

    The version alone would not tell two states of a checkout apart, and rows
    of both would end up in one table.
    """
    digest = hashlib.sha256()
    for name in sorted(modules):
        for place, file in _files(name):
            digest.update(f"{name}/{place}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _files(name: str) -> list[tuple[str, Path]]:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise InputError("cannot be imported", field="module", value=name)
    if not spec.submodule_search_locations:
        return [("", Path(spec.origin))]
    folder = Path(spec.origin).parent
    found = (
        (f.relative_to(folder).as_posix(), f) for f in folder.rglob("*.py")
    )
    return sorted(found)


@cache
def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        raise InputError(
            "is needed, but not installed", field="package", value=name
        ) from None
