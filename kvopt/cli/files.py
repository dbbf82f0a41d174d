"""Reading instances by name, and refusing hopeless outputs early."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from kvopt.model import (
    InputError,
    Instance,
    instance_from_document,
    load_json,
    witness_from_document,
)
from kvopt.model.formats import WITNESS

__all__ = ["check_outputs", "instance_path", "read_instance"]

_LIBRARY = "library:"


@contextlib.contextmanager
def instance_path(text: str) -> Iterator[Path]:
    """Yield the path of an instance given as a file or ``library:NAME``.

    Raises
    ------
    InputError
        For an unknown name.
    """
    if not text.startswith(_LIBRARY):
        yield Path(text)
        return
    from kvopt.workloads import library

    name = text.removeprefix(_LIBRARY)
    if name not in library.names():
        raise InputError(
            f"unknown example; known are {', '.join(library.names())}",
            field="instance",
            value=text,
        )
    folder = resources.files("kvopt.workloads") / "library"
    with resources.as_file(folder / f"{name}.json") as path:
        yield path


def read_instance(text: str) -> Instance:
    """Read an instance given as a file or ``library:NAME``.

    A witness file stands for the instance in it.
    """
    with instance_path(text) as path:
        document, where = load_json(path), str(path)
    if isinstance(document, dict) and document.get("format") == WITNESS:
        return witness_from_document(document, where).instance
    return instance_from_document(document, where)


def check_outputs(
    *inputs: str | os.PathLike[str], **outputs: Path | None
) -> None:
    """Refuse outputs that cannot be written, before any work is done.

    Parameters
    ----------
    inputs
        Files that are read: writing to them would destroy them.
    outputs
        Path of each output by its option's name; None is no output.

    Raises
    ------
    InputError
        Naming the option and the path at fault.
    """
    taken = {os.path.realpath(path) for path in inputs}
    for name, path in outputs.items():
        if path is None:
            continue

        def refused(problem: str) -> InputError:
            return InputError(
                f"cannot be written: {problem}",
                field="--" + name.replace("_", "-"),  # noqa: B023
                value=str(path),  # noqa: B023
            )

        real = os.path.realpath(path)
        if real in taken:
            raise refused("the file is an input or another output")
        taken.add(real)
        if os.path.isdir(path):
            raise refused("it is a directory")
        if os.path.exists(path) and not os.path.isfile(path):
            raise refused("it is not a regular file")
        try:
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise refused(error.strerror or str(error)) from None
