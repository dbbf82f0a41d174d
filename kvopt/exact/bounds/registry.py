"""The bounds by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kvopt.exact.bounds.area import area_bound
from kvopt.exact.bounds.convex_prices import convex_prices_bound
from kvopt.exact.bounds.lp import lp_bound, lp_cuts_bound
from kvopt.exact.bounds.machines import machine_bound
from kvopt.exact.bounds.mean_busy_time import mean_busy_time_bound
from kvopt.exact.bounds.trivial import trivial_bound
from kvopt.exact.control.limits import check_time_limit
from kvopt.exact.control.session import Session, Stopped
from kvopt.exact.warm_start import one_by_one
from kvopt.interrupts import noting_interrupts
from kvopt.model import BoundCertificate, InputError, Instance

__all__ = ["METHODS", "BoundRun", "lower_bound", "run_bound"]


@dataclass(frozen=True)
class Method:
    """A method, and what has to be compiled for it.

    Parameters
    ----------
    run
        Returns the bound of the session's instance. What it has reached on
        the way it reports with :meth:`Session.certified`.
    warm_up
        Loads and compiles all that ``run`` needs; None if nothing is
        compiled.
    check
        Raises InputError for an instance that is too large for any schedule.
        It is called before anything is compiled.
    """

    run: Callable[[Session], BoundCertificate]
    warm_up: Callable[[], None] | None = None
    check: Callable[[Instance], None] = lambda instance: None


def _trivial(instance: Instance) -> BoundCertificate:
    return BoundCertificate(instance.hash, "trivial", trivial_bound(instance))


def _area(instance: Instance) -> BoundCertificate:
    value = area_bound(instance, instance.memory)
    return BoundCertificate(instance.hash, "area", value)


def _machines(instance: Instance) -> BoundCertificate:
    return BoundCertificate(instance.hash, "machines", machine_bound(instance))


def _mean_busy_time(instance: Instance) -> BoundCertificate:
    value = mean_busy_time_bound(instance, instance.memory)
    return BoundCertificate(instance.hash, "mean-busy-time", value)


def _best(instance: Instance) -> BoundCertificate:
    found = _trivial(instance), _area(instance), _mean_busy_time(instance)
    return max(found, key=lambda certificate: certificate.value)


def _lagrangian(session: Session) -> BoundCertificate:
    # Loading the compiler takes a good part of a second.
    from kvopt.exact.bounds.lagrangian import lagrangian_bound

    return lagrangian_bound(session)


def _check_lagrangian(instance: Instance) -> None:
    from kvopt.exact.bounds.lagrangian import check_size

    check_size(instance)


def _check_memory_prices(instance: Instance) -> None:
    from kvopt.exact.bounds.memory_prices import check_size

    check_size(instance)


def _memory_prices(session: Session) -> BoundCertificate:
    from kvopt.exact.bounds.memory_prices import memory_prices_bound

    return memory_prices_bound(session)


def _compile_memory_prices() -> None:
    from kvopt.exact.bounds.memory_prices import warm_up

    warm_up()


def _compile_lagrangian() -> None:
    from kvopt.exact.bounds.lagrangian import warm_up

    warm_up()


METHODS = {
    "trivial": Method(lambda session: _trivial(session.instance)),
    "area": Method(lambda session: _area(session.instance)),
    "machines": Method(lambda session: _machines(session.instance)),
    "mean-busy-time": Method(
        lambda session: _mean_busy_time(session.instance)
    ),
    "convex-prices": Method(convex_prices_bound),
    "memory-prices": Method(
        _memory_prices, _compile_memory_prices, _check_memory_prices
    ),
    "lp": Method(lp_bound),
    "lp-cuts": Method(lp_cuts_bound),
    "lagrangian": Method(_lagrangian, _compile_lagrangian, _check_lagrangian),
}


@dataclass(frozen=True)
class BoundRun:
    """What a method came to.

    Parameters
    ----------
    certificate
        The method's bound. If it was stopped, the best on the way there, at
        least the greatest of the trivial, the area and the mean-busy-time
        bound.
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
        ``"trivial"``, ``"area"``, ``"mean-busy-time"``, ``"best"`` for the
        greatest of these three, ``"machines"``, ``"convex-prices"``,
        ``"memory-prices"``, ``"lp"``, ``"lp-cuts"`` or ``"lagrangian"``.
    time_limit
        Seconds, after which the best bound so far is returned; None for no
        limit. Compilation is not counted. The first five take no time.

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

    Parameters
    ----------
    instance
        The instance.
    method
        A name of :data:`METHODS`, or ``"best"``.
    time_limit
        Wall time in seconds; None for no limit.
    progress
        Called when the bound is higher; None to hear nothing.
    """
    check_time_limit(time_limit)
    if method not in (*METHODS, "best"):
        raise InputError(
            f"unknown method; known are {', '.join(METHODS)}, best",
            field="method",
            value=method,
        )
    least = _best(instance)
    if method == "best":
        return BoundRun(least, "complete")

    def look(session: Session) -> None:
        if progress is not None:
            progress(session.seconds, session.certificate.value)

    chosen = METHODS[method]
    chosen.check(instance)
    starts = one_by_one(instance)
    session = Session(instance, time_limit, starts, least, look)
    try:
        with noting_interrupts(session):
            if chosen.warm_up is not None:
                session.prepare(chosen.warm_up)
            return BoundRun(chosen.run(session), "complete")
    except KeyboardInterrupt:
        session.interrupted = True
    except Stopped:
        pass
    ended = "interrupted" if session.interrupted else "time limit"
    return BoundRun(session.certificate, ended)
