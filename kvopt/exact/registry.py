"""The solvers by name; asking about them imports none of their packages."""

from __future__ import annotations

from kvopt.exact import brute_force
from kvopt.exact.cpsat import interval, time_indexed
from kvopt.exact.info import Solver, SolverInfo
from kvopt.exact.milp import cbc, highs
from kvopt.exact.search import backend as search
from kvopt.model import InputError, Instance

__all__ = ["AUTO", "infos", "names", "resolve"]


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
