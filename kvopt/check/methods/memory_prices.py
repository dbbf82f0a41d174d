"""The bound of memory rows at a price for each bucket of rounds.

The proof: ``docs/theory/memory-prices.md``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from heapq import merge
from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import (
    ROUND_LIMIT,
    Problem,
    Task,
    keys_are,
    typed,
    whole,
)
from kvopt.model.errors import InputError

__all__ = ["memory_prices"]

_LARGEST = 10**18
# Steps of the budget for one interval of starts of one request, at most.
_STEPS_AN_INTERVAL = 40


def memory_prices(
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
        What the check may still take; the work is charged before it is
        done.

    Raises
    ------
    InputError
        For malformed data, and for more work than ``budget`` has.

    Notes
    -----
    While neither end of a request's rounds passes to another price, its cost
    is a polynomial of degree two in the start round: only the two ends of
    such an interval of starts and the place where the cost begins to rise
    can be best. ``O(n * prices)``.
    """
    keys_are(data, "data", ("scale", "prices"))
    scale = whole(data["scale"], "data.scale", 1, _LARGEST)
    prices = _read(data)
    counts = Counter(problem.tasks)
    intervals = len(counts) * (2 * len(prices.edges) + 1)
    budget.require(
        intervals * _STEPS_AN_INTERVAL + 20 * len(problem.tasks),
        500 * len(prices.edges) + 300 * len(problem.tasks),
        f"up to {intervals:,} intervals of start rounds to be priced",
    )
    value = -problem.memory * prices.sums[-1]
    for task, times in counts.items():
        value += times * _cheapest(prices, task, scale)
    return -(-value // scale)


@dataclass(frozen=True)
class _Prices:
    """Bucket ``b`` has the rounds after ``edges[b]``, up to the next edge.

    ``sums`` and ``moments`` hold the sums of price and of round times price
    over the rounds up to ``edges[b]``. The last price is 0.
    """

    edges: list[int]
    price: list[int]
    sums: list[int]
    moments: list[int]

    def until(self, t: int) -> tuple[int, int, int]:
        """Return both sums up to round ``t``, and the next round's price."""
        b = bisect_right(self.edges, t) - 1
        edge, price = self.edges[b], self.price[b]
        return (
            self.sums[b] + price * (t - edge),
            self.moments[b] + price * (t * (t + 1) - edge * (edge + 1)) // 2,
            price,
        )


def _read(data: dict[str, Any]) -> _Prices:
    rows: list[Any] = typed(
        data["prices"], list, "data.prices", "must be a list"
    )
    before = 0
    for i, row in enumerate(rows):
        name = f"data.prices[{i}]"
        if len(typed(row, list, name, "must be a list")) != 2:
            raise InputError("must have 2 entries", field=name, value=row)
        before = whole(row[0], f"{name}[0]", before + 1, ROUND_LIMIT)
        whole(row[1], f"{name}[1]", 0, _LARGEST)
    if not rows or rows[0][0] != 1:
        raise InputError(
            "must begin with round 1",
            field="data.prices",
            value=rows[0] if rows else rows,
        )
    if rows[-1][1] != 0:
        raise InputError(
            "must be 0: the rounds from there on are without end",
            field=f"data.prices[{len(rows) - 1}][1]",
            value=rows[-1][1],
        )
    edges = [first - 1 for first, _ in rows]
    price = [own for _, own in rows]
    sums, moments = [0], [0]
    for b in range(1, len(rows)):
        old, new = edges[b - 1], edges[b]
        rounds = (old + 1 + new) * (new - old) // 2
        sums.append(sums[-1] + price[b - 1] * (new - old))
        moments.append(moments[-1] + price[b - 1] * rounds)
    return _Prices(edges, price, sums, moments)


def _cheapest(prices: _Prices, task: Task, scale: int) -> int:
    """Return the least latency plus price over all starts, times scale."""
    arrival, prompt, output = task
    least = None

    def cost(start: int) -> tuple[int, int]:
        """Return the cost, and how much more the next start costs."""
        paid, moment, first = prices.until(start)
        paid_then, moment_then, beyond = prices.until(start + output)
        paid_then -= paid
        total = scale * (start + output - arrival)
        total += (prompt - start) * paid_then + moment_then - moment
        more = scale + (prompt + output) * beyond - prompt * first
        return total, more - paid_then

    edges = prices.edges
    changes = merge(
        edges[bisect_right(edges, arrival) :],
        [
            edge - output
            for edge in edges[bisect_right(edges, arrival + output) :]
        ],
    )
    start = arrival
    while True:
        total, more = cost(start)
        if least is None or total < least:
            least = total
        # Prices are not negative, so later starts cost their latency.
        if scale * (start + output - arrival) >= least:
            return least
        following = next((at for at in changes if at > start), None)
        if following is None:
            # From the last edge on there is no price: waiting is in vain.
            return least
        if more < 0 and following - start > 1:
            # Each round adds as much to the rise; where it turns positive,
            # the cost begins to rise.
            rise = cost(start + 1)[1] - more
            if rise > 0:
                bottom = min(start + -(more // rise), following - 1)
                least = min(least, cost(bottom)[0])
        start = following
