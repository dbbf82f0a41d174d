"""Stages of P5: memory of threshold-sized batches, and their text form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from kvopt.model import InputError
from kvopt.model.instance import MAX_SIZE

__all__ = [
    "check_thresholds",
    "nested_memory",
    "numbers",
    "stage_volume",
    "wait_memory",
]


def stage_volume(prompt: int, output: int) -> Fraction:
    """Return ``w = (l' + 1)(l + l'/2)``: units of one request, over stages.

    It holds ``l`` in its prefill and ``l + s`` in decode stage ``s``.
    """
    return (output + 1) * (prompt + Fraction(output, 2))


def wait_memory(thresholds: Mapping[tuple[int, int], int]) -> Fraction:
    """Return ``M^pi = sum n_j w_j`` of thresholds by ``(l_j, l'_j)``.

    WAIT never holds more.
    """
    volumes = (
        n * stage_volume(prompt, output)
        for (prompt, output), n in thresholds.items()
    )
    return sum(volumes, Fraction(0))


def nested_memory(
    prompt: int, ends: Sequence[int], thresholds: Sequence[int]
) -> Fraction:
    """Return ``M^pi = sum n_k (l + sbar_k) delta_k`` of Nested WAIT.

    Segment ``k`` has the decode stages above ``l'_{k-1}`` up to ``l'_k``,
    the first one stage 0 as well. Requests that wait at a boundary are not
    counted.

    Parameters
    ----------
    prompt
        Prompt length ``l`` of every request, in tokens.
    ends
        Last decode stage ``l'_k`` of each segment, ascending.
    thresholds
        ``n_k``, the requests a stage of each segment.

    Returns
    -------
    Fraction
        Units of memory, exactly.
    """
    total = thresholds[0] * stage_volume(prompt, ends[0])
    for k in range(1, len(ends)):
        mean = Fraction(ends[k - 1] + 1 + ends[k], 2)
        stages = ends[k] - ends[k - 1]
        total += thresholds[k] * (prompt + mean) * stages
    return total


def numbers(text: str, field: str) -> tuple[int, ...]:
    """Return the whole numbers, at least 1, of a text such as ``4+2``."""
    parts = str(text).split("+")
    if not all(
        part.isdecimal() and 1 <= int(part) <= MAX_SIZE for part in parts
    ):
        raise InputError(
            "must be whole numbers, at least 1, joined by +",
            field=field,
            value=text,
        )
    return tuple(map(int, parts))


def check_thresholds(used: Fraction, memory: int, given: object) -> None:
    """Raise InputError when threshold-sized batches exceed the memory.

    Parameters
    ----------
    used, memory
        What the batches need, and the capacity ``M``, in units.
    given
        The thresholds as they were given, for the error.
    """
    if used > memory:
        raise InputError(
            f"need {float(used):g} units of memory, of which there are "
            f"{memory}",
            field="policy.thresholds",
            value=given,
        )
