"""Compiling ahead all that numba compiles, side by side in processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kvopt.exact.bounds import METHODS
from kvopt.exact.registry import compiled_solvers
from kvopt.model import KvoptError
from kvopt.model.compilation import Compiled, noting_compilation

__all__ = ["Unit", "compile_ahead", "units"]

# Seconds between two looks at the processes.
POLL = 0.05
_PROGRAM = "import sys; from kvopt.cli.ahead import work; work(sys.argv[1])"


@dataclass(frozen=True)
class Unit:
    """Something that was compiled, or loaded.

    Parameters
    ----------
    name
        One of :func:`units`.
    seconds
        Wall time, Python's start included.
    functions
        What was compiled; empty if all of it was in the cache.
    """

    name: str
    seconds: float
    functions: tuple[Compiled, ...]


def units() -> Mapping[str, Callable[[], None]]:
    """Return what can be compiled ahead, what takes longest first."""
    return {
        **{s.info.name: s.warm_up for s in compiled_solvers()},
        "simulation": _simulation,
        "hindsight": _hindsight,
        "exhaustive": _exhaustive,
        "adversary": _adversary,
        **{
            f"{name} bound": method.warm_up
            for name, method in METHODS.items()
            if method.warm_up is not None
        },
    }


def compile_ahead(processes: int = 2) -> Iterator[Unit]:
    """Compile everything that is not in numba's cache yet.

    Parameters
    ----------
    processes
        How many run side by side.

    Yields
    ------
    Unit
        Each when it is done.

    Raises
    ------
    KvoptError
        When a process fails.
    """
    waiting = list(units())
    running: dict[str, tuple[float, subprocess.Popen[str]]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                name = waiting.pop(0)
                command = [sys.executable, "-c", _PROGRAM, name]
                running[name] = (
                    time.monotonic(),
                    subprocess.Popen(
                        command,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        text=True,
                    ),
                )
            time.sleep(POLL)
            for name, (began, process) in list(running.items()):
                if process.poll() is not None:
                    seconds = time.monotonic() - began
                    yield _ended(name, seconds, *process.communicate())
                    del running[name]
    finally:
        for _, process in running.values():
            process.kill()
            process.communicate()


def _ended(name: str, seconds: float, out: str, err: str) -> Unit:
    try:
        rows: list[Any] = json.loads(out)
    except ValueError:
        last = err.strip().rpartition("\n")[2] or "its process died"
        raise KvoptError(f"{name} cannot be compiled: {last}") from None
    return Unit(name, seconds, tuple(Compiled(*row) for row in rows))


def work(name: str) -> None:
    """Compile one unit; print which functions of ours as JSON."""
    found: list[Compiled] = []
    with noting_compilation(ended=found.append):
        units()[name]()
    print(json.dumps([f for f in found if f.name.startswith("kvopt.")]))


def _simulation() -> None:
    from kvopt.policies.batches import dp_kernel
    from kvopt.simulation import fast

    fast.warm_up()
    dp_kernel.warm_up()


def _hindsight() -> None:
    from kvopt.exact.few_types.online import warm_up

    warm_up()


def _adversary() -> None:
    from kvopt.adversary.search.references import warm_up

    warm_up()


def _exhaustive() -> None:
    from kvopt.adversary.exhaustive.worst import warm_up

    warm_up()
