"""Schedules: when each request ran. Immutable; no judgement of feasibility."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.errors import InputError
from kvopt.model.instance import (
    MAX_ROUND,
    MAX_STOP,
    Instance,
    IntArray,
    int_vector,
    whole_number,
)
from kvopt.model.pictures import runs_picture
from kvopt.model.serving import PLAIN, ServingRules
from kvopt.model.showing import Fact, Shown

__all__ = ["Run", "Schedule"]


class Run(NamedTuple):
    """One run of a request, active in rounds ``start+1 .. stop``.

    A run that was cancelled has ``completed`` false; its progress is lost.
    """

    request: int
    start: int
    stop: int
    completed: bool


@dataclass(frozen=True, eq=False, init=False)
class Schedule(Shown):
    """Every run of every request, ordered by start round, then request.

    Parameters
    ----------
    runs
        The runs, in any order. A feasible schedule has exactly one completed
        run a request, after its cancelled ones; that is for
        :func:`kvopt.verify` to find out, not for this class.
    serving
        The rules of the server by which they ran.

    Notes
    -----
    Stored as four read-only arrays of shape ``(number of runs,)``:
    ``request``, ``start``, ``stop`` (``int64``) and ``completed`` (``bool``).
    """

    request: IntArray
    start: IntArray
    stop: IntArray
    completed: NDArray[np.bool_]
    serving: ServingRules

    def __init__(
        self,
        runs: Iterable[Run | tuple[int, int, int, bool]],
        serving: ServingRules = PLAIN,
    ):
        rows = list(runs)
        columns = list(zip(*rows, strict=True)) if rows else [()] * 4
        self._fill(*(list(column) for column in columns), serving=serving)

    def _fill(
        self,
        request: Any,
        start: Any,
        stop: Any,
        completed: Any,
        *,
        serving: ServingRules,
    ):
        columns = {
            "request": int_vector(request, "request", 0, MAX_ROUND),
            "start": int_vector(start, "start", 0, MAX_STOP),
            "stop": int_vector(stop, "stop", 0, MAX_STOP),
        }
        done = np.array(completed, dtype=bool)
        if not _in_order(columns["request"], columns["start"]):
            order = np.lexsort((columns["request"], columns["start"]))
            columns = {name: v[order] for name, v in columns.items()}
            done = done[order]
        for name, vector in columns.items():
            vector.setflags(write=False)
            object.__setattr__(self, name, vector)
        done.setflags(write=False)
        object.__setattr__(self, "completed", done)
        object.__setattr__(self, "serving", serving)

    @classmethod
    def from_arrays(
        cls,
        request: Any,
        start: Any,
        stop: Any,
        completed: Any,
        serving: ServingRules = PLAIN,
    ) -> Schedule:
        """Build a schedule from four columns of equal length.

        Parameters
        ----------
        request
            Request number of each run, shape ``(k,)``.
        start, stop
            Start round and last active round of each run, shape
            ``(k,)``.
        completed
            Whether each run was completed; the others were
            cancelled.
        serving
            The rules of the server.
        """
        schedule = cls.__new__(cls)
        schedule._fill(request, start, stop, completed, serving=serving)
        return schedule

    @classmethod
    def from_starts(
        cls, instance: Instance, starts: Sequence[int]
    ) -> Schedule:
        """One full run a request, request ``i`` from ``starts[i]``."""
        start = int_vector(starts, "start", 0, MAX_STOP)
        if start.size != len(instance):
            raise InputError(
                f"needs one start a request, {len(instance)}",
                field="starts",
                value=f"{start.size} values",
            )
        n = len(instance)
        return cls.from_arrays(
            np.arange(n), start, start + instance.output, np.ones(n, bool)
        )

    def __len__(self) -> int:
        return int(self.request.size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schedule):
            return NotImplemented
        names = ("request", "start", "stop", "completed")
        return self.serving == other.serving and all(
            np.array_equal(getattr(self, k), getattr(other, k)) for k in names
        )

    def __hash__(self) -> int:
        return hash((self.request.tobytes(), self.start.tobytes()))

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs as tuples of plain Python numbers."""
        rows = zip(*self.columns().values(), strict=True)
        return tuple(Run(*row) for row in rows)

    def columns(self) -> dict[str, list[Any]]:
        """Return the runs as columns of plain numbers, by start round."""
        return {name: getattr(self, name).tolist() for name in Run._fields}

    def rules(self) -> dict[str, Any] | None:
        """Return the rules of the server; None where they are the papers'."""
        return None if self.serving.plain else self.serving.document()

    def starts(self, instance: Instance) -> IntArray:
        """Start round ``p_i`` of each request's completed run, shape ``(n,)``.

        Raises
        ------
        InputError
            When some request has no completed run, or more than one.
        """
        return self._of_completed(instance, self.start)

    def completions(self, instance: Instance) -> IntArray:
        """Completion round ``c_i`` of each request, shape ``(n,)``.

        Raises
        ------
        InputError
            When some request has no completed run, or more than one: there
            is no latency to report then.
        """
        return self._of_completed(instance, self.stop)

    def latencies(self, instance: Instance) -> IntArray:
        """End-to-end latency ``c_i - a_i`` of each request, shape ``(n,)``."""
        return self.completions(instance) - instance.arrival

    def total_latency(self, instance: Instance) -> int:
        """Total end-to-end latency ``TEL = sum(c_i - a_i)``, in rounds."""
        # In Python integers: the sum may exceed those of 64 bits.
        return sum(self.latencies(instance).tolist())

    @cached_property
    def makespan(self) -> int:
        """Last round in which anything runs; 0 for an empty schedule."""
        return int(self.stop.max(initial=0))

    def _of_completed(self, instance: Instance, column: IntArray) -> IntArray:
        n = len(instance)
        who = self.request[self.completed]
        if who.size and int(who.max()) >= n:
            raise InputError(
                f"the instance has {n} requests, numbered from 0",
                field="runs[].request",
                value=int(who.max()),
            )
        counts = np.bincount(who, minlength=n)
        wrong = np.flatnonzero(counts != 1)
        if wrong.size:
            i = int(wrong[0])
            raise InputError(
                "needs exactly one completed run for a latency",
                field=f"completed runs of request {i}",
                value=int(counts[i]),
            )
        values = np.empty(n, dtype=np.int64)
        values[who] = column[self.completed]
        return values

    def summary(self) -> list[Fact]:
        """Return how many runs there are, and when the last one ends."""
        return [
            ("runs", len(self)),
            ("completed", int(self.completed.sum())),
            ("cancelled", int((~self.completed).sum())),
            ("makespan", self.makespan),
        ]

    def picture(self) -> str:
        """Return when each request runs."""
        return runs_picture(self)

    def document(self, instance: Instance) -> dict[str, Any]:
        """Return the ``kvopt-schedule/1`` document, bound to ``instance``."""
        document: dict[str, Any] = {
            "format": "kvopt-schedule/1",
            "instance": instance.hash,
        }
        rules = self.rules()
        if rules is not None:
            document["serving"] = rules
        document["runs"] = [run._asdict() for run in self.runs]
        return document


def _in_order(request: IntArray, start: IntArray) -> bool:
    """Return whether runs are by start round, then request."""
    later = start[1:] > start[:-1]
    same = start[1:] == start[:-1]
    return bool((later | (same & (request[1:] >= request[:-1]))).all())


def run_from_document(row: Any, index: int) -> Run:
    """Read one run of a ``kvopt-schedule/1`` document."""
    name = f"runs[{index}]"
    if not isinstance(row, dict):
        raise InputError("must be an object", field=name, value=row)
    for key in row:
        if key not in Run._fields:
            raise InputError(
                "unknown field", field=f"{name}.{key}", value=row[key]
            )
    for key in Run._fields:
        if key not in row:
            raise InputError("missing", field=f"{name}.{key}", value=None)
    if not isinstance(row["completed"], bool):
        raise InputError(
            "must be true or false",
            field=f"{name}.completed",
            value=row["completed"],
        )
    limits = {"request": MAX_ROUND, "start": MAX_STOP, "stop": MAX_STOP}
    whole = {
        key: whole_number(row[key], f"{name}.{key}", 0, limit)
        for key, limit in limits.items()
    }
    return Run(**whole, completed=row["completed"])
