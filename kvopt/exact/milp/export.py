"""The integer program as an LP or MPS file, for other solvers."""

from __future__ import annotations

import os
from pathlib import Path

from kvopt.exact.milp.model import build
from kvopt.exact.presolve.reduce import reduced
from kvopt.exact.time_index import too_large
from kvopt.exact.warm_start import best_starts
from kvopt.model import InputError, Instance, write_atomically

__all__ = ["export_model"]


def export_model(
    instance: Instance, path: str | os.PathLike[str], seed: int = 0
) -> None:
    """Write the integer program of ``instance`` as ``.lp`` or ``.mps``.

    Variable ``x_i_k`` is 1 iff request ``i`` starts at round ``k``. Its
    optimum is that of the instance: the horizon is computed, with a proof
    that no optimal schedule exceeds it. See
    :func:`kvopt.exact.milp.model.build`; the rows of level k that ``solve``
    adds for CBC and HiGHS are left out.

    Parameters
    ----------
    instance
        The instance.
    path
        Where to write; the suffix says the format.
    seed
        Seed for the random policies that bound the horizon.

    Raises
    ------
    InputError
        For another suffix, a path that cannot be written, or a program too
        large to write.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".lp", ".mps"):
        raise InputError(
            "must end in .lp or .mps", field="path", value=os.fspath(path)
        )
    task = reduced(instance, best_starts(instance, seed), 1, seed)
    problem = too_large(task)
    if problem:
        raise InputError(problem, where=instance.name)
    program = build(task).problem
    with write_atomically(path) as part:
        if suffix == ".lp":
            program.writeLP(str(part))
        else:
            program.writeMPS(str(part))
