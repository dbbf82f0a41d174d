"""Smallest area first: the rule of SVF, under another paper's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.svf import SVF

__all__ = ["SmallestAreaFirst"]


@dataclass(frozen=True)
class SmallestAreaFirst(SVF):
    """Smallest memory-time volume first, while the whole future fits.

    Feng, Liu, Yang, Zhang (arXiv 2607.09248) show that it is unbounded on
    general inputs: long requests of small prompts occupy the batch while
    memory stays unused. SVF, which it is read as, is bounded where peaks
    stay below a share of ``M``.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="smallest-area-first",
        title="smallest area first",
        summary="svf, under the name of arXiv 2607.09248",
        paper="Feng, Liu, Yang, Zhang, arXiv 2607.09248, unbounded rules",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="that of svf; unbounded when peaks reach M",
        complexity="O(k log k) a test, k = active requests",
        reading="that it is svf's order and look-ahead is inferred [inferred]",
    )
