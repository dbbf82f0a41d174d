"""Which functions numba compiles, while it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

__all__ = ["Compiled", "noting_compilation"]


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


@contextmanager
def noting_compilation(
    begins: Callable[[], None] = lambda: None,
    ended: Callable[[Compiled], None] = lambda compiled: None,
) -> Iterator[None]:
    """Call ``begins`` and ``ended`` around whatever numba compiles.

    Parameters
    ----------
    begins
        Called before a function is compiled. One that is loaded from the
        cache is not.
    ended
        Called when it is.
    """
    from numba.core import event

    class Listener(event.Listener):
        def __init__(self) -> None:
            self.began: list[float] = []

        def on_start(self, event: Any) -> None:
            self.began.append(time.monotonic())
            begins()

        def on_end(self, event: Any) -> None:
            function = event.data["dispatcher"].py_func
            name = f"{function.__module__}.{function.__name__}"
            seconds = time.monotonic() - self.began.pop()
            ended(Compiled(name, seconds))

    with event.install_listener("numba:compile", Listener()):
        yield
