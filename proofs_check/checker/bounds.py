"""Lower bounds on the total latency, each derived anew."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, inf
from typing import Any

from .rules import Request, Requests, held, require, spend, volume, whole

State = tuple[int, ...]
Costs = dict[State, int]


def machine(
    memory: int, requests: Requests, total: bool
) -> list[tuple[Request, Fraction, Fraction]]:
    """Serve volumes on a preemptive machine of speed ``M``.

    The smallest total volume goes first, or the smallest rest. Returned are
    completion and mean busy time of each.
    """
    volumes = {i: Fraction(volume(r)) for i, r in enumerate(requests)}
    left, mean, served = dict(volumes), [Fraction(0)] * len(requests), []
    now = Fraction(0)
    while left:
        spend(len(left))
        here = [i for i in left if requests[i].arrival <= now]
        later = [requests[i].arrival for i in left if i not in here]
        if not here:
            now = Fraction(min(later))
            continue
        i = min(here, key=lambda i: ((volumes if total else left)[i], i))
        end = min([now + left[i] / memory, *map(Fraction, later)])
        mean[i] += (end - now) * memory / volumes[i] * (now + end) / 2
        left[i] -= (end - now) * memory
        now = end
        if not left[i]:
            del left[i]
            served.append((requests[i], end, mean[i]))
    return served


def area(memory: int, requests: Requests) -> Fraction:
    """Return the area bound, with arrivals."""
    served = machine(memory, requests, total=False)
    return Fraction(sum(end - r.arrival for r, end, _ in served))


def mean_busy_time(memory: int, requests: Requests) -> Fraction:
    """Return the mean-busy-time bound, with arrivals."""
    bound = Fraction(0)
    for r, _, mean in machine(memory, requests, total=True):
        # The sum of (s + k)(o - k) over the ages k from 1 to o.
        lag = r.output * (r.output - 1) * (3 * r.prompt + r.output + 1) // 6
        bound += mean + Fraction(1, 2) + Fraction(lag, volume(r)) - r.arrival
    return bound


def lp_dual(memory: int, requests: Requests, data: Any) -> Fraction:
    """Return what multipliers of memory rows and rows of level k prove."""
    scale = whole(data["scale"], 1)
    rows = [(whole(t), whole(y)) for t, y in data["memory"]]
    levels = [(whole(t), whole(z), whole(k, 1)) for k, t, z in data["levels"]]
    value = -sum(memory * y for _, y in rows)
    value -= sum(k * z for _, z, k in levels)
    last = max([row[0] for row in [*rows, *levels]], default=0)

    def count(r: Request, n: int, t: int, p: int) -> int:
        over = t - p - r.output
        if over <= 0:
            share = (r.prompt + t - p) * n if t > p else 0
            return sum(share > q * memory for q in range(1, n))
        tall = [q.prompt for q in requests if sum(q[1:3]) * n > memory]
        if over * n >= memory - max(tall, default=0) * n:
            return 0
        share = (r.prompt + r.output) * n
        below = [q * memory + n * (n - q) * over for q in range(1, n)]
        return sum(share > x for x in below)

    each = 1 + len(rows) + sum(len(requests) + 2 * k for _, _, k in levels)
    for r in requests:
        spend(max(last - r.arrival + 1, 1) * each)
        costs = []
        for p in range(r.arrival, max(last, r.arrival) + 1):
            cost = scale * (p + r.output - r.arrival)
            cost += sum(y * held([r._replace(start=p)], t) for t, y in rows)
            cost += sum(z * count(r, k + 1, t, p) for t, z, k in levels)
            costs.append(cost)
        value += min(costs)
    return Fraction(value, scale)


def spread(costs: Costs, change: Callable[[State], Any], price: int) -> None:
    """Let states change at a price, any number of times."""
    todo = list(costs)
    for state in todo:  # grows
        spend(1 + len(state))
        after = change(state)
        paid = costs[state] + price
        if after is not None and paid < costs.get(after, inf):
            costs[after] = paid
            todo.append(after)


def lagrangian(memory: int, requests: Requests, data: Any) -> Fraction:
    """Return the value of the state-space relaxation at multipliers."""
    scale, width = whole(data["scale"], 1), whole(data["width"], 1)
    low, horizon = whole(data["threshold"]), whole(data["horizon"], 1)
    least = -(10**18)
    rows = [[whole(x, least) for x in row] for row in data["prices"]]
    prices = {(bucket, ending): nu for bucket, ending, nu in rows}
    value, adds, ends = 0, [], {low}
    for r, lam in zip(requests, data["multipliers"], strict=True):
        peak, ending = r.prompt + r.output, max(r.prompt, low)
        if peak <= low:
            value += scale * r.output
            continue
        most = scale * (horizon + 1 - r.arrival)
        require(whole(lam, least) <= most, "a horizon too short")
        value += lam
        ends.add(ending)
        adds.append((peak, ending, r.arrival, r.arrival + r.output, lam))
    costs: Costs = {(): 0}
    for t in range(horizon, 0, -1):
        spend(1 + len(adds))
        new: dict[int, int] = {}
        for peak, ending, arrival, earliest, lam in adds:
            if earliest <= t:
                price = scale * (t - arrival) - lam
                price += prices.get(((t - peak + ending) // width, ending), 0)
                new[peak] = min(price, new.get(peak, price))
        for peak, price in sorted(new.items()):

            def add(state: State, peak: int = peak) -> State | None:
                fits = sum(state) + peak <= memory
                return tuple(sorted((*state, peak))) if fits else None

            spread(costs, add, price)
        for ending in sorted(ends, reverse=True):

            def end(state: State, usage: int = ending + 1) -> State | None:
                if usage not in state:
                    return None
                k = state.index(usage)
                return state[:k] + state[k + 1 :]

            spread(costs, end, -prices.get(((t - 1) // width, ending), 0))
        kept = {state: x for state, x in costs.items() if low + 1 not in state}
        costs = {tuple(u - 1 for u in state): x for state, x in kept.items()}
    return Fraction(value + costs[()], scale)


def check_bound(memory: int, requests: Requests, document: Any) -> int:
    """Return a stated bound that its method proves."""
    method, data = document["method"], document["data"]
    if method in ("lp-dual", "lagrangian"):
        derive = lp_dual if method == "lp-dual" else lagrangian
        found = derive(memory, requests, data)
    elif method == "trivial":
        found = Fraction(sum(r.output for r in requests))
    else:
        require(method in ("area", "mean-busy-time"), f"method {method!r}")
        plain = area if method == "area" else mean_busy_time
        found = plain(memory, requests)
    value = whole(document["value"])
    require(value <= ceil(found), f"{value}, but {method} proves {found}")
    return value
