"""Which functions numba compiles, while it does.

Standard library only: whoever wants to know does not load the compiler for
that. :mod:`kvopt.model.compiled`, through which every kernel is made, calls
the two functions at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

__all__ = [
    "COMPILING",
    "Compiled",
    "compilation_begins",
    "compilation_ended",
    "noting_compilation",
]

# What someone who waits for it is told.
COMPILING = "compiling once for this machine"


class Compiled(NamedTuple):
    """A function that was compiled.

    Parameters
    ----------
    name
        Module and name.
    seconds
        Wall time, with that of the functions it calls that were compiled on
        the way.
    """

    name: str
    seconds: float


class _Noting(NamedTuple):
    begins: Callable[[], None]
    ended: Callable[[Compiled], None]


_NOTING: list[_Noting] = []


@contextmanager
def noting_compilation(
    begins: Callable[[], None] = lambda: None,
    ended: Callable[[Compiled], None] = lambda compiled: None,
) -> Iterator[None]:
    """Call ``begins`` and ``ended`` around whatever numba compiles.

    Parameters
    ----------
    begins
        Called before a function is compiled, here or in a worker of a sweep.
        One that is loaded from the cache is not.
    ended
        Called when it is, if it was compiled in this process.
    """
    noting = _Noting(begins, ended)
    _NOTING.append(noting)
    try:
        yield
    finally:
        _NOTING.remove(noting)


def compilation_begins() -> None:
    """Tell whoever notes it that a function is going to be compiled."""
    for noting in list(_NOTING):
        noting.begins()


def compilation_ended(compiled: Compiled) -> None:
    """Tell whoever notes it that a function was compiled."""
    for noting in list(_NOTING):
        noting.ended(compiled)
