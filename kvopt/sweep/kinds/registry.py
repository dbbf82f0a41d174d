"""The kinds by name."""

from __future__ import annotations

from importlib import import_module

from kvopt.model import InputError
from kvopt.sweep.kinds.base import Kind
from kvopt.sweep.kinds.bound import BOUND
from kvopt.sweep.kinds.simulate import SIMULATE
from kvopt.sweep.kinds.solve import SOLVE

__all__ = ["KINDS", "kind_called"]

KINDS = {"simulate": SIMULATE, "solve": SOLVE, "bound": BOUND}


def kind_called(name: str) -> Kind:
    """Return the kind ``name``, or the one at ``"package.module:NAME"``.

    The second form lets a room downstream, or a script, bring kinds of its
    own: a worker imports the module.

    Raises
    ------
    InputError
        Naming the known kinds.
    """
    if name in KINDS:
        return KINDS[name]
    module, colon, attribute = name.partition(":")
    if colon:
        try:
            found = getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise InputError(
                f"cannot be loaded: {error}", field="kind", value=name
            ) from None
        if isinstance(found, Kind):
            return found
    raise InputError(
        f"unknown kind; known are {', '.join(KINDS)}, and 'module:NAME'",
        field="kind",
        value=name,
    )
