"""The solvers by name; asking about them imports none of their packages."""

from __future__ import annotations

from collections.abc import Mapping

from kvopt.exact import brute_force
from kvopt.exact.cpsat import interval, time_indexed
from kvopt.exact.cpsat import solver as cpsat
from kvopt.exact.few_types.batch import check_present
from kvopt.exact.info import OPTIONS, Solver, SolverInfo
from kvopt.exact.large import backend as large
from kvopt.exact.milp import cbc, highs
from kvopt.exact.milp import model as program
from kvopt.exact.search import backend as search
from kvopt.exact.semi_online import backend as semi_online
from kvopt.model import InputError, Instance

__all__ = ["AUTO", "compiled_solvers", "infos", "named", "names", "resolve"]


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
            cpsat.warm_up,
            options=frozenset({"workers", "levels"}),
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
            highs.warm_up,
            options=frozenset({"workers", "levels"}),
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
            program.warm_up,
            options=frozenset({"levels"}),
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
            cpsat.warm_up,
            options=frozenset({"workers", "levels"}),
            levels=(1, 2, 3),
        ),
        Solver(
            SolverInfo(
                "search",
                "dedicated search",
                (),
                "",
                "Lagrangian bound over a dynamic program in reversed time, "
                "reduced-cost fixing, label search, a population of "
                "schedules and large-neighbourhood search by labels",
            ),
            search.run,
            search.warm_up,
            compiled=True,
            options=frozenset({"workers", "memory_limit", "params"}),
        ),
        Solver(
            SolverInfo(
                "large",
                "annealing for many requests",
                (),
                "",
                "policies, then annealing with the exact look-ahead in "
                "several threads; hundreds to a hundred thousand requests; "
                "the bound is the certificate's",
            ),
            large.run,
            large.warm_up,
            compiled=True,
            options=frozenset({"workers", "memory_limit"}),
            presolve=False,
        ),
        Solver(
            SolverInfo(
                "semi-online",
                "few types, all at 0",
                (),
                "",
                "all requests at 0; optimal in special cases and, by a "
                "dynamic program polynomial in n, for few types; else the "
                "best of four policies, improved, with a guarantee; one "
                "thread",
            ),
            semi_online.run,
            semi_online.warm_up,
            compiled=True,
            options=frozenset({"memory_limit"}),
            presolve=False,
            check=check_present,
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
            brute_force.warm_up,
        ),
    )
}

# Up to here CP-SAT ends in about a second, without the compiled kernels that
# the search has to load; beyond, the search proves what the others leave open
# (benchmarks/results/exact.csv).
_AUTO_TERMS = 1_000
# In order of preference for tiny instances; and what others get.
_AUTO_CHOICE = ("cpsat", "cbc", "search", "large")
_AUTO_SEARCH, _AUTO_MANY = "search", "large"
# From so many requests on annealing gives the better schedules and the search
# improves nothing in a minute.
_MANY = 200

AUTO = SolverInfo(
    "auto",
    "the best for the instance",
    (),
    "",
    "cpsat (cbc without OR-Tools) where the time-indexed model is tiny, "
    f"large from {_MANY} requests on, else search",
)


def names() -> tuple[str, ...]:
    """Names that ``solve`` accepts."""
    return (AUTO.name, *_SOLVERS)


def infos() -> tuple[SolverInfo, ...]:
    """Metadata of all solvers."""
    return (AUTO, *(solver.info for solver in _SOLVERS.values()))


def compiled_solvers() -> tuple[Solver, ...]:
    """Return the solvers that numba compiles."""
    return tuple(s for s in _SOLVERS.values() if s.compiled)


def named(name: str, asked: Mapping[str, object]) -> tuple[Solver, ...]:
    """Return the solvers that ``name`` may stand for, on some instance.

    Parameters
    ----------
    name
        One of :func:`names`.
    asked
        Value of each option that was given; see
        :data:`~kvopt.exact.info.OPTIONS`.

    Raises
    ------
    InputError
        For an unknown name, a solver that is not installed, and an option
        that it does not have.
    """
    if name not in names():
        raise InputError(
            f"unknown solver; known are {', '.join(names())}",
            field="solver",
            value=name,
        )
    if name == AUTO.name:
        able = tuple(
            solver
            for solver in map(_SOLVERS.get, _AUTO_CHOICE)
            if solver is not None
            and solver.info.available()
            and solver.options.issuperset(asked)
        )
        if not able:
            raise InputError(
                f"no solver of auto has {' and '.join(asked)}",
                field="solver",
                value=name,
            )
        return able
    solver = _SOLVERS[name]
    missing = solver.info.missing()
    if missing:
        raise InputError(
            f"needs the package {', '.join(missing)}: {solver.info.install}",
            field="solver",
            value=name,
        )
    for option, value in asked.items():
        if option not in solver.options:
            raise InputError(
                f"{name} {OPTIONS[option]}", field=option, value=value
            )
    return (solver,)


def resolve(
    name: str, instance: Instance, asked: Mapping[str, object]
) -> Solver:
    """Return the solver that ``name`` stands for on ``instance``.

    Parameters
    ----------
    name
        A name of :func:`names`.
    instance
        What is to be solved; ``"auto"`` depends on its size.
    asked
        Value of each option that was given, by its name.

    Raises
    ------
    InputError
        As :func:`named`, and for an instance that the solver is not for.
    """
    able = named(name, asked)
    if name != AUTO.name:
        able[0].check(instance)
    if name != AUTO.name or _tiny(instance):
        return able[0]
    choice = _AUTO_MANY if len(instance) >= _MANY else _AUTO_SEARCH
    return next((s for s in able if s.info.name == choice), able[0])


def _tiny(instance: Instance) -> bool:
    """Whether the time-indexed model is so small that nothing is faster."""
    rounds = int(instance.output.sum())
    end = int(instance.arrival.max() - instance.arrival[0]) + rounds
    return rounds * end <= _AUTO_TERMS
