"""What a solver is: its metadata, and the function that solves a task."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util

from kvopt.exact.control.session import Session
from kvopt.exact.task import SolverTask
from kvopt.model import Instance

__all__ = ["OPTIONS", "Solver", "SolverInfo", "package_versions"]


@dataclass(frozen=True)
class SolverInfo:
    """Metadata of a solver, shown by ``kvopt solvers``.

    Parameters
    ----------
    name, title
        Name in the registry, and what it is called.
    packages
        Packages that it needs beside those kvopt always has, under their
        import names.
    install
        The command that installs them; "" if there are none.
    summary
        What it is and what it is good for, in one sentence.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    install: str
    summary: str

    def missing(self) -> tuple[str, ...]:
        """Packages that are not installed."""
        return tuple(p for p in self.packages if not util.find_spec(p))

    def available(self) -> bool:
        """Whether all packages are installed."""
        return not self.missing()

    def version(self) -> str:
        """Versions of its packages, such as ``"pulp 3.3, highspy 1.14"``."""
        installed = [p for p in self.packages if p not in self.missing()]
        return ", ".join(f"{p} {metadata.version(p)}" for p in installed)


# What may be asked of a solver beside its seed and a time limit, by the name
# of the argument of ``solve``, and what is said of one that has it not.
OPTIONS = {
    "workers": "runs one thread",
    "memory_limit": "has no memory limit",
    "levels": "has no rows of level k",
    "params": "has no search parameters",
}


@dataclass(frozen=True)
class Solver:
    """A solver: its metadata, and the function that solves a task.

    Parameters
    ----------
    info
        Its metadata.
    run
        Reports to the session and returns in one sentence why it ended.
    warm_up
        Loads, and compiles if this machine has not yet, all that ``run``
        needs. It is called before the clock starts.
    compiled
        Whether numba is part of that.
    options
        The :data:`OPTIONS` that it has.
    levels
        Levels of the rows that its model has unless others are asked for, as
        measured (``docs/ingredients.md``).
    presolve
        Whether the policies run first and the task is reduced for it; else
        it is given the instance as it stands, and a schedule that runs one
        request at a time, or the one to start from.
    check
        Raises InputError for an instance that it is not for. It is called
        before anything is loaded or compiled.
    """

    info: SolverInfo
    run: Callable[[SolverTask, Session], str]
    warm_up: Callable[[], None]
    compiled: bool = False
    options: frozenset[str] = frozenset()
    levels: tuple[int, ...] = ()
    presolve: bool = True
    check: Callable[[Instance], None] = lambda instance: None


def package_versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of Python, kvopt, numpy and ``packages``."""
    found = {"python": platform.python_version()}
    for package in ("kvopt", "numpy", *packages):
        found[package] = metadata.version(package)
    return found
