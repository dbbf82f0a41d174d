"""``[[run]]``: what a sweep runs on every instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kvopt.model import InputError
from kvopt.sweep.fields import grid, naming, one_of, seeds, texts
from kvopt.sweep.kinds import KINDS
from kvopt.sweep.source import Source
from kvopt.sweep.task import SweepTask

__all__ = ["Computation", "computations"]


@dataclass(frozen=True)
class Computation:
    """A task without its instance."""

    kind: str
    subject: str
    parameters: dict[str, Any]
    seed: int

    def on(self, source: Source) -> SweepTask:
        """Return the task on an instance."""
        return SweepTask.of(
            self.kind, self.subject, source, self.parameters, self.seed
        )


def computations(table: Any, place: str) -> Iterator[Computation]:
    """Yield what one ``[[run]]`` table asks for, on each instance.

    ``params`` are parameters of the policies, as in ``name:a=1``, or of the
    dedicated search; all other keys but ``seeds`` are parameters of the kind.
    Lists are grids.

    Parameters
    ----------
    table
        What stands in the file.
    place
        Where the table is, for errors.
    """
    if not isinstance(table, dict):
        raise InputError("must be a table", field=place, value=table)
    fields = {kind.field: name for name, kind in KINDS.items()}
    field = one_of(table, tuple(fields), place)
    kind = fields[field]
    own = {
        key: value
        for key, value in table.items()
        if key not in (field, "seeds", "params")
    }
    params = table.get("params", {})
    if not isinstance(params, dict):
        raise InputError(
            "must be a table", field=f"{place}.params", value=params
        )
    for name in texts(table[field], f"{place}.{field}"):
        for choice in grid(params, f"{place}.params"):
            subject = name
            if KINDS[kind].text:
                subject, choice = _with_parameters(name, choice), {}
            theirs = {f"params.{key}": v for key, v in choice.items()}
            for parameters in ({**g, **theirs} for g in grid(own, place)):
                with naming(place, inside=True):
                    KINDS[kind].read(subject, parameters)
                    KINDS[kind].versions(subject)
                for seed in seeds(table.get("seeds", 0), f"{place}.seeds"):
                    yield Computation(kind, subject, parameters, seed)


def _with_parameters(name: str, choice: dict[str, Any]) -> str:
    if not choice:
        return name
    added = ",".join(f"{key}={value}" for key, value in choice.items())
    return f"{name}{',' if ':' in name else ':'}{added}"
