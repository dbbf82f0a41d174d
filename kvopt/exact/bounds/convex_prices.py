"""The convex-prices bound: memory at falling prices, and room to grow.

The rows that are priced, and why the value is a bound:
``docs/theory/convex-prices.md``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kvopt.exact.control.session import Session
from kvopt.model import BoundCertificate, Instance, Request

__all__ = ["ConvexPrices", "convex_prices_bound", "proved_at"]

FloatArray = npt.NDArray[np.float64]

# What stands for 1: of the weights of prices, and of the shares of gaps.
SCALE = 1 << 44
PARTS = 1 << 20
UNIT = SCALE * PARTS
# Knots of the price function, and segments of rounds with a share each. Twice
# as many segments gain less than 0.05 % on the traces of docs/exact.md.
KNOTS = 256
SEGMENTS = 24
# Multiples of the shares that evenly spaced completions would have. With the
# last one, 0, growth between completions plays no part.
MULTIPLES = (0.5, 0.7, 0.3, 0.0)


@dataclass(frozen=True)
class ConvexPrices:
    """Multipliers of the rows, as integers.

    Parameters
    ----------
    knots
        Pairs ``(round, weight)``: the price of a unit of memory in round
        ``t`` is ``sum(weight * max(0, round - t)) / SCALE``; rounds rising.
    gaps
        Pairs ``(first round, share)``: from that round on, a unit in a round
        of a completion costs ``share / PARTS`` of the price once more; rounds
        rising, from 1 on, and shares not falling.
    reach
        Rounds by which the price of growth is delayed.
    """

    knots: tuple[tuple[int, int], ...]
    gaps: tuple[tuple[int, int], ...]
    reach: int

    def document(self) -> dict[str, Any]:
        """Return the data of a certificate."""
        return {
            "scale": SCALE,
            "prices": [list(knot) for knot in self.knots],
            "parts": PARTS,
            "gaps": [list(gap) for gap in self.gaps],
            "reach": self.reach,
        }


def convex_prices_bound(session: Session) -> BoundCertificate:
    """Return the best bound over a few shares; the session is told each.

    Raises
    ------
    Stopped
        When the session is over.

    Notes
    -----
    The prices are those that prove the mean-busy-time bound for the volumes
    with room to grow. ``O(n log T)`` for each share, ``T`` the makespan.
    """
    instance = session.instance
    found: list[BoundCertificate] = []
    for multiple in MULTIPLES:
        prices = _prices(instance, multiple)
        value = proved_at(instance, prices, session)
        found.append(
            BoundCertificate(
                instance.hash, "convex-prices", value, prices.document()
            )
        )
        session.certified(found[-1])
    return max(found, key=lambda certificate: certificate.value)


def _prices(instance: Instance, multiple: float) -> ConvexPrices:
    """Choose prices for shares of the given multiple."""
    volume = instance.volume.astype(float)
    memory = float(instance.memory)
    by_volume = np.argsort(volume, kind="stable")
    groups = [
        group for group in np.array_split(by_volume, SEGMENTS) if group.size
    ]
    shares: list[int] = []
    for group in groups:
        # If one completes every gap rounds, the least cost of a gap is at
        # share = gap**2 / 2 / usage.
        gap = float(np.maximum(volume[group] / memory - 1, 0).mean())
        usage = float((volume[group] / instance.output[group]).mean())
        share = int(multiple * gap * gap / 2 / usage * PARTS)
        shares.append(max([share, *shares[-1:]]))
    own_share = np.empty(len(instance))
    for group, parts in zip(groups, shares, strict=True):
        own_share[group] = parts / PARTS
    net = volume + _growth(instance, own_share) - own_share * memory
    ends = np.cumsum(np.maximum(net, 0)[by_volume]) / memory
    sizes = np.cumsum([group.size for group in groups])
    gaps = [(1, shares[0])]
    for end, parts in zip(ends[sizes[:-1] - 1], shares[1:], strict=True):
        first = int(end) + 1
        if first > gaps[-1][0] and parts > gaps[-1][1]:
            gaps.append((first, parts))
    peak = int((instance.prompt + instance.output).max())
    reach = 1 + isqrt(2 * gaps[-1][1] * peak // PARTS)
    return ConvexPrices(_knots(net, memory), tuple(gaps), reach)


def _growth(instance: Instance, share: FloatArray) -> FloatArray:
    """Return about what the gaps add to each volume, shape ``(n,)``."""
    total = np.zeros(len(instance))
    samples = 8
    for k in range(samples):
        age = np.maximum(1, instance.output * (k + 0.5) / samples)
        # Least of g/2 + share*usage/g, less the half for whole rounds.
        least = np.sqrt(2 * share * (instance.prompt + age)) - 0.5
        total += np.maximum(0, least)
    growth: FloatArray = total / samples * instance.output
    return growth


def _knots(net: FloatArray, memory: float) -> tuple[tuple[int, int], ...]:
    """Return prices that fall by ``1 / net`` a round while it is worked on.

    The work goes from the smallest net volume to the largest.
    """
    net = np.sort(net[net > 0])
    if not net.size:
        return ()
    pieces = np.array_split(net, min(KNOTS, net.size))
    ends = np.cumsum([piece.sum() for piece in pieces]) / memory
    slopes = [int(SCALE * piece.size / piece.sum()) for piece in pieces]
    knots: list[tuple[int, int]] = []
    for end, slope, next_slope in zip(
        ends, slopes, [*slopes[1:], 0], strict=True
    ):
        at = max(1, round(end))
        weight = slope - next_slope
        if knots and knots[-1][0] == at:
            weight += knots.pop()[1]
        knots.append((at, weight))
    return tuple(knots)


class _Sums(NamedTuple):
    """Price of a round, sum of later prices, and sum of those sums."""

    price: int
    later: int
    later_twice: int


class _PriceFunction:
    """Prices by round, summed in closed form, in units of ``1/SCALE``.

    A knot at ``r`` gives round ``t`` the price ``m = r - t``. The prices of
    the rounds after ``t`` sum to ``m(m-1)/2``, those sums to
    ``m(m-1)(m-2)/6``: with the sums of weights times powers of ``r`` over
    the knots after ``t``, each is a polynomial in ``t``.
    """

    def __init__(self, knots: tuple[tuple[int, int], ...]) -> None:
        self.rounds = [at for at, _ in knots]
        self.last = max(self.rounds, default=0)
        self.suffix = [(0, 0, 0, 0)]
        for at, w in reversed(knots):
            s, s1, s2, s3 = self.suffix[-1]
            terms = w, w * at, w * at * at, w * at * at * at
            self.suffix.append(
                (s + terms[0], s1 + terms[1], s2 + terms[2], s3 + terms[3])
            )
        self.suffix.reverse()

    def at(self, t: int) -> _Sums:
        w, w1, w2, w3 = self.suffix[bisect_right(self.rounds, t)]
        first = w1 - w * t
        second = w2 - 2 * w1 * t + w * t * t
        third = w3 - 3 * w2 * t + 3 * w1 * t * t - w * t * t * t
        later = (second - first) // 2
        twice = (third - 3 * second + 2 * first) // 6
        return _Sums(first, later, twice)


def proved_at(
    instance: Instance, prices: ConvexPrices, session: Session
) -> int:
    """Return the bound on ``TEL`` at the given prices, rounded up.

    Parameters
    ----------
    instance
        The instance.
    prices
        Prices of memory; see the certificate of this bound.
    session
        Is asked whether the time is over.

    Raises
    ------
    Stopped
        When the session is over.

    Notes
    -----
    Each request takes the start round with the least sum of latency and
    price. Within an interval of starts whose first and last rounds lie in
    one segment each, that sum is convex in the start, so a bisection finds
    it. All in integers, of unit ``1 / (SCALE * PARTS)`` rounds.
    """
    function = _PriceFunction(prices.knots)
    total = 0
    for request, times in Counter(instance).items():
        session.checkpoint()
        total += times * _cheapest(function, prices, request, instance.memory)
    total -= instance.memory * PARTS * function.at(0).later
    return -(-total // UNIT)


def _cheapest(
    function: _PriceFunction,
    prices: ConvexPrices,
    request: Request,
    memory: int,
) -> int:
    """Return the least cost of a request over all its starts."""
    firsts = [first for first, _ in prices.gaps]
    cuts = {request.arrival}
    for first in firsts:
        cuts |= {first - 1, first - request.output}
    starts = sorted(cut for cut in cuts if cut >= request.arrival)
    # No round after the last knot has a price: starting there only waits.
    ends = [start - 1 for start in starts[1:]]
    ends.append(max(starts[-1], function.last))
    best: int | None = None
    for low, high in zip(starts, ends, strict=True):
        begun = prices.gaps[bisect_right(firsts, low + 1) - 1][1]
        done = prices.gaps[bisect_right(firsts, low + request.output) - 1][1]
        held = _Held(request, prices.reach, memory, begun, done)
        best = held.least(function, low, high, best)
    assert best is not None
    return best - UNIT * request.arrival


class _Held:
    """What a request pays for: rounds of its own, and later ones of growth.

    The refund for its completion is taken off its last rounds. Units are
    ``1/PARTS`` of one unit of memory.

    Parameters
    ----------
    request
        The request.
    reach, begun, done, memory
        Delay of the price of growth, the shares at its first round and at
        its completion, and the capacity.
    """

    def __init__(
        self, request: Request, reach: int, memory: int, begun: int, done: int
    ) -> None:
        prompt, output = request.prompt, request.output
        self.prompt, self.output, self.reach = prompt, output, reach
        refund = done * memory
        paid = _rounds_paid(prompt + output, output, refund // PARTS)
        self.kept = output - paid
        refund -= PARTS * (paid * (prompt + output) - paid * (paid - 1) // 2)
        # Of the last round that is kept a part is paid for. Beyond the
        # volume, a refund is worth most at the earliest completion.
        self.partly, self.surplus = (refund, 0) if self.kept else (0, refund)
        self.chords: list[tuple[int, int, int, int]] = []
        if begun:
            quarter = -(-output // 4)
            self._chord(begun, 0, quarter)
            if quarter < output:
                self._chord(begun, quarter, output)

    def _chord(self, share: int, before: int, last: int) -> None:
        """Add a line below the cost of growth at ages ``before+1..last``."""
        left = _growth_cost(self.prompt + before + 1, share, self.reach)
        right = _growth_cost(self.prompt + last, share, self.reach)
        slope = (right - left) // max(1, last - before - 1)
        shifts = self.reach + before, self.reach + last
        self.chords.append((*shifts, left - slope, slope))

    def price(self, function: _PriceFunction, start: int) -> int:
        """Return the price of all of it, less the surplus."""
        after = function.at(start + self.kept)
        units, ages = _over(function.at(start), after, self.kept)
        total = PARTS * (self.prompt * units + ages)
        total -= self.partly * after.price
        for begin, end, base, slope in self.chords:
            before, after = (
                function.at(start + begin),
                function.at(start + end),
            )
            units, ages = _over(before, after, end - begin)
            total += base * units + slope * ages
        return total

    def least(
        self, function: _PriceFunction, low: int, high: int, best: int | None
    ) -> int:
        """Return the least of ``best`` and the cost of ``low .. high``."""
        fixed = UNIT * self.output
        fixed -= self.surplus * function.at(low + self.output).price

        def cost(start: int) -> int:
            return fixed + UNIT * start + self.price(function, start)

        last = cost(high)
        # Prices do not rise: by waiting from low to high no more is saved.
        if best is not None and last - UNIT * (high - low) >= best:
            return best
        if high > low and cost(high - 1) >= last:
            low = high
        elif high > low and cost(low) <= cost(low + 1):
            high = low
        while low < high:
            middle = (low + high) // 2
            if cost(middle) <= cost(middle + 1):
                high = middle
            else:
                low = middle + 1
        return cost(low) if best is None else min(best, cost(low))


def _over(before: _Sums, after: _Sums, rounds: int) -> tuple[int, int]:
    """Return the sums of price and of ``k`` times price, ``k = 1..rounds``.

    ``before`` and ``after`` are those of the round before the first, and of
    the last. Each age is counted as often as there are ages up to it.
    """
    units = before.later - after.later
    ages = before.later_twice + before.later
    return units, ages - after.later_twice - (rounds + 1) * after.later


def _rounds_paid(peak: int, output: int, units: int) -> int:
    """Return the most rounds from the last on that hold at most ``units``."""
    low, high = 0, output
    while low < high:
        middle = (low + high + 1) // 2
        if middle * peak - middle * (middle - 1) // 2 <= units:
            low = middle
        else:
            high = middle - 1
    return low


def _growth_cost(usage: int, share: int, reach: int) -> int:
    """Return the least of ``(g-1)/2 + share*usage/g`` over whole ``g``.

    In units of ``1/PARTS``, rounded down, and at most ``reach``.
    """
    near = isqrt(2 * share * usage // PARTS)
    return min(
        PARTS * reach,
        *(
            (PARTS * g * (g - 1) + 2 * share * usage) // (2 * g)
            for g in (max(1, near), near + 1)
        ),
    )
