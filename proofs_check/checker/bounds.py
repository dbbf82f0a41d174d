"""Lower bounds on the total latency, each derived anew."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, inf
from typing import Any

from .rules import Request, require, whole


def machine(
    memory: int, requests: Sequence[Request], total: bool
) -> list[tuple[Request, Fraction, Fraction]]:
    """Serve volumes on a preemptive machine of speed ``M``.

    The smallest total volume goes first, or the smallest rest. Returned are
    completion and mean busy time of each.
    """
    volume = {
        i: Fraction(r.prompt * r.output) + r.output * (r.output + 1) // 2
        for i, r in enumerate(requests)
    }
    left, mean, served = dict(volume), [Fraction(0)] * len(requests), []
    now = Fraction(0)
    while left:
        here = [i for i in left if requests[i].arrival <= now]
        later = [requests[i].arrival for i in left if i not in here]
        if not here:
            now = Fraction(min(later))
            continue
        i = min(here, key=lambda i: ((volume if total else left)[i], i))
        end = min([now + left[i] / memory, *map(Fraction, later)])
        mean[i] += (end - now) * memory / volume[i] * (now + end) / 2
        left[i] -= (end - now) * memory
        now = end
        if not left[i]:
            del left[i]
            served.append((requests[i], end, mean[i]))
    return served


def area(memory: int, requests: Sequence[Request]) -> Fraction:
    """Return the area bound, with arrivals."""
    served = machine(memory, requests, total=False)
    return Fraction(sum(end - r.arrival for r, end, _ in served))


def mean_busy_time(memory: int, requests: Sequence[Request]) -> Fraction:
    """Return the mean-busy-time bound, with arrivals."""
    bound = Fraction(0)
    for (a, s, o, _), _, mean in machine(memory, requests, total=True):
        lag = sum((s + k) * (o - k) for k in range(1, o + 1))
        volume = s * o + o * (o + 1) // 2
        bound += mean + Fraction(1, 2) + Fraction(lag, volume) - a
    return bound


def lp_dual(memory: int, requests: Sequence[Request], data: Any) -> Fraction:
    """Return what multipliers of memory rows and rows of level k prove."""
    rows = [(whole(t), whole(y)) for t, y in data["memory"]]
    levels = [(whole(k, 1), whole(t), whole(z)) for k, t, z in data["levels"]]
    value = -sum(memory * y for _, y in rows) - sum(
        k * z for k, _, z in levels
    )
    last = max([row[-2] for row in rows + levels], default=0)

    def count(r: Request, k: int, t: int, p: int) -> int:
        over = t - p - r.output
        most = max(
            (
                q.prompt
                for q in requests
                if (q.prompt + q.output) * (k + 1) > memory
            ),
            default=0,
        )
        if p < t <= p + r.output:
            above = [
                (r.prompt + t - p) * (k + 1) > q * memory
                for q in range(1, k + 1)
            ]
            return sum(above)
        if over <= 0 or over * (k + 1) >= memory - most * (k + 1):
            return 0
        peak = r.prompt + r.output
        return sum(
            peak * (k + 1) > q * memory + (k + 1) * (k + 1 - q) * over
            for q in range(1, k + 1)
        )

    for r in requests:
        costs = []
        for p in range(r.arrival, max(last, r.arrival) + 1):
            cost = whole(data["scale"], 1) * (p + r.output - r.arrival)
            cost += sum(
                y * (r.prompt + t - p)
                for t, y in rows
                if p < t <= p + r.output
            )
            cost += sum(z * count(r, k, t, p) for k, t, z in levels)
            costs.append(cost)
        value += min(costs)
    return Fraction(value, data["scale"])


def lagrangian(
    memory: int, requests: Sequence[Request], data: Any
) -> Fraction:
    """Return the value of the state-space relaxation at multipliers."""
    scale, width = whole(data["scale"], 1), whole(data["width"], 1)
    low, horizon = whole(data["threshold"]), whole(data["horizon"], 1)
    prices = {(whole(b), whole(e)): nu for b, e, nu in data["prices"]}
    value, adds, ends = 0, [], {low}
    for r, lam in zip(requests, data["multipliers"], strict=True):
        peak, ending = r.prompt + r.output, max(r.prompt, low)
        if peak <= low:
            value += scale * r.output
            continue
        require(
            lam <= scale * (horizon + 1 - r.arrival), "a horizon too short"
        )
        value += lam
        ends.add(ending)
        adds.append((peak, ending, r.arrival, r.arrival + r.output, lam))
    cost: dict[tuple[int, ...], int] = {(): 0}
    for t in range(horizon, 0, -1):
        new: dict[int, int] = {}
        for peak, ending, arrival, earliest, lam in adds:
            if earliest <= t:
                price = scale * (t - arrival) - lam
                price += prices.get(((t - peak + ending) // width, ending), 0)
                new[peak] = min(price, new.get(peak, price))
        for peak, price in sorted(new.items()):
            todo = list(cost)
            for state in todo:  # grows: the same may be added again
                more = tuple(sorted((*state, peak)))
                paid = cost[state] + price
                if sum(more) <= memory and paid < cost.get(more, inf):
                    cost[more] = paid
                    todo.append(more)
        for ending in sorted(ends, reverse=True):
            price = -prices.get(((t - 1) // width, ending), 0)
            todo = list(cost)
            for state in todo:
                if ending + 1 in state:
                    k = state.index(ending + 1)
                    fewer = state[:k] + state[k + 1 :]
                    paid = cost[state] + price
                    if paid < cost.get(fewer, inf):
                        cost[fewer] = paid
                        todo.append(fewer)
        cost = {
            tuple(u - 1 for u in state): paid
            for state, paid in cost.items()
            if low + 1 not in state
        }
    return Fraction(value + cost[()], scale)


def check_bound(
    memory: int, requests: Sequence[Request], document: Any
) -> int:
    """Return a stated bound that its method proves."""
    method, data = document["method"], document["data"]
    if method == "trivial":
        found = Fraction(sum(r.output for r in requests))
    elif method == "area":
        found = area(memory, requests)
    elif method == "mean-busy-time":
        found = mean_busy_time(memory, requests)
    else:
        require(method in ("lp-dual", "lagrangian"), f"method {method!r}")
        derive = lp_dual if method == "lp-dual" else lagrangian
        found = derive(memory, requests, data)
    value = whole(document["value"])
    require(value <= ceil(found), f"{value}, but {method} proves {found}")
    return value
