"""Reading a text file whole, or saying in one line why not."""

from __future__ import annotations

import os
import tomllib
from typing import Any

from kvopt.model.errors import InputError

__all__ = ["LARGEST_FILE", "read_text", "read_toml"]

LARGEST_FILE = 256 * 2**20
"""Bytes above which no file is read: ten million rows of a trace."""


def read_text(
    path: str | os.PathLike[str], largest: int = LARGEST_FILE
) -> str:
    r"""Return the text of a UTF-8 file, with ``\n`` at the end of lines.

    Parameters
    ----------
    path
        The file; also a pipe or a device, which is read to its end.
    largest
        Bytes above which it is refused.

    Raises
    ------
    InputError
        Naming the file, when it cannot be read, is no UTF-8 text or is
        larger than ``largest``.
    """
    where = os.fspath(path)
    try:
        # Unbuffered reads grow with what there is, not with the limit.
        with open(path, "rb") as file:
            content = file.read(largest + 1)
        if len(content) > largest:
            raise InputError(
                f"cannot be read: more than {largest:,} bytes", where=where
            )
        text = content.decode("utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=where
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"cannot be read: not UTF-8 text at byte {error.start}",
            where=where,
        ) from None
    except MemoryError:
        raise InputError(
            "cannot be read: does not fit into the memory", where=where
        ) from None
    except InputError:
        raise
    except ValueError as error:  # a NUL character in the path
        raise InputError(f"cannot be read: {error}", where=where) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the table of a TOML file that somebody writes by hand.

    Raises
    ------
    InputError
        Naming the file, when it cannot be read, is larger than a megabyte or
        is no TOML.
    """
    where = os.fspath(path)
    try:
        return tomllib.loads(read_text(path, 2**20))
    except InputError:
        raise
    except RecursionError:
        raise InputError(
            "is not valid TOML: nested too deep", where=where
        ) from None
    except ValueError as error:  # also a number of thousands of digits
        raise InputError(f"is not valid TOML: {error}", where=where) from None
