"""The bounds by name."""

from __future__ import annotations

from collections.abc import Callable

from kvopt.exact.bounds.area import area_bound
from kvopt.exact.bounds.lp import lp_bound, lp_cuts_bound
from kvopt.exact.bounds.trivial import trivial_bound
from kvopt.model import BoundCertificate, InputError, Instance

__all__ = ["METHODS", "lower_bound"]

METHODS: dict[str, Callable[[Instance], BoundCertificate]] = {
    "trivial": lambda instance: BoundCertificate(
        instance.hash, "trivial", trivial_bound(instance)
    ),
    "area": lambda instance: BoundCertificate(
        instance.hash, "area", area_bound(instance, instance.memory)
    ),
    "lp": lp_bound,
    "lp-cuts": lp_cuts_bound,
}

# Those that take no time, whatever the instance.
_INSTANT = ("trivial", "area")


def lower_bound(instance: Instance, method: str = "best") -> BoundCertificate:
    """Return a lower bound on the optimal total latency of ``instance``.

    Parameters
    ----------
    instance
        The instance.
    method
        ``"trivial"``, ``"area"``, ``"best"`` for the greater of these two,
        ``"lp"`` or ``"lp-cuts"``.

    Raises
    ------
    InputError
        For an unknown method, and for a linear programme too large or
        without HiGHS.
    """
    if method == "best":
        found = [METHODS[name](instance) for name in _INSTANT]
        return max(found, key=lambda certificate: certificate.value)
    if method not in METHODS:
        raise InputError(
            f"unknown method; known are {', '.join(METHODS)}, best",
            field="method",
            value=method,
        )
    return METHODS[method](instance)
