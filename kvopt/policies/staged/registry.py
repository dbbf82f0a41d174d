"""Staged policies by name, in the text form of all policies."""

from __future__ import annotations

from typing import Any

from kvopt.policies.base import PolicyInfo
from kvopt.policies.registry import parse_from
from kvopt.policies.staged.base import StagedPolicy
from kvopt.policies.staged.fcfs import StagedFCFS
from kvopt.policies.staged.nested_wait import NestedWait
from kvopt.policies.staged.sarathi_like import SarathiLike
from kvopt.policies.staged.wait import Wait

__all__ = ["parse_staged", "staged_infos", "staged_names"]

_STAGED: dict[str, type[Any]] = {
    cls.info.name: cls for cls in (Wait, NestedWait, SarathiLike, StagedFCFS)
}


def staged_names() -> tuple[str, ...]:
    """Names of the staged policies."""
    return tuple(_STAGED)


def staged_infos() -> tuple[PolicyInfo, ...]:
    """Metadata of the staged policies."""
    return tuple(cls.info for cls in _STAGED.values())


def parse_staged(text: str) -> StagedPolicy:
    """Return the policy that a text such as ``wait:thresholds=4`` names."""
    policy: StagedPolicy = parse_from(_STAGED, text)
    return policy
