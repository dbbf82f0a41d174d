"""Reading the fields of a configuration, with errors that name the place."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kvopt.model import InputError
from kvopt.model.instance import whole_number

__all__ = ["MOST_SEEDS", "grid", "known_only", "naming", "one_of"]
__all__ += ["seeds", "texts"]

MOST_SEEDS = 1_000_000
"""Seeds above which a range is taken for a slip of the pen."""

_RANGE = re.compile(r"([0-9]{1,20})\.\.([0-9]{1,20})")


def known_only(table: Any, known: tuple[str, ...], place: str) -> None:
    """Refuse what is not a table, and keys that mean nothing.

    Parameters
    ----------
    table
        What stands in the file.
    known
        The keys that mean something.
    place
        Where the table is, for errors.
    """
    if not isinstance(table, Mapping):
        raise InputError("must be a table", field=place, value=table)
    for key, value in table.items():
        if key not in known:
            raise InputError(
                f"unknown key; known are {', '.join(known)}",
                field=f"{place}.{key}" if place else key,
                value=value,
            )


@contextlib.contextmanager
def naming(place: str, inside: bool = False) -> Iterator[None]:
    """Have errors name ``place``, or their own field inside it."""
    try:
        yield
    except InputError as error:
        own = f"{place}.{error.field}" if inside and error.field else place
        raise InputError(error.problem, field=own, value=error.value) from None


def one_of(
    table: Mapping[str, Any], names: tuple[str, ...], place: str
) -> str:
    """Return the one of ``names`` that the table has.

    Parameters
    ----------
    table
        A table of the file.
    names
        The keys of which it has exactly one.
    place
        Where the table is, for errors.
    """
    given = [name for name in names if name in table]
    if len(given) != 1:
        raise InputError(
            f"needs exactly one of {', '.join(names)}",
            field=place,
            value=dict(table),
        )
    return given[0]


def texts(value: Any, place: str) -> list[str]:
    """Return a text, or a list of texts, as a list of at least one."""
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) for item in items):
        raise InputError(
            "must be text or a list of texts", field=place, value=value
        )
    return items


def seeds(value: Any, place: str) -> list[int]:
    """Return the seeds of ``3``, ``[0, 1, 5]`` or ``"0..199"``."""
    if isinstance(value, str):
        ends = _RANGE.fullmatch(value)
        if not ends:
            raise InputError(
                "must be a number, a list of numbers, or text such as "
                "'0..199'",
                field=place,
                value=value,
            )
        first, last = (
            whole_number(int(end), place, 0, 2**31 - 1)
            for end in ends.groups()
        )
        if last - first >= MOST_SEEDS:
            raise InputError(
                f"more than {MOST_SEEDS:,} seeds", field=place, value=value
            )
        found = list(range(first, last + 1))
    else:
        found = value if isinstance(value, list) else [value]
    if not found:
        raise InputError("has no seed", field=place, value=value)
    return [whole_number(seed, place, 0, 2**31 - 1) for seed in found]


def grid(table: Mapping[str, Any], place: str) -> Iterator[dict[str, Any]]:
    """Yield every choice of one value a key, where a list is a choice."""
    for key, value in table.items():
        if value == []:
            raise InputError(
                "has no value", field=f"{place}.{key}", value=value
            )
    lists = [v if isinstance(v, list) else [v] for v in table.values()]
    for values in itertools.product(*lists):
        yield dict(zip(table, values, strict=True))
