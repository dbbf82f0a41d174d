"""The memory-prices bound: a price of memory for each bucket of rounds.

The dual of the time-indexed linear program, for thousands of requests and
any arrivals: ``docs/theory/memory-prices.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kvopt.exact.bounds.memory_kernel import (
    Buckets,
    Requests,
    least_costs,
    usage,
)
from kvopt.exact.control.session import Session
from kvopt.exact.warm_start import best_starts, one_by_one, prepare
from kvopt.model import BoundCertificate, InputError, Instance
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum

__all__ = ["check_size", "memory_prices_bound", "warm_up"]

FloatArray = npt.NDArray[np.float64]

_INT_LIMIT = 2**62
_ROUND_LIMIT = 2**30


@dataclass(frozen=True)
class AscentParams:
    """How prices are improved, stage by stage.

    Parameters
    ----------
    buckets
        Buckets of rounds in each stage, at most; each a multiple of the one
        before.
    steps
        Steps in each stage.
    step
        First step of each stage, as a share of the distance to the
        schedule's latency.
    momentum
        Share of the last direction that the next one keeps.
    patience, shrink
        After so many steps without a better value the step is multiplied by
        this, and the ascent goes on from the best prices.
    starts
        Multiples of the number of waiting requests over the memory that are
        tried as first prices.
    """

    buckets: tuple[int, ...] = (128, 512, 2048)
    steps: tuple[int, ...] = (200, 200, 150)
    step: tuple[float, ...] = (0.5, 0.1, 0.05)
    momentum: float = 0.6
    patience: int = 12
    shrink: float = 0.7
    starts: tuple[float, ...] = (1.0, 0.5, 0.25, 0.0)


def memory_prices_bound(
    session: Session, params: AscentParams | None = None
) -> BoundCertificate:
    """Return the bound at the best prices that the ascent finds.

    The session is told what each stage has reached, also when it ends one.

    Raises
    ------
    InputError
        When sizes are so large that 64-bit integers cannot hold the costs.
    Stopped
        When the session is over.

    Notes
    -----
    Prices are improved by subgradient steps towards the latency of a
    schedule that policies make; the bound does not rest on that schedule.
    ``O(n * buckets)`` a step.
    """
    params = AscentParams() if params is None else params
    instance = session.instance
    check_size(instance)
    prepare(session)
    starts = np.array(best_starts(instance, 0, session.checkpoint))
    problem = _Problem(instance, starts)
    found: list[BoundCertificate] = []
    price: FloatArray | None = None
    edges = problem.edges(1)
    stages = zip(params.buckets, params.steps, params.step, strict=True)
    for buckets, steps, step in stages:
        finer = problem.edges(buckets)
        if price is None:
            price = problem.first_prices(finer, params.starts)
        elif finer.size > edges.size:
            old = np.searchsorted(edges, finer[:-2], side="right") - 1
            price = price[old]
        edges = finer
        ascent = _Ascent(problem, edges, price)
        try:
            ascent.run(session, params, steps, step)
        finally:
            price = ascent.best_price
            found.append(problem.certificate(edges, price))
            session.certified(found[-1])
    return max(found, key=lambda certificate: certificate.value)


def check_size(instance: Instance) -> None:
    """Refuse an instance too large whatever its schedule.

    Schedules of many rounds take minutes to make, so it is refused before.

    Raises
    ------
    InputError
        When it needs too many rounds.
    """
    _refuse(int((instance.arrival + instance.output).max()))


def warm_up() -> None:
    """Have numba compile all that :func:`memory_prices_bound` calls."""
    instance = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)])
    problem = _Problem(instance, np.array(one_by_one(instance)))
    edges = problem.edges(4)
    price = problem.first_prices(edges, (1.0,))
    problem.subgradient(edges, problem.value(edges, price, 1.0)[1])
    problem.certificate(edges, price)


def _refuse(rounds: int) -> None:
    """Refuse schedules of too many rounds."""
    if rounds >= _ROUND_LIMIT:
        raise InputError(
            f"the memory-prices bound is for fewer than {_ROUND_LIMIT:,} "
            "rounds",
            field="rounds",
            value=rounds,
        )


class _Problem:
    """An instance and a schedule, as the ascent needs them.

    Parameters
    ----------
    instance
        The instance.
    starts
        Start rounds of a feasible schedule, shape ``(n,)``.
    """

    def __init__(self, instance: Instance, starts: IntArray) -> None:
        self.instance = instance
        self.starts = starts
        self.requests = Requests(
            np.ascontiguousarray(instance.prompt),
            np.ascontiguousarray(instance.output),
            np.ascontiguousarray(instance.arrival),
        )
        completion = starts + instance.output
        self.latency = exact_sum(completion - instance.arrival)
        # A little more than the schedule takes: the best prices may.
        self.rounds = int(completion.max()) * 17 // 16 + 1
        _refuse(self.rounds)

    def edges(self, buckets: int) -> IntArray:
        """Return the edges of at most so many buckets, and of the rest."""
        width = max(1, -(-self.rounds // buckets))
        count = -(-self.rounds // width)
        inside = np.arange(count + 1, dtype=np.int64) * width
        return np.append(inside, _INT_LIMIT)

    def first_prices(
        self, edges: IntArray, multiples: tuple[float, ...]
    ) -> FloatArray:
        """Return the best of some multiples of the waiting requests' number.

        On one machine of speed ``M`` with all requests at 0, the number of
        unfinished ones over ``M`` is the best price.
        """
        middle = (edges[:-2] + edges[1:-1]) / 2
        arrived = np.searchsorted(self.instance.arrival, middle, "right")
        begun = np.searchsorted(np.sort(self.starts), middle, "right")
        waiting = np.maximum(arrived - begun, 0) / self.instance.memory
        candidates = [multiple * waiting for multiple in multiples]
        return max(candidates, key=lambda p: self.value(edges, p, 1.0)[0])

    def value(
        self, edges: IntArray, price: Any, unit: Any
    ) -> tuple[Any, IntArray]:
        """Return the bound in units, not rounded, and the best starts.

        With integer prices and unit it is exact; see :meth:`certificate`.
        """
        width = np.diff(edges[:-1])
        sums = np.concatenate([[0], np.cumsum(price * width)])
        twice = edges[:-1] * (edges[:-1] + 1) // 2
        moments = np.concatenate([[0], np.cumsum(price * np.diff(twice))])
        dtype = np.asarray(price).dtype
        buckets = Buckets(
            edges,
            np.append(price, 0).astype(dtype),
            sums.astype(dtype),
            moments.astype(dtype),
        )
        costs = np.zeros(len(self.instance), dtype)
        starts = np.zeros(len(self.instance), np.int64)
        least_costs(buckets, self.requests, unit, costs, starts)
        if dtype == np.float64:
            total = costs.sum() - self.instance.memory * sums[-1]
            return float(total), starts
        paid = self.instance.memory * int(sums[-1])
        return exact_sum(costs) - paid, starts

    def subgradient(self, edges: IntArray, starts: IntArray) -> FloatArray:
        """Return what is held above the capacity in each bucket, a round."""
        used = np.zeros(edges.size - 2)
        usage(edges, self.requests, starts, used)
        excess: FloatArray = used / np.diff(edges[:-1]) - self.instance.memory
        return excess

    def certificate(
        self, edges: IntArray, price: FloatArray
    ) -> BoundCertificate:
        """Round prices to integers and return what they prove, exactly.

        Costs stay below ``2**62`` units: a request pays at most the greatest
        price for what it holds, and no intermediate sum is more than
        ``2*(T+u)**2`` prices, with ``T`` the last round and ``u`` the
        greatest sum of prompt and output.
        """
        most = float(price.max(initial=0.0))
        arrival = int(self.instance.arrival.max())
        reach = max(int(edges[-2]), arrival)
        reach += int((self.instance.prompt + self.instance.output).max())
        largest = 4 * reach + int(4 * (most + 1e-9) * reach * reach)
        scale = 1 << 40
        while scale > 1 and scale * largest >= _INT_LIMIT:
            scale //= 2
        if scale * largest >= _INT_LIMIT:
            raise InputError(
                "the memory-prices bound would exceed 64-bit integers",
                field="rounds",
                value=reach,
            )
        whole = np.floor(price * scale).astype(np.int64)
        value, _ = self.value(edges, whole, scale)
        changes = np.flatnonzero(np.diff(whole, prepend=-1, append=0))
        prices = np.append(whole, 0)
        data = {
            "scale": scale,
            "prices": [[int(edges[b]) + 1, int(prices[b])] for b in changes],
        }
        bound = -(-value // scale)
        return BoundCertificate(
            self.instance.hash, "memory-prices", bound, data
        )


class _Ascent:
    """Subgradient steps with momentum from the best prices so far."""

    def __init__(
        self, problem: _Problem, edges: IntArray, price: FloatArray
    ) -> None:
        self.problem, self.edges = problem, edges
        self.best_price = price
        self.best_value = -np.inf

    def run(
        self,
        session: Session,
        params: AscentParams,
        steps: int,
        step: float,
    ) -> None:
        """Take so many steps; the session may end them at any."""
        price, failures = self.best_price, 0
        direction = np.zeros(price.size)
        for _ in range(steps):
            session.checkpoint()
            value, starts = self.problem.value(self.edges, price, 1.0)
            failures += 1
            if value > self.best_value:
                self.best_value, self.best_price = value, price
                failures = 0
            if failures > params.patience:
                price, step = self.best_price, step * params.shrink
                direction[:] = 0
                failures = 0
                continue
            excess = self.problem.subgradient(self.edges, starts)
            direction = excess + params.momentum * direction
            useful = np.where((price <= 0) & (direction < 0), 0, direction)
            width = np.diff(self.edges[:-1])
            square = float((width * useful * useful).sum())
            if square == 0:
                return
            gain = step * (self.problem.latency - value) / square
            price = np.maximum(price + gain * useful, 0)
