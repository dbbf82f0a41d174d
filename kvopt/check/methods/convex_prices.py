"""The bound of memory rows at convex, falling prices, with room to grow.

The rows and the proof: ``docs/theory/convex-prices.md``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from math import isqrt
from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import (
    ROUND_LIMIT,
    SIZE_LIMIT,
    Problem,
    Task,
    keys_are,
    typed,
    whole,
)
from kvopt.model.errors import InputError

__all__ = ["convex_prices"]

_LARGEST = 10**18
# Steps of the budget that one start round of one request takes at most.
_STEPS_A_START = 100


def convex_prices(
    problem: Problem, data: dict[str, Any], budget: Budget
) -> int:
    """Return the bound that the prices prove, rounded up.

    Parameters
    ----------
    problem
        The instance, as the checker has read it.
    data
        What the certificate gives beside the instance.
    budget
        What the check may still take; the work is charged to it before
        it is done.

    Raises
    ------
    InputError
        For malformed data, and for more work than ``budget`` has.

    Notes
    -----
    The rounds of a request and those in which it pays for growth have
    prices that fall ever more slowly. Where the shares of its first round
    and of its completion do not change, its cost is therefore convex in the
    start round. ``O(n * segments * log(last round with a price))``.
    """
    certificate = _read(data)
    counts = Counter(problem.tasks)
    last = certificate.last
    starts = 3 + 2 * max(1, last.bit_length())
    steps = len(counts) * (1 + 2 * len(certificate.firsts)) * starts
    budget.require(
        steps * _STEPS_A_START + 50 * len(problem.tasks),
        1000 * (len(certificate.rounds) + len(certificate.firsts))
        + 300 * len(problem.tasks),
        f"up to {steps:,} start rounds to be priced",
    )
    value = -problem.memory * certificate.parts * certificate.sums(0)[1]
    for task, times in counts.items():
        value += times * _cheapest(certificate, task, problem.memory)
    return -(-value // (certificate.scale * certificate.parts))


@dataclass(frozen=True)
class _Certificate:
    scale: int
    parts: int
    reach: int
    firsts: list[int]
    shares: list[int]
    rounds: list[int]
    # At each knot: the slope up to it, price, sum of the later prices, and
    # sum of those sums; then zeros, for the rounds after the last.
    at_knot: list[tuple[int, int, int, int]]

    @property
    def last(self) -> int:
        """The last knot: no later round has a price."""
        return self.rounds[-1] if self.rounds else 0

    def share(self, t: int) -> int:
        """Return the share of round ``t``, at least 1."""
        return self.shares[bisect_right(self.firsts, t) - 1]

    def sums(self, t: int) -> tuple[int, int, int]:
        """Return price, sum of the later prices, and sum of those sums."""
        k = bisect_left(self.rounds, t)
        slope, price, later, twice = self.at_knot[k]
        if not slope:
            return 0, 0, 0
        m = self.rounds[k] - t
        pairs = m * (m - 1) // 2
        return (
            price + slope * m,
            later + price * m + slope * pairs,
            twice + later * m + price * pairs + slope * pairs * (m - 2) // 3,
        )


def _read(data: dict[str, Any]) -> _Certificate:
    keys_are(data, "data", ("scale", "prices", "parts", "gaps", "reach"))
    scale = whole(data["scale"], "data.scale", 1, _LARGEST)
    parts = whole(data["parts"], "data.parts", 1, _LARGEST)
    reach = whole(data["reach"], "data.reach", 0, ROUND_LIMIT)
    knots = _rising(data, "prices", _LARGEST)
    gaps = _rising(data, "gaps", SIZE_LIMIT * parts)
    if not gaps or gaps[0][0] != 1:
        raise InputError(
            "must begin with round 1",
            field="data.gaps",
            value=gaps[0] if gaps else gaps,
        )
    for i in range(1, len(gaps)):
        if gaps[i][1] < gaps[i - 1][1]:
            raise InputError(
                "must not be less than the share before",
                field=f"data.gaps[{i}][1]",
                value=gaps[i][1],
            )
    at_knot = [(0, 0, 0, 0)]
    slope = price = later = twice = 0
    following = 0
    for round_, weight in reversed(knots):
        m = following - round_ if slope else 0
        pairs = m * (m - 1) // 2
        twice += later * m + price * pairs + slope * pairs * (m - 2) // 3
        later += price * m + slope * pairs
        price += slope * m
        slope += weight
        following = round_
        at_knot.append((slope, price, later, twice))
    return _Certificate(
        scale,
        parts,
        reach,
        [first for first, _ in gaps],
        [share for _, share in gaps],
        [round_ for round_, _ in knots],
        at_knot[::-1],
    )


def _rising(data: dict[str, Any], key: str, most: int) -> list[list[int]]:
    """Return pairs of rising rounds and numbers from 0 to ``most``."""
    pairs: list[Any] = typed(data[key], list, f"data.{key}", "must be a list")
    before = 0
    for i, pair in enumerate(pairs):
        name = f"data.{key}[{i}]"
        if len(typed(pair, list, name, "must be a list")) != 2:
            raise InputError("must have 2 entries", field=name, value=pair)
        before = whole(pair[0], f"{name}[0]", before + 1, ROUND_LIMIT)
        whole(pair[1], f"{name}[1]", 0, most)
    return pairs


def _cheapest(certificate: _Certificate, task: Task, memory: int) -> int:
    """Return the least cost of a request over all start rounds.

    In units of ``1 / (scale * parts)`` rounds.
    """
    begins = {task.arrival}
    for first in certificate.firsts:
        begins.add(max(task.arrival, first - 1))
        begins.add(max(task.arrival, first - task.output))
    order = sorted(begins)
    least: int | None = None
    for k, low in enumerate(order):
        if k + 1 < len(order):
            high = order[k + 1] - 1
        else:
            # Waiting beyond the last price saves nothing.
            high = max(low, certificate.last)
        piece = _Piece(certificate, task, memory, low)
        least = piece.least(high, least)
    assert least is not None
    return least - certificate.scale * certificate.parts * task.arrival


class _Piece:
    """The cost of a request over starts with the same two shares."""

    def __init__(
        self, certificate: _Certificate, task: Task, memory: int, low: int
    ) -> None:
        self.certificate, self.low = certificate, low
        self.prompt, self.output = task.prompt, task.output
        parts, peak = certificate.parts, task.prompt + task.output
        refund = certificate.share(low + task.output) * memory
        # How many of the last rounds the refund pays for in full.
        free = bisect_right(
            range(1, task.output + 1),
            refund,
            key=lambda j: parts * (j * peak - j * (j - 1) // 2),
        )
        refund -= parts * (free * peak - free * (free - 1) // 2)
        self.held = task.output - free
        self.part_of_last = refund if self.held else 0
        self.constant = certificate.scale * parts * task.output
        if not self.held:
            end = certificate.sums(low + task.output)[0]
            self.constant -= refund * end
        share = certificate.share(low + 1)
        self.lines: list[tuple[int, int, int, int]] = []
        quarter = (task.output + 3) // 4
        for begin, end in ((1, quarter), (quarter + 1, task.output)):
            if share and begin <= end:
                self.lines.append((begin, end, *self._line(share, begin, end)))

    def _line(self, share: int, begin: int, end: int) -> tuple[int, int]:
        """Return value at ``begin`` and slope of a line below the growth."""
        left = self._growth(share, begin)
        if begin == end:
            return left, 0
        return left, (self._growth(share, end) - left) // (end - begin)

    def _growth(self, share: int, age: int) -> int:
        """Return the least cost of growth for one round at this age.

        ``(g-1)/2 + share*usage/g`` falls as long as ``g*(g+1)`` is less than
        ``2*share*usage``.
        """
        parts, reach = self.certificate.parts, self.certificate.reach
        twice = 2 * share * (self.prompt + age)
        g = max(1, isqrt(twice // parts))
        while g * (g + 1) * parts < twice:
            g += 1
        return min(reach * parts, (g * (g - 1) * parts + twice) // (2 * g))

    def _cost(self, start: int) -> int:
        parts, sums = self.certificate.parts, self.certificate.sums
        total = self.constant + self.certificate.scale * parts * start
        # A usage s + k is s + 1, and one more for each later age.
        _, later, twice = sums(start)
        end, later_end, twice_end = sums(start + self.held)
        total += parts * self.prompt * (later - later_end)
        total += parts * (twice + later - twice_end)
        total -= parts * (self.held + 1) * later_end
        total -= self.part_of_last * end
        reach = self.certificate.reach
        for first, last, left, slope in self.lines:
            _, later, twice = sums(start + reach + first - 1)
            _, later_end, twice_end = sums(start + reach + last)
            total += left * (later - later_end)
            # Counted from 0 at the first age.
            steps = twice - twice_end - (last - first + 1) * later_end
            total += slope * steps
        return total

    def least(self, high: int, best: int | None) -> int:
        """Return the least of ``best`` and the costs of ``low .. high``."""
        low, highest = self.low, self._cost(high)
        unit = self.certificate.scale * self.certificate.parts
        # The prices paid only fall with the start, so even with those at
        # the last start and the latency of the first this is no better.
        if best is not None and highest - unit * (high - low) >= best:
            return best
        if low < high and self._cost(high - 1) >= highest:
            low = high
        elif low < high and self._cost(low) <= self._cost(low + 1):
            high = low
        while low < high:
            middle = (low + high) // 2
            if self._cost(middle) > self._cost(middle + 1):
                low = middle + 1
            else:
                high = middle
        found = self._cost(low)
        return found if best is None else min(best, found)
