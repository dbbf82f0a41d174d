"""Clocks: how long an iteration takes. Exact: all times are integers.

A policy decides in rounds, one round is one iteration of the worker, and a
clock says how long it takes. Times are counted in ticks, so that two engines
that add the same iterations in another order agree to the last digit. The
model is described in docs/clocks.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from kvopt.model import InputError, Instance
from kvopt.model.instance import IntArray, whole_number

__all__ = [
    "CLOCKS",
    "LATEST",
    "PRESETS",
    "SECOND",
    "UNIT_ROUNDS",
    "AffineClock",
    "Clock",
    "UnitRounds",
    "clock_spec",
    "parse_clock",
    "with_arrival_unit",
]

# Ticks in a second: picoseconds, since reading one token of KV cache takes
# some 10**-7 s.
SECOND = 10**12
MILLISECOND = 10**9
MICROSECOND = 10**6
# No time may be later (53 days), and no coefficient longer than an hour.
LATEST = 2**62
_LONGEST = 3600 * SECOND


@dataclass(frozen=True)
class UnitRounds:
    """Every round takes one unit of time: the model of P1 to P4.

    ``Instance.arrival`` is in rounds, and idle time counts as rounds.
    """

    @property
    def arrival_unit(self) -> int:
        """Ticks that one unit of ``Instance.arrival`` stands for."""
        return 1

    @property
    def measures(self) -> bool:
        """Whether it measures seconds: no, it counts rounds."""
        return False

    def due(self, instance: Instance) -> IntArray:
        """Return the time of each arrival, in rounds, shape ``(n,)``."""
        return instance.arrival

    def iteration(
        self, batch: int, tokens: int, prefill: int = 0, fresh: int = 0
    ) -> int:
        """Return the ticks that an iteration takes: one.

        Parameters
        ----------
        batch
            Number of requests in it.
        tokens
            Units of KV cache that they hold at its end.
        prefill
            Prompt tokens of those in their first iteration.
        fresh
            Number of those.
        """
        return 1

    def first_token(
        self, batch: int, tokens: int, prefill: int, fresh: int
    ) -> int:
        """Return the ticks until the first tokens are there: one.

        Parameters
        ----------
        batch
            Number of requests in it.
        tokens
            Units of KV cache that they hold at its end.
        prefill
            Prompt tokens of those in their first iteration.
        fresh
            Number of those.
        """
        return 1


@dataclass(frozen=True)
class AffineClock:
    """Iteration time ``d0 + d1*b + d2*K + prefill*max(0, N - free)``.

    ``b`` requests are in the batch and hold ``K`` units of KV cache at the
    end of the iteration; ``N`` is the number of prompt tokens of those that
    are in their first iteration. If there are any, the last term is at least
    ``floor``.

    Parameters
    ----------
    d0
        Ticks of an iteration, whatever it holds; at least 1.
    d1, d2
        Ticks a request, and a unit of KV cache in use.
    prefill, free
        Ticks a prompt token beyond the first ``free`` tokens of an
        iteration: up to there reading the weights takes longer than the
        arithmetic, so the time is flat.
    alone
        Whether the prompts of a round are computed in an iteration of their
        own, before that in which the others compute a token: what vLLM does
        without chunks, in the simulation of Vidur. A round in which some
        requests are in their first iteration, and others not, then takes
        ``d0`` twice, and the first tokens are there after the first part.
    arrival_unit
        Ticks that one unit of ``Instance.arrival`` stands for; a microsecond
        by default.
    floor
        Least ticks by which prompts make an iteration longer, however short
        they are.

    Raises
    ------
    InputError
        For a negative or fractional number of ticks.

    Notes
    -----
    ``d0 + d1*b + d2*K`` with ``d1 = 0`` is the model of P5 (arXiv
    2504.11320), whose batch takes ``d0 + d1 * sum(l + s)``.
    """

    d0: int
    d1: int = 0
    d2: int = 0
    prefill: int = 0
    free: int = 0
    alone: bool = False
    arrival_unit: int = MICROSECOND
    floor: int = 0

    def __post_init__(self) -> None:
        counts = ("d0", "d1", "d2", "prefill", "free", "arrival_unit", "floor")
        for name in counts:
            least = 1 if name in ("d0", "arrival_unit") else 0
            value = getattr(self, name)
            whole_number(value, f"clock.{name}", least, _LONGEST)
        if not isinstance(self.alone, bool):
            raise InputError(
                "must be true or false", field="clock.alone", value=self.alone
            )

    @property
    def measures(self) -> bool:
        """Whether it measures seconds: yes, and idle time is no round."""
        return True

    @classmethod
    def of_ms(
        cls,
        d0: float,
        d1: float = 0,
        d2: float = 0,
        prefill: float = 0,
        free: int = 0,
        *,
        alone: bool = False,
        floor: float = 0,
    ) -> AffineClock:
        """Return the clock with coefficients in milliseconds.

        They are taken as they are written in decimals and rounded to ticks.

        Parameters
        ----------
        d0
            Time of any iteration, in ms.
        d1
            Time for each request in it, in ms.
        d2
            Time for each unit of KV cache, in ms.
        prefill
            Time for each prompt token, in ms.
        free
            Prompt tokens of an iteration that take no time.
        alone
            Whether the prompts of a round have an iteration of their own.
        floor
            Least time by which prompts make an iteration longer, in ms.

        Raises
        ------
        InputError
            For a number that is negative, not finite, longer than an hour,
            or so small that it would be rounded to nothing.
        """
        given = {"d0": d0, "d1": d1, "d2": d2}
        given |= {"prefill": prefill, "floor": floor}
        return cls(
            **{name: _ticks(value, name) for name, value in given.items()},
            free=free,
            alone=alone,
        )

    def iteration(
        self, batch: int, tokens: int, prefill: int = 0, fresh: int = 0
    ) -> int:
        """Return the ticks that an iteration takes.

        Parameters
        ----------
        batch
            Number of requests in it, ``b``.
        tokens
            Units of KV cache that they hold at its end, ``K``.
        prefill
            Prompt tokens of the requests in their first iteration, ``N``.
        fresh
            Number of requests in their first iteration.
        """
        parts = 1 + (self.alone and 0 < fresh < batch)
        decode = self.d0 * parts + self.d1 * batch + self.d2 * tokens
        more = self.prefill * max(0, prefill - self.free)
        return decode + max(more, self.floor if fresh > 0 else 0)

    def first_token(
        self, batch: int, tokens: int, prefill: int, fresh: int
    ) -> int:
        """Return the ticks from the beginning until the first tokens.

        Parameters
        ----------
        batch, tokens, prefill, fresh
            As for :meth:`iteration`.
        """
        if self.alone and fresh < batch:
            batch, tokens = fresh, prefill + fresh
        return self.iteration(batch, tokens, prefill, fresh)

    def due(self, instance: Instance) -> IntArray:
        """Return the time of each arrival, in ticks, shape ``(n,)``.

        Raises
        ------
        InputError
            When the last arrival is later than any time may be, or the
            memory so large that iterations could be.
        """
        self.check_range(instance.memory)
        last = int(instance.arrival[-1])
        if last * self.arrival_unit > LATEST:
            raise InputError(
                f"is later than 53 days, at {self.arrival_unit / SECOND:g} s "
                "a unit",
                field=f"requests[{len(instance) - 1}].arrival",
                value=last,
            )
        return instance.arrival * self.arrival_unit

    def check_range(self, memory: int) -> None:
        """Raise InputError when times could leave the range of an ``int64``.

        Between two events ``k`` requests run ``m`` iterations, and hold at
        least ``k*m <= M`` units at the end; so no stretch takes longer than
        what is computed here.
        """
        flat = self.d0 * (1 + self.alone) + self.d1 + self.d2 * memory
        flat += self.prefill + self.floor
        most = memory * flat
        if 2 * most > LATEST:
            raise InputError(
                "is too large for this clock: times would exceed 53 days",
                field="memory",
                value=memory,
            )


Clock = UnitRounds | AffineClock
UNIT_ROUNDS = UnitRounds()


def _ticks(milliseconds: Any, name: str) -> int:
    """Return milliseconds, as they are written, in whole ticks."""
    field = f"clock.{name}"
    number = isinstance(milliseconds, int | float)
    if (
        not number
        or isinstance(milliseconds, bool)
        or not 0 <= milliseconds <= _LONGEST // MILLISECOND
    ):
        raise InputError(
            "must be a time in ms, at least 0 and at most an hour",
            field=field,
            value=milliseconds,
        )
    ticks = round(Fraction(str(milliseconds)) * MILLISECOND)
    if ticks == 0 and (milliseconds or name == "d0"):
        raise InputError(
            "must be at least 1e-9 ms", field=field, value=milliseconds
        )
    return ticks


# Llama-2-70B on two linked A100s. Decoding: a fit with a mean error of 1.4%
# against trained profiles. Prefill: flat near 55 ms, then 0.37 ms a token;
# 55 ms are 149 tokens. See docs/readings.md.
PRESETS: Mapping[str, AffineClock] = {
    "llama-2-70b-2xa100": AffineClock.of_ms(
        56.20, 0.1696, 0.000113, prefill=0.37, free=149
    ),
    # Prompts alone, as in Vidur, whose short prefills take longer:
    # ``python -m benchmarks.vidur --fit`` chose the last two numbers.
    "llama-2-70b-2xa100-vidur": AffineClock.of_ms(
        56.20, 0.1696, 0.000113, prefill=0.335, free=30, alone=True
    ),
}

# Parameters of the text forms, in milliseconds but for ``free`` and
# ``prompts``, which is ``mixed`` or ``alone``.
_FORMS: Mapping[str, tuple[str, ...]] = {
    "affine": ("d0", "d1", "d2", "prefill", "free", "prompts", "floor"),
    "p5": ("d0", "d1"),
}
# Names of all clocks.
CLOCKS = ("unit", *PRESETS, *_FORMS)


def parse_clock(text: str) -> Clock:
    """Return the clock that a text names.

    ``unit``; the name of a preset, such as ``llama-2-70b-2xa100``;
    ``affine:d0=56.2,d1=0.1696,d2=0.000113,prefill=0.37,free=149`` with
    milliseconds (and a number of tokens, ``free``), with ``prompts=alone``
    if prompts have iterations of their own, and ``floor=`` for the least
    that they take; ``p5:d0=10,d1=0.0005``,
    the form of P5, milliseconds and milliseconds a unit of KV cache.

    Raises
    ------
    InputError
        For an unknown name or parameter, or a bad number.
    """
    name, _, rest = text.partition(":")
    if name == "unit" and not rest:
        return UNIT_ROUNDS
    if name in PRESETS and not rest:
        return PRESETS[name]
    if name not in _FORMS:
        raise InputError(
            f"unknown clock; known are {', '.join(CLOCKS)}",
            field="clock",
            value=text,
        )
    values: dict[str, Any] = {}
    for item in filter(None, rest.split(",")):
        key, _, value = item.partition("=")
        if key not in _FORMS[name]:
            raise InputError(
                f"unknown parameter of {name}; known are "
                f"{', '.join(_FORMS[name])}",
                field=f"clock.{key}",
                value=value,
            )
        if key == "prompts":
            values["alone"] = _alone(value)
            continue
        try:
            values[key] = int(value) if key == "free" else float(value)
        except ValueError:
            raise InputError(
                "must be a number", field=f"clock.{key}", value=value
            ) from None
    if "d0" not in values:
        raise InputError("needs d0", field="clock", value=text)
    if name == "p5":
        return AffineClock.of_ms(values["d0"], d2=values.get("d1", 0))
    return AffineClock.of_ms(**values)


def _alone(value: str) -> bool:
    """Return whether prompts are computed alone, as a text says."""
    if value not in ("mixed", "alone"):
        raise InputError(
            "must be mixed or alone", field="clock.prompts", value=value
        )
    return value == "alone"


def clock_spec(clock: Clock) -> str:
    """Return the text that :func:`parse_clock` reads back.

    The unit of the arrivals is not part of it.
    """
    if isinstance(clock, UnitRounds):
        return "unit"
    shape = _shape(clock)
    for name, preset in PRESETS.items():
        if _shape(preset) == shape:
            return name
    given = []
    for name, value in zip(_FORMS["affine"], shape, strict=True):
        if name == "free" and value:
            given.append(f"free={value}")
        elif name == "prompts":
            given += ["prompts=alone"] * value
        elif value:
            given.append(f"{name}={_decimal(value)}")
    return "affine:" + ",".join(given)


def with_arrival_unit(clock: Clock, seconds: float) -> Clock:
    """Return the clock with arrivals in units of so many seconds.

    Raises
    ------
    InputError
        Unless it is between 1e-12 s and an hour.
    """
    if isinstance(clock, UnitRounds):
        return clock
    if not 1 / SECOND <= seconds <= _LONGEST // SECOND:
        raise InputError(
            "must be at least 1e-12 and at most 3600 s",
            field="round_seconds",
            value=seconds,
        )
    unit = round(Fraction(str(seconds)) * SECOND)
    return replace(clock, arrival_unit=unit)


def _shape(clock: AffineClock) -> tuple[int, ...]:
    decode = (clock.d0, clock.d1, clock.d2)
    return (*decode, clock.prefill, clock.free, clock.alone, clock.floor)


def _decimal(ticks: int) -> str:
    """Return ticks in milliseconds, exactly."""
    whole, part = divmod(ticks, MILLISECOND)
    return f"{whole}.{part:09d}".rstrip("0").rstrip(".")
