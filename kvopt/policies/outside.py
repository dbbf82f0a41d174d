"""Policies that are no part of kvopt: from a file, or another package."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import sys
from typing import Any

from kvopt.model import InputError

__all__ = ["GROUP", "find", "installed", "origin"]

# Group of entry points under which other packages offer their policies.
GROUP = "kvopt.policies"

_MARK = ".py:"

# The text that names a class, so that a process of its own finds it again.
_ORIGINS: dict[type[Any], str] = {}


def installed() -> dict[str, importlib.metadata.EntryPoint]:
    """Return the policies that installed packages offer, by name."""
    return {e.name: e for e in importlib.metadata.entry_points(group=GROUP)}


def origin(cls: type[Any]) -> str | None:
    """Return the text by which a class was found; None if it was not here."""
    return _ORIGINS.get(cls)


def find(text: str, *, known: bool) -> tuple[Any, str] | None:
    """Return the class that a text names, and the text of its parameters.

    Parameters
    ----------
    text
        ``path/to/file.py:MyPolicy`` or the name of an entry point, and
        parameters behind a colon.
    known
        Whether the text begins with the name of a policy of kvopt, which no
        other package can take away.

    Returns
    -------
    tuple or None
        None when the text names nothing outside.

    Raises
    ------
    InputError
        When the file cannot be imported or has no such class.
    """
    path, mark, rest = text.partition(_MARK)
    if mark:
        name, _, parameters = rest.partition(":")
        path += ".py"
        module = _module(os.path.realpath(path), path)
        cls = getattr(module, name, None)
        if cls is None:
            raise InputError(
                f"has no class {name!r}", field="policy", value=path
            )
        label = f"{path}:{name}"
    elif known:
        return None
    else:
        label, _, parameters = text.partition(":")
        entry = installed().get(label)
        if entry is None:
            return None
        try:
            cls = entry.load()
        except Exception as error:
            raise _no_import(label, error) from error
    if isinstance(cls, type):
        _ORIGINS[cls] = label
    return cls, parameters


@functools.cache
def _module(real: str, path: str) -> Any:
    """Import a file under a name of its own."""
    if not os.path.isfile(real):
        raise InputError("there is no such file", field="policy", value=path)
    # Not hash(): tracebacks of two processes should show the same name.
    name = "kvopt_outside_" + real.encode().hex()
    spec = importlib.util.spec_from_file_location(name, real)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _no_import(path, error) from error
    return module


def _no_import(label: str, error: BaseException) -> InputError:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return InputError(f"does not import: {said}", field="policy", value=label)
