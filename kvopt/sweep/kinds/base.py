"""What a kind of computation is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kvopt.model import InputError, Instance
from kvopt.sweep.versions import versions_of

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
    modules
        Returns modules that are not of kvopt whose source decides the result
        of a subject; None if there are none.
    warm_up
        Loads, and compiles if this machine has not yet, what the tasks of a
        subject need. A worker calls it before the clock of the first of them
        starts: a limit is for work. None if that takes no time.
    text
        Whether subjects have parameters in their text, as in ``name:a=1``.
        Then the ``params`` of a ``[[run]]`` are added to it; else they are
        parameters of the kind, named ``params.a``.
    fresh
        Whether each task gets a process of its own, so that the memory that
        is measured is its own.
    """

    field: str
    read: Callable[[str, dict[str, Any]], tuple[str, dict[str, Any]]]
    run: Computation
    code: tuple[str, ...]
    packages: Callable[[str], tuple[str, ...]]
    modules: Callable[[str], tuple[str, ...]] | None = None
    warm_up: Callable[[str], None] | None = None
    text: bool = False
    fresh: bool = False

    def versions(self, subject: str) -> dict[str, str]:
        """Return the versions that enter the key of a task."""
        theirs = () if self.modules is None else self.modules(subject)
        return versions_of((*self.code, *theirs), self.packages(subject))


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
