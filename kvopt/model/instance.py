"""Instances: what has to be scheduled. Immutable, validated, hashable."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvopt.model.errors import InputError
from kvopt.model.pictures import lengths_picture
from kvopt.model.showing import Fact, Shown, spread_text

__all__ = [
    "MAX_ROUND",
    "MAX_SIZE",
    "MAX_STOP",
    "Instance",
    "IntArray",
    "Predictions",
    "Request",
]

IntArray = NDArray[np.int64]

# Keeps one request's volume s*o + o*(o+1)/2 inside int64.
MAX_SIZE = 10**9
MAX_ROUND = 10**12
# No run of a schedule ends later: above MAX_ROUND plus the outputs of nearly
# ten million requests, one after the other.
MAX_STOP = 10**16
# Requests whose text is hashed at once, so that it need not all be in memory.
_HASHED = 10_000


class Request(NamedTuple):
    """One request: arrival round ``a``, prompt ``s``, output ``o``."""

    arrival: int
    prompt: int
    output: int


@dataclass(frozen=True, eq=False)
class Predictions:
    """What is predicted of the output lengths.

    Parameters
    ----------
    lower, upper
        Interval ``[l_i, u_i]`` of each request, shape ``(n,)``, in tokens.
        Both are given or neither is.
    point
        Point prediction of each request, shape ``(n,)``, in tokens.

    Notes
    -----
    A prediction may be wrong: neither ``l_i <= o_i <= u_i`` nor
    ``point_i >= o_i`` is required here. The policies that need either say so.
    """

    lower: IntArray | None = None
    upper: IntArray | None = None
    point: IntArray | None = None

    def __post_init__(self) -> None:
        for name in ("lower", "upper", "point"):
            values = getattr(self, name)
            if values is not None:
                vector = int_vector(values, name, minimum=1, maximum=MAX_SIZE)
                object.__setattr__(self, name, vector)
        if (self.lower is None) != (self.upper is None):
            missing = "lower" if self.lower is None else "upper"
            raise InputError(
                "an interval needs both ends", field=missing, value=None
            )
        if self.lower is not None and self.upper is not None:
            if self.lower.shape != self.upper.shape:
                raise InputError(
                    f"has not the length of upper, {self.upper.size}",
                    field="lower",
                    value=f"{self.lower.size} values",
                )
            above = np.flatnonzero(self.lower > self.upper)
            if above.size:
                i = int(above[0])
                raise InputError(
                    f"must not exceed upper = {int(self.upper[i])}",
                    field=f"requests[{i}].lower",
                    value=int(self.lower[i]),
                )

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the predictions that are present."""
        names = ("lower", "upper", "point")
        return tuple(k for k in names if getattr(self, k) is not None)


