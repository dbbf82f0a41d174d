"""Compute a lower bound of the instance, and have it checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvopt.check.gate import verified_bound
from kvopt.exact.bounds import METHODS, lower_bound
from kvopt.model import InputError, Instance
from kvopt.sweep.kinds.base import Kind, complete

__all__ = ["BOUND"]


def _read(
    subject: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    if subject not in (*METHODS, "best"):
        raise InputError(
            f"unknown bound; known are {', '.join(METHODS)}, best",
            field="bound",
            value=subject,
        )
    return subject, complete(parameters, {}, "bounds")


def _run(
    instance: Instance, method: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    certificate = lower_bound(instance, method)
    result = {
        "requests": len(instance),
        "memory": instance.memory,
        "method": certificate.method,
        "lower_bound": verified_bound(instance, certificate),
    }
    return result, {}


# What the bounds that take time rest on beside numpy.
_PACKAGES = {
    "lp": ("highspy",),
    "lp-cuts": ("highspy",),
    "lagrangian": ("numba",),
}

BOUND = Kind(
    field="bound",
    read=_read,
    run=_run,
    # The Lagrangian bound starts from the schedule of a policy.
    code=("kvopt.model", "kvopt.policies", "kvopt.simulation", "kvopt.exact"),
    packages=lambda method: ("numpy", *_PACKAGES.get(method, ())),
)
