"""Staged policies by name, in the text form of all policies."""

from __future__ import annotations

import functools
from typing import Any

from kvopt.policies.base import PolicyInfo
from kvopt.policies.registry import classes_in, parse_from
from kvopt.policies.staged.base import StagedPolicy

__all__ = ["parse_staged", "staged_infos", "staged_names"]


@functools.cache
def _staged() -> dict[str, type[Any]]:
    import kvopt.policies.staged

    return classes_in(kvopt.policies.staged)


def staged_names() -> tuple[str, ...]:
    """Names of the staged policies."""
    return tuple(_staged())


def staged_infos() -> tuple[PolicyInfo, ...]:
    """Metadata of the staged policies."""
    return tuple(cls.info for cls in _staged().values())


def parse_staged(text: str) -> StagedPolicy:
    """Return the policy that a text such as ``wait:thresholds=4`` names."""
    policy: StagedPolicy = parse_from(_staged(), text)
    return policy