@dataclass(frozen=True, eq=False)
class Instance(Shown):
    """A scheduling instance for one worker.

    Parameters
    ----------
    memory
        KV-cache capacity ``M`` of the worker, in units (tokens).
    arrival, prompt, output
        Arrival round ``a_i``, prompt length ``s_i >= 0`` and output length
        ``o_i >= 1`` of every request, shape ``(n,)``. Requests are listed in
        order of arrival. ``s_i + o_i <= M`` is required, else the request
        could never finish.
    predictions
        Optional :class:`Predictions` with ``n`` values each.
    name, source
        Free text: what the instance is called, and what made it.

    Raises
    ------
    InputError
        Naming the field and the value that break one of these rules.

    Notes
    -----
    Two instances are equal when memory, requests and predictions are:
    ``name`` and ``source`` do not count, nor do they enter :attr:`hash`.
    """

    memory: int
    arrival: IntArray
    prompt: IntArray
    output: IntArray
    predictions: Predictions | None = None
    name: str = field(default="")
    source: str = field(default="")

    def __post_init__(self) -> None:
        memory = whole_number(self.memory, "memory", 1, MAX_SIZE)
        arrival = int_vector(self.arrival, "arrival", 0, MAX_ROUND)
        prompt = int_vector(self.prompt, "prompt", 0, MAX_SIZE)
        output = int_vector(self.output, "output", 1, MAX_SIZE)
        if arrival.size == 0:
            raise InputError(
                "an instance needs at least one request",
                field="requests",
                value=[],
            )
        for name, vector in (("prompt", prompt), ("output", output)):
            if vector.size != arrival.size:
                raise InputError(
                    f"has not the length of arrival, {arrival.size}",
                    field=name,
                    value=f"{vector.size} values",
                )
        back = arrival[1:] < arrival[:-1]
        if back.any():
            i = int(back.argmax()) + 1
            raise InputError(
                "requests must be in order of arrival; the one before "
                f"arrives at {int(arrival[i - 1])}",
                field=f"requests[{i}].arrival",
                value=int(arrival[i]),
            )
        over = prompt + output > memory
        if over.any():
            i = int(over.argmax())
            raise InputError(
                f"prompt + output must not exceed memory = {memory}",
                field=f"requests[{i}].prompt + output",
                value=int(prompt[i] + output[i]),
            )
        if self.predictions is not None:
            if not self.predictions.kinds:
                object.__setattr__(self, "predictions", None)
            else:
                self._check_predictions(self.predictions, arrival.size)
        object.__setattr__(self, "memory", memory)
        object.__setattr__(self, "arrival", arrival)
        object.__setattr__(self, "prompt", prompt)
        object.__setattr__(self, "output", output)

    @staticmethod
    def _check_predictions(predictions: Predictions, n: int) -> None:
        for kind in predictions.kinds:
            size = getattr(predictions, kind).size
            if size != n:
                raise InputError(
                    f"has not the number of requests, {n}",
                    field=f"predictions.{kind}",
                    value=f"{size} values",
                )

    @classmethod
    def of(
        cls,
        memory: int,
        requests: Iterable[tuple[int, int, int]],
        **kwargs: Any,
    ) -> Instance:
        """Build an instance from ``(arrival, prompt, output)`` triples.

        Requests are kept in the order given; see :class:`Instance`.
        """
        rows = list(requests)
        columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
        arrival, prompt, output = (list(column) for column in columns)
        return cls(memory, arrival, prompt, output, **kwargs)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return int(self.arrival.size)

    def __iter__(self) -> Iterator[Request]:
        rows = zip(
            self.arrival.tolist(),
            self.prompt.tolist(),
            self.output.tolist(),
            strict=True,
        )
        return (Request(*row) for row in rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance):
            return NotImplemented
        return self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def summary(self) -> list[Fact]:
        """Return what a person wants to know of an instance first."""
        first, last = int(self.arrival[0]), int(self.arrival[-1])
        return [
            ("name", self.name or None),
            ("requests", len(self)),
            ("memory", self.memory),
            ("arrivals", f"{first:,} .. {last:,}"),
            ("prompts", spread_text(self.prompt)),
            ("outputs", spread_text(self.output)),
            ("source", self.source or None),
            ("hash", self.hash),
        ]

    def picture(self) -> str:
        """Return outputs by prompts."""
        return lengths_picture(self.prompt, self.output)

    @cached_property
    def peak(self) -> IntArray:
        """Memory of each request in its last round, ``s_i + o_i``."""
        return _frozen(self.prompt + self.output)

    @cached_property
    def volume(self) -> IntArray:
        """Memory-time area ``s_i*o_i + o_i*(o_i+1)/2`` of one full run."""
        o = self.output
        return _frozen(self.prompt * o + o * (o + 1) // 2)

    @cached_property
    def hash(self) -> str:
        """Content hash ``"sha256:..."`` of memory, requests and predictions.

        SHA-256 of the instance document reduced to ``format``, ``memory`` and
        ``requests``, written as JSON with sorted keys and no spaces.
        """
        columns = dict(sorted(self.columns().items()))
        cells = ",".join(f'"{name}":%d' for name in columns)
        row = "{" + cells + "}"
        digest = hashlib.sha256(
            f'{{"format":"kvopt-instance/1","memory":{self.memory},'
            '"requests":['.encode()
        )
        rows = zip(*columns.values(), strict=True)
        comma = ""
        while some := ",".join(map(row.__mod__, islice(rows, _HASHED))):
            digest.update((comma + some).encode())
            comma = ","
        digest.update(b"]}")
        return "sha256:" + digest.hexdigest()

    def columns(self) -> dict[str, list[int]]:
        """Return the requests as columns of plain integers, by field.

        The fields are those of a request in :meth:`document`.
        """
        columns: dict[str, list[int]] = {
            "arrival": self.arrival.tolist(),
            "prompt": self.prompt.tolist(),
            "output": self.output.tolist(),
        }
        if self.predictions is not None:
            for kind in self.predictions.kinds:
                key = "predicted" if kind == "point" else kind
                columns[key] = getattr(self.predictions, kind).tolist()
        return columns

    def document(self) -> dict[str, Any]:
        """Return the ``kvopt-instance/1`` document of this instance."""
        columns = self.columns()
        keys = list(columns)
        rows = zip(*columns.values(), strict=True)
        document: dict[str, Any] = {"format": "kvopt-instance/1"}
        if self.name:
            document["name"] = self.name
        document["memory"] = self.memory
        if self.source:
            document["source"] = self.source
        document["requests"] = [dict(zip(keys, r, strict=True)) for r in rows]
        return document


def whole_number(value: Any, name: str, minimum: int, maximum: int) -> int:
    """Return ``value`` as an int within the limits, or raise InputError.

    Parameters
    ----------
    value
        What was given.
    name
        Name of the field that an error names.
    minimum, maximum
        The limits, both included.
    """
    integral = isinstance(value, int | np.integer)
    if not integral or isinstance(value, bool | np.bool_):
        raise InputError("must be an integer", field=name, value=value)
    if not minimum <= int(value) <= maximum:
        raise InputError(
            f"must be at least {minimum} and at most {maximum}",
            field=name,
            value=int(value),
        )
    return int(value)


def real_number(
    value: Any, name: str, minimum: float, maximum: float
) -> float:
    """Return ``value`` as a float within the limits, or raise InputError.

    Parameters
    ----------
    value
        What was given.
    name
        Name of the field that an error names.
    minimum, maximum
        The limits, both included.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or (isinstance(value, float) and not math.isfinite(value)):
        raise InputError("must be a number", field=name, value=value)
    if not minimum <= value <= maximum:
        raise InputError(
            f"must be at least {minimum:g} and at most {maximum:g}",
            field=name,
            value=value,
        )
    return float(value)


def int_vector(
    values: ArrayLike, name: str, minimum: int, maximum: int
) -> IntArray:
    """Return ``values`` as read-only ``int64``, shape ``(n,)``.

    A copy, unless nobody can write to ``values``: fresh memory for a million
    numbers costs more than a look at them. Floats are refused even when they
    are whole: a length that was computed as a float deserves a look before it
    is rounded.

    Parameters
    ----------
    values
        Integers, in a list or an array of one dimension.
    name
        Name of the field that an error names.
    minimum, maximum
        The limits of each value, both included.
    """
    array = np.asarray(values) if _is_frozen(values) else np.array(values)
    if array.ndim != 1:
        raise InputError("must be a flat list", field=name, value=values)
    if array.size == 0:
        return _frozen(np.zeros(0, dtype=np.int64))
    if array.dtype.kind not in "iu":
        items = list(values) if isinstance(values, list | tuple) else array
        for i, item in enumerate(items):
            whole_number(item, f"requests[{i}].{name}", minimum, maximum)
        array = np.array(items, dtype=np.int64)
    if array.min() < minimum or array.max() > maximum:
        i = int(((array < minimum) | (array > maximum)).argmax())
        whole_number(array[i], f"requests[{i}].{name}", minimum, maximum)
    return _frozen(array.astype(np.int64, copy=False))


def _is_frozen(values: ArrayLike) -> bool:
    """Return whether it is an array to whose memory nobody can write."""
    inner: Any = values
    while isinstance(inner, np.ndarray) and not inner.flags.writeable:
        inner = inner.base
    return inner is None and values is not None


def _frozen(array: IntArray) -> IntArray:
    array.setflags(write=False)
    return array
