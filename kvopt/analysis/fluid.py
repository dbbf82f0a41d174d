"""The fluid model of P5: equilibrium, thresholds and memory, exactly.

P5 (arXiv 2504.11320, sections 3 to 5). Requests of type ``j`` arrive as a
Poisson process of rate ``lam_j``; an iteration whose batch holds ``K`` units
takes ``d0 + d1*K``. Any unit of time will do, as long as it is the same in
rates, ``d0`` and ``d1``. Numbers are taken as exact fractions: a float counts
as it is written in decimals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from kvopt.model import InputError
from kvopt.policies.staged.thresholds import (
    nested_memory,
    stage_volume,
)

__all__ = [
    "Equilibrium",
    "PromptType",
    "equal_segments",
    "equilibrium",
    "fluid_load",
    "largest_scale",
    "nested_required_memory",
    "nested_thresholds",
    "survival",
    "tail_exponent",
    "wait_thresholds",
]

Number = int | float | Fraction


@dataclass(frozen=True)
class PromptType:
    """Requests of prompt ``l`` and output ``l'``, at rate ``lam``.

    Raises
    ------
    InputError
        For a rate that is not positive, or a length that is not whole.
    """

    prompt: int
    output: int
    rate: Number

    def __post_init__(self) -> None:
        for name, least in (("prompt", 0), ("output", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise InputError(
                    f"must be a whole number, at least {least}",
                    field=name,
                    value=value,
                )
        object.__setattr__(self, "rate", _positive(self.rate, "rate"))

    @property
    def volume(self) -> Fraction:
        """``w = (l' + 1)(l + l'/2)``, in units of memory times stages."""
        return stage_volume(self.prompt, self.output)


@dataclass(frozen=True)
class Equilibrium:
    """The balanced state of the fluid model.

    Parameters
    ----------
    memory
        ``M*``, units held.
    per_stage
        ``n*_j``, requests of each type in each of its stages.
    iteration
        ``DT* = d0 + d1 M*``.
    throughput
        ``Thr* = sum lam_j l'_j``, tokens a unit of time. No online policy
        has more if ``C >= M*``.
    """

    memory: Fraction
    per_stage: tuple[Fraction, ...]
    iteration: Fraction
    throughput: Fraction


def fluid_load(types: Sequence[PromptType], d1: Number) -> Fraction:
    """Return ``d1 sum lam_j w_j``; at 1 or more every policy is unstable.

    The paper states this for one type; the sum over types is the same
    argument [inferred].
    """
    if not types:
        raise InputError("needs at least one", field="types", value=[])
    slope = _at_least_zero(d1, "d1")
    return slope * sum(_rate(t) * t.volume for t in types)


def equilibrium(
    types: Sequence[PromptType], d0: Number, d1: Number
) -> Equilibrium:
    """Return the fluid equilibrium.

    ``DT* = d0 / (1 - d1 sum lam_j w_j)``, ``n*_j = lam_j DT*``,
    ``M* = DT* sum lam_j w_j``.

    Parameters
    ----------
    types
        The types of prompts with their Poisson rates.
    d0, d1
        Seconds of an iteration: ``d0``, and ``d1`` a unit of KV memory
        that its batch holds.

    Raises
    ------
    InputError
        When there is none: the load is 1 or more.
    """
    load = fluid_load(types, d1)
    if load >= 1:
        raise InputError(
            "must be below 1: every policy is unstable",
            field="d1 * sum(rate * volume)",
            value=float(load),
        )
    iteration = _positive(d0, "d0") / (1 - load)
    volume = sum((_rate(t) * t.volume for t in types), Fraction(0))
    return Equilibrium(
        memory=iteration * volume,
        per_stage=tuple(_rate(t) * iteration for t in types),
        iteration=iteration,
        throughput=sum((_rate(t) * t.output for t in types), Fraction(0)),
    )


def largest_scale(
    types: Sequence[PromptType], d0: Number, d1: Number, memory: int
) -> Fraction:
    """Return the factor on all rates at which ``M*`` reaches ``C``.

    Below it the rates are in the stability region of the fluid model:
    ``C / ((d0 + d1 C) sum lam_j w_j)``.

    Parameters
    ----------
    types
        The types of prompts with their Poisson rates.
    d0, d1
        Seconds of an iteration: ``d0``, and ``d1`` a unit of KV memory
        that its batch holds.
    memory
        ``C``, in units of KV memory.
    """
    fixed, slope = _positive(d0, "d0"), _at_least_zero(d1, "d1")
    volume = sum((_rate(t) * t.volume for t in types), Fraction(0))
    return memory / ((fixed + slope * memory) * volume)


def wait_thresholds(
    types: Sequence[PromptType],
    d0: Number,
    d1: Number,
    memory: int,
    strict: bool = False,
) -> tuple[int, ...]:
    """Return the least whole thresholds of WAIT that keep up with arrivals.

    The least ``n`` with ``d0 + d1 M^pi <= n_j / lam_j`` for all ``j``, or
    ``<`` with ``strict``. It exists: from ``n = 0`` on, raising each ``n_j``
    to what the others demand never passes a solution.

    Parameters
    ----------
    types
        The types of prompts with their Poisson rates.
    d0, d1
        Seconds of an iteration: ``d0``, and ``d1`` a unit of KV memory
        that its batch holds.
    memory
        ``C``, in units of KV memory.
    strict
        Whether the inequality is to be strict.

    Raises
    ------
    InputError
        When the load is 1 or more, or ``M^pi`` of the least thresholds
        exceeds ``C``: no thresholds satisfy the condition of Theorem 1.
    """
    balanced = equilibrium(types, d0, d1)
    fixed, slope = _positive(d0, "d0"), _at_least_zero(d1, "d1")
    step = (lambda x: math.floor(x) + 1) if strict else math.ceil
    found = tuple(step(n) for n in balanced.per_stage)
    while True:
        used = sum(n * t.volume for n, t in zip(found, types, strict=True))
        _fits(used, memory)
        time = fixed + slope * used
        following = tuple(step(_rate(t) * time) for t in types)
        if following == found:
            return found
        found = following


def survival(rates: Sequence[Number]) -> tuple[Fraction, ...]:
    """Return ``p_2 .. p_m``: the share that goes on to segment ``k``.

    ``p_k = sum_{j>=k} lam_j / sum_{j>=k-1} lam_j``.
    """
    values = [_positive(rate, "rate") for rate in rates]
    tails = [sum(values[k:], Fraction(0)) for k in range(len(values))]
    return tuple(tails[k] / tails[k - 1] for k in range(1, len(tails)))


def equal_segments(
    outputs: Sequence[int], rates: Sequence[Number], segments: int
) -> tuple[tuple[int, ...], tuple[Fraction, ...]]:
    """Group output lengths into segments of equal width.

    P5's extension to fewer segments than lengths: a segment counts with the
    rate of all lengths that end in it, and its last stage stands for them.
    A segment in which nothing ends is joined to the next one, as all would
    go on from it.

    Parameters
    ----------
    outputs
        Output lengths ``l'_j``, in tokens, in any order.
    rates
        Poisson rate of each.
    segments
        ``L``, at least 1.

    Returns
    -------
    tuple of int, tuple of Fraction
        ``l'_1 < .. < l'_L``, the last stage of each segment, and the rate
        of what ends in it, as :func:`nested_thresholds` takes them.
    """
    if segments < 1:
        raise InputError(
            "must be at least 1", field="segments", value=segments
        )
    longest = max(outputs)
    found: dict[int, Fraction] = {}
    for output, rate in zip(outputs, rates, strict=True):
        # The least k with output <= k * longest / segments.
        k = -(-output * segments // longest)
        end = -(-k * longest // segments)
        found[end] = found.get(end, Fraction(0)) + _positive(rate, "rate")
    ends = tuple(sorted(found))
    return ends, tuple(found[end] for end in ends)


def nested_thresholds(
    prompt: int,
    ends: Sequence[int],
    rates: Sequence[Number],
    d0: Number,
    d1: Number,
    memory: int,
    slack: Number = Fraction(1, 20),
) -> tuple[int, ...]:
    """Return thresholds of Nested WAIT for lengths ``ends`` at ``rates``.

    ``n_k`` is the least whole number with ``n_k >= (p_k + slack) n_{k-1}``
    and above ``p_k n_{k-1}``; the paper's experiments take 0.05 more than
    ``p_k``, and at most 0.99. ``n_1`` is the least for which that leaves
    ``n_k < n_{k-1}`` and ``DT(n) < n_1 / sum lam``.

    Parameters
    ----------
    prompt
        ``l``, the prompt length of every request.
    ends
        ``l'_1 < .. < l'_m``, the output lengths.
    rates
        Poisson rate of each output length.
    d0, d1
        Seconds of an iteration: ``d0``, and ``d1`` a unit of KV memory
        that its batch holds.
    memory
        ``C``, in units of KV memory.
    slack
        What is added to ``p_k``.

    Raises
    ------
    InputError
        When no ``n_1`` does with ``M^pi <= C``.
    """
    fixed, slope = _positive(d0, "d0"), _at_least_zero(d1, "d1")
    extra = _at_least_zero(slack, "slack")
    shares = survival(rates)
    total = sum((_positive(rate, "rate") for rate in rates), Fraction(0))
    first = 1
    while True:
        found = [first]
        for p in shares:
            wanted = min(p + extra, Fraction(99, 100)) * found[-1]
            found.append(max(math.ceil(wanted), math.floor(p * found[-1]) + 1))
        used = nested_memory(prompt, ends, found)
        _fits(used, memory)
        falling = all(a > b for a, b in pairwise(found))
        if falling and (fixed + slope * used) * total < first:
            return tuple(found)
        first += 1


def tail_exponent(before: int, here: int, share: Number) -> float:
    """Return ``theta_k > 0`` of a boundary queue.

    The root of ``exp(-theta n_k) (1 - p_k + p_k e^theta)^n_{k-1} = 1``: the
    queue's tail falls like ``exp(-theta x)``. By Hoeffding it is at least
    ``8 (n_k - n_{k-1} p_k) / n_{k-1}``.

    Parameters
    ----------
    before, here
        ``n_{k-1}`` and ``n_k``, the thresholds of two segments in
        sequence.
    share
        ``p_k``, the share of requests that goes on into segment ``k``.

    Raises
    ------
    InputError
        Unless ``p_k n_{k-1} < n_k < n_{k-1}``: else there is no root.
    """
    p = _positive(share, "share")
    if not p * before < here < before:
        raise InputError(
            f"must be above {float(p * before):g} and below {before}",
            field="threshold",
            value=here,
        )
    q = float(p)

    def excess(theta: float) -> float:
        # log(1 - q + q e^theta), which does not overflow.
        grown = theta + math.log(q + (1 - q) * math.exp(-theta))
        return before * grown - here * theta

    low = 8 * float(here - before * p) / before
    high = 2 * low
    while excess(high) < 0:
        high *= 2
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return low


def nested_required_memory(
    prompt: int,
    ends: Sequence[int],
    thresholds: Sequence[int],
    rates: Sequence[Number],
    d0: Number,
    horizon: Number,
    delta: float,
) -> float:
    """Return the memory with which Nested WAIT overflows with chance delta.

    ``M^pi + sum_{k>=2} (l + l'_{k-1}) (n_k + ln(m (1 + zT/d0) / delta) /
    theta_k)``, for a horizon ``zT``.

    Parameters
    ----------
    prompt
        ``l``, the prompt length of every request.
    ends
        ``l'_1 < .. < l'_m``, the output lengths.
    thresholds
        ``n_k`` of each segment.
    rates
        Poisson rate of each output length.
    d0
        Seconds of an empty iteration.
    horizon
        ``zT``, in seconds.
    delta
        Chance of an overflow, inside (0, 1).
    """
    if not 0 < delta < 1:
        raise InputError("must be in (0, 1)", field="delta", value=delta)
    iterations = 1 + _positive(horizon, "horizon") / _positive(d0, "d0")
    chances = math.log(len(ends) * iterations / Fraction(str(delta)))
    total = float(nested_memory(prompt, ends, thresholds))
    for k, share in enumerate(survival(rates), start=1):
        here, before = thresholds[k], thresholds[k - 1]
        theta = tail_exponent(before, here, share)
        total += (prompt + ends[k - 1]) * (here + chances / theta)
    return total


def _fits(used: Fraction | int, memory: int) -> None:
    if used > memory:
        raise InputError(
            f"is too little: thresholds that keep up need {float(used):g}",
            field="memory",
            value=memory,
        )


def _rate(kind: PromptType) -> Fraction:
    assert isinstance(kind.rate, Fraction)
    return kind.rate


def _positive(value: Number, name: str) -> Fraction:
    number = _at_least_zero(value, name)
    if number == 0:
        raise InputError("must be positive", field=name, value=value)
    return number


def _at_least_zero(value: Number, name: str) -> Fraction:
    good = isinstance(value, int | float | Fraction)
    if not good or isinstance(value, bool) or not 0 <= value < math.inf:
        raise InputError(
            "must be a number, at least 0", field=name, value=value
        )
    return (
        Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    )
