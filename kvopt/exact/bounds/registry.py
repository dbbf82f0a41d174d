"""The bounds by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kvopt.exact.bounds.area import area_bound
from kvopt.exact.bounds.lp import lp_bound, lp_cuts_bound
from kvopt.exact.bounds.machines import machine_bound
from kvopt.exact.bounds.trivial import trivial_bound
from kvopt.exact.control.interrupts import noting_interrupts
from kvopt.exact.control.limits import check_time_limit
from kvopt.exact.control.session import Stopped
from kvopt.exact.control.watch import Watch
from kvopt.model import BoundCertificate, InputError, Instance

__all__ = ["METHODS", "BoundRun", "lower_bound", "run_bound"]

Method = Callable[[Instance, Watch], BoundCertificate]


def _trivial(instance: Instance) -> BoundCertificate:
    return BoundCertificate(instance.hash, "trivial", trivial_bound(instance))


def _area(instance: Instance) -> BoundCertificate:
    value = area_bound(instance, instance.memory)
    return BoundCertificate(instance.hash, "area", value)


def _machines(instance: Instance) -> BoundCertificate:
    return BoundCertificate(instance.hash, "machines", machine_bound(instance))


def _best(instance: Instance) -> BoundCertificate:
    found = _trivial(instance), _area(instance)
    return max(found, key=lambda certificate: certificate.value)


def _lagrangian(instance: Instance, watch: Watch) -> BoundCertificate:
    # Loading the compiler takes a good part of a second.
    from kvopt.exact.bounds.lagrangian import lagrangian_bound

    return lagrangian_bound(instance, watch)


METHODS: dict[str, Method] = {
    "trivial": lambda instance, watch: _trivial(instance),
    "area": lambda instance, watch: _area(instance),
    "machines": lambda instance, watch: _machines(instance),
    "lp": lp_bound,
    "lp-cuts": lp_cuts_bound,
    "lagrangian": _lagrangian,
}


@dataclass(frozen=True)
class BoundRun:
    """What a method came to.

    Parameters
    ----------
    certificate
        The method's bound. If it was stopped, the best on the way there, at
        least the greater of the trivial and the area bound.
    ended
        ``"complete"``, ``"interrupted"`` or ``"time limit"``.
    """

    certificate: BoundCertificate
    ended: str


def lower_bound(
    instance: Instance, method: str = "best", time_limit: float | None = None
) -> BoundCertificate:
    """Return a lower bound on the optimal total latency of ``instance``.

    Parameters
    ----------
    instance
        The instance.
    method
        ``"trivial"``, ``"area"``, ``"best"`` for the greater of these two,
        ``"machines"``, ``"lp"``, ``"lp-cuts"`` or ``"lagrangian"``.
    time_limit
        Seconds, after which the best bound so far is returned; None for no
        limit. The first four take no time.

    Raises
    ------
    InputError
        For an unknown method, a limit that is not positive, and an instance
        that is too large for the method: see there.
    """
    return run_bound(instance, method, time_limit).certificate


def run_bound(
    instance: Instance,
    method: str = "best",
    time_limit: float | None = None,
    progress: Callable[[float, int], Any] | None = None,
) -> BoundRun:
    """Do the same as :func:`lower_bound`, and say how it ended.

    The first KeyboardInterrupt (SIGINT) ends the method like a time limit.
    ``progress`` is called with the seconds and the best bound so far.
    """
    check_time_limit(time_limit)
    if method not in (*METHODS, "best"):
        raise InputError(
            f"unknown method; known are {', '.join(METHODS)}, best",
            field="method",
            value=method,
        )
    watch = Watch(_best(instance), time_limit, progress)
    if method == "best":
        return BoundRun(watch.certificate, "complete")
    try:
        with noting_interrupts(watch):
            return BoundRun(METHODS[method](instance, watch), "complete")
    except KeyboardInterrupt:
        watch.interrupted = True
    except Stopped:
        pass
    ended = "interrupted" if watch.interrupted else "time limit"
    return BoundRun(watch.certificate, ended)
