"""How far a published rule can be from the optimum, before it is run."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from kvopt.model import Instance

__all__ = ["Guarantee", "guarantees"]


class Guarantee(NamedTuple):
    """A policy, the factor that a theorem gives, and the theorem."""

    policy: str
    factor: Fraction
    theorem: str


def guarantees(instance: Instance) -> list[Guarantee]:
    """Return the theorems whose conditions hold, the least factor first.

    Parameters
    ----------
    instance
        Requests that are all present at 0.

    Notes
    -----
    P6 (SVF): ``1 + 2/(1 - alpha)`` if every ``s_i + o_i <= alpha*M``, for any
    ``alpha < 1``; the least is ``max(s_i + o_i)/M``. P1, Theorem 4.3 (MC-SF,
    exact lengths): 9216 if prompts are equal and ``M >= 2 max(s_i + o_i)``.
    Ours (MC-SF, ``docs/identical-requests.md``): 2 if all requests are equal.
    P2's 48 for Sorted-F is not used: its conditions are not known to us
    (readings 2.6).
    """
    memory = instance.memory
    peak = int(instance.peak.max())
    found = []
    if peak < memory:
        factor = 1 + Fraction(2 * memory, memory - peak)
        found.append(Guarantee("svf", factor, "P6: 1 + 2/(1 - alpha)"))
    if len(set(instance.prompt.tolist())) == 1:
        if len(set(instance.output.tolist())) == 1:
            found.append(Guarantee("mc-sf", Fraction(2), "identical requests"))
        if 2 * peak <= memory:
            theorem = "P1, Theorem 4.3"
            found.append(Guarantee("mc-sf", Fraction(9216), theorem))
    return sorted(found, key=lambda guarantee: guarantee.factor)
