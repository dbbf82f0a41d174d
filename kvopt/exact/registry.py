"""The solvers by name; asking about them imports none of their packages."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util

from kvopt.exact import brute_force
from kvopt.exact.cpsat import interval, time_indexed
from kvopt.exact.milp import cbc, highs
from kvopt.exact.search import backend as search
from kvopt.exact.session import Session
from kvopt.exact.task import Task
from kvopt.model import InputError, Instance

__all__ = [
    "AUTO",
    "Solver",
    "SolverInfo",
    "infos",
    "names",
    "package_versions",
    "resolve",
]


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


@dataclass(frozen=True)
class Solver:
    """A solver: its metadata, and the function that solves a task.

    Parameters
    ----------
    info
        Its metadata.
    run
        Reports to the session and returns in one sentence why it ended.
    levels
        Levels of the rows that its model has unless others are asked for, as
        measured (``docs/ingredients.md``); None if it has no such rows.
    """

    info: SolverInfo
    run: Callable[[Task, Session], str]
    levels: tuple[int, ...] | None = None


_SOLVERS = {
    solver.info.name: solver
    for solver in (
        Solver(
            SolverInfo(
                "cpsat",
                "CP-SAT, time-indexed",
                ("ortools",),
                "pip install ortools",
                "OR-Tools CP-SAT with a Boolean for each request and start",
            ),
            time_indexed.run,
            levels=(1,),
        ),
        Solver(
            SolverInfo(
                "highs",
                "HiGHS",
                ("pulp", "highspy"),
                "pip install 'kvopt[highs]'",
                "the time-indexed integer program of P1 (v4/v5) in HiGHS",
            ),
            highs.run,
            levels=(1,),
        ),
        Solver(
            SolverInfo(
                "cbc",
                "CBC",
                ("pulp",),
                "pip install pulp",
                "the time-indexed integer program of P1 (v4/v5) in the CBC "
                "that comes with PuLP; one thread",
            ),
            cbc.run,
            levels=(1,),
        ),
        Solver(
            SolverInfo(
                "cpsat-interval",
                "CP-SAT, intervals",
                ("ortools",),
                "pip install ortools",
                "OR-Tools CP-SAT with intervals and a cumulative resource; "
                "for comparison",
            ),
            interval.run,
            levels=(1, 2, 3),
        ),
        Solver(
            SolverInfo(
                "search",
                "dedicated search",
                (),
                "",
                "Lagrangian bound over a programme in reversed time, "
                "reduced-cost windows, label search, a population of "
                "schedules and walks",
            ),
            search.run,
        ),
        Solver(
            SolverInfo(
                "brute-force",
                "A* over rounds",
                (),
                "",
                "exact oracle in plain Python for up to "
                f"{brute_force.MAX_REQUESTS} requests; for tests",
            ),
            brute_force.run,
        ),
    )
}

# Up to here CP-SAT ends in about a second, without the compiled kernels that
# the search has to load; beyond, the search proves what the others leave open
# (benchmarks/results/exact.csv).
_AUTO_TERMS = 1_000

AUTO = SolverInfo(
    "auto",
    "the best for the instance",
    (),
    "",
    "cpsat (cbc without OR-Tools) where the time-indexed model is tiny, "
    "else search",
)


def names() -> tuple[str, ...]:
    """Names that ``solve`` accepts."""
    return (AUTO.name, *_SOLVERS)


def infos() -> tuple[SolverInfo, ...]:
    """Metadata of all solvers."""
    return (AUTO, *(solver.info for solver in _SOLVERS.values()))


def resolve(name: str, instance: Instance) -> Solver:
    """Return the solver that ``name`` stands for on ``instance``.

    Raises
    ------
    InputError
        For an unknown name, or a solver that is not installed.
    """
    if name not in names():
        raise InputError(
            f"unknown solver; known are {', '.join(names())}",
            field="solver",
            value=name,
        )
    solver = _SOLVERS[_auto(instance) if name == AUTO.name else name]
    missing = solver.info.missing()
    if missing:
        raise InputError(
            f"needs the package {', '.join(missing)}: {solver.info.install}",
            field="solver",
            value=solver.info.name,
        )
    return solver


def _auto(instance: Instance) -> str:
    """Return the name of the solver that ``auto`` is."""
    rounds = int(instance.output.sum())
    end = int(instance.arrival.max() - instance.arrival[0]) + rounds
    if rounds * end > _AUTO_TERMS:
        return "search"
    return "cpsat" if _SOLVERS["cpsat"].info.available() else "cbc"


def package_versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of Python, kvopt, numpy and ``packages``."""
    found = {"python": platform.python_version()}
    for package in ("kvopt", "numpy", *packages):
        found[package] = metadata.version(package)
    return found
