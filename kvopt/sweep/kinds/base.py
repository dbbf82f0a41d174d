"""What a kind of computation is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kvopt.model import InputError, Instance
from kvopt.sweep.versions import versions_of
from kvopt.workloads import library

__all__ = ["Computation", "Kind", "complete"]

# (instance, subject, parameters, seed) -> (result columns, measured columns).
# Plain JSON values. Results must be the same at every run; what is not, such
# as a runtime, is measured.
Computation = Callable[
    [Instance, str, Mapping[str, Any], int],
    tuple[dict[str, Any], dict[str, Any]],
]


@dataclass(frozen=True)
class Kind:
    """A kind of computation.

    Parameters
    ----------
    field
        Name of its subjects in a configuration: ``"policy"``.
    read
        Returns the normal form of a subject and all parameters, defaults
        included, or raises an InputError that names what is unknown.
    run
        The computation. It must come from a module that workers can import,
        and pass every schedule through :mod:`kvopt.check.gate`.
    code
        Modules and packages of ours whose source decides the result.
    packages
        Returns the distributions that a subject rests on.
    slow_start
        Whether the first run in a process loads or compiles for seconds. A
        worker then runs it once on an example, before the clock of the first
        task starts: a solver's time limit is for solving.
    fresh
        Whether each task gets a process of its own, so that the memory that
        is measured is its own.
    """

    field: str
    read: Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]
    run: Computation
    code: tuple[str, ...]
    packages: Callable[[str], tuple[str, ...]]
    slow_start: bool = False
    fresh: bool = False

    def versions(self, subject: str) -> dict[str, str]:
        """Return the versions that enter the key of a task."""
        return versions_of(self.code, self.packages(subject))

    def warm_up(self, subject: str) -> None:
        """Run once on an example, whatever comes of it."""
        _, defaults = self.read(subject, {})
        with contextlib.suppress(Exception):
            self.run(library.load("online-6"), subject, defaults, 0)


def complete(
    given: Mapping[str, Any], defaults: Mapping[str, Any], kind: str
) -> dict[str, Any]:
    """Return ``given`` with the defaults of what is left out.

    Parameters
    ----------
    given
        The parameters that were given.
    defaults
        All parameters, with their defaults.
    kind
        What an error calls the kind of task.

    Raises
    ------
    InputError
        For a name that has no default.
    """
    for key, value in given.items():
        if key not in defaults:
            known = ", ".join(defaults) or "none"
            raise InputError(
                f"unknown parameter of {kind}; known are {known}",
                field=key,
                value=value,
            )
    return {**defaults, **given}
