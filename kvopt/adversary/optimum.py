"""The optimum of a tiny instance, fast enough for thousands of calls."""

from __future__ import annotations

from typing import NamedTuple

from kvopt.model import Instance

__all__ = ["Found", "cheapest"]


class Found(NamedTuple):
    """What a search for cheaper schedules found.

    Parameters
    ----------
    starts
        Start rounds of the cheapest schedule found; None when there was
        none below the limit.
    proved
        Whether every schedule was ruled out that is cheaper still (or, with
        ``starts`` None, cheaper than the limit).
    """

    starts: tuple[int, ...] | None
    proved: bool


def cheapest(instance: Instance, below: int, nodes: int) -> Found:
    """Find the cheapest schedule with a total latency less than ``below``.

    Parameters
    ----------
    instance
        The instance; meant for about 8 requests and short outputs.
    below
        Total latency that has to be beaten, in rounds. The lower it is, the
        faster the answer.
    nodes
        Effort: how many partial schedules to look at. The result depends on
        nothing else, so that it can be repeated on any machine.

    Notes
    -----
    Depth first over the requests in order of start round, then of volume. A
    partial schedule is given up when no completion reaches ``below``: the
    ``k``-th completion of those not placed is at least the ``k``-th smallest
    ``max(t, a_i) + o_i``, where ``t`` is the round to be filled, and at least
    the round by which the memory left free since ``t`` holds the ``k``
    smallest volumes. Cancelled runs never help and are not tried.
    """
    return _Search(instance, below, nodes).run()


class _OutOfNodes(Exception):
    pass


class _Search:
    """Costs are sums of completions here: arrivals add a constant."""

    def __init__(self, instance: Instance, below: int, nodes: int) -> None:
        volume = instance.volume.tolist()
        requests = list(instance)
        # The k smallest volumes of any remainder are then its first k, and
        # equal requests are neighbours.
        self.order = sorted(
            range(len(requests)), key=lambda i: (volume[i], requests[i])
        )
        self.requests = [requests[i] for i in self.order]
        self.arrival = [r.arrival for r in self.requests]
        self.output = [r.output for r in self.requests]
        self.volume = [volume[i] for i in self.order]
        self.longest = max(self.output)
        # No optimum lasts longer.
        self.end = max(self.arrival) + sum(self.output)
        self.free = [instance.memory] * (self.end + 1)
        self.below = below + sum(self.arrival)
        self.nodes = nodes
        self.start = [0] * len(requests)
        self.best: list[int] | None = None
        self.seen: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int]
        self.seen = {}

    def run(self) -> Found:
        """Search, and put the starts into the instance's order."""
        try:
            self.extend(tuple(range(len(self.order))), 0, 0, 0)
            proved = True
        except _OutOfNodes:
            proved = False
        if self.best is None:
            return Found(None, proved)
        starts = [0] * len(self.order)
        for i, start in zip(self.order, self.best, strict=True):
            starts[i] = start
        return Found(tuple(starts), proved)

    def extend(
        self, others: tuple[int, ...], now: int, after: int, spent: int
    ) -> None:
        """Try everything for ``others``, from round ``now`` on.

        In ``now`` itself only those from ``after`` on are tried: the turn of
        the ones before it is over. ``spent`` is the cost of the placed.
        """
        if not others:
            self.below = spent
            self.best = self.start.copy()
            return
        while spent + self.at_least(others, now) < self.below:
            if not after and self.known(others, now, spent):
                return
            tried = None
            for k, i in enumerate(others):
                request = self.requests[i]
                if request == tried:
                    continue  # its twin had its turn, started or not
                tried = request
                if (
                    i < after
                    or request.arrival > now
                    or not self.fits(request.prompt, request.output, now)
                ):
                    continue
                self.nodes -= 1
                if self.nodes < 0:
                    raise _OutOfNodes
                self.start[i] = now
                self.take(1, request.prompt, request.output, now)
                rest = others[:k] + others[k + 1 :]
                self.extend(rest, now, i, spent + now + request.output)
                self.take(-1, request.prompt, request.output, now)
            now += 1
            after = 0

    def known(self, others: tuple[int, ...], now: int, spent: int) -> bool:
        """Whether this point was reached before at no higher cost."""
        ahead = tuple(self.free[now + 1 : now + self.longest])
        state = (now, others, ahead)
        if self.seen.get(state, spent + 1) <= spent:
            return True
        self.seen[state] = spent
        return False

    def fits(self, prompt: int, output: int, now: int) -> bool:
        """Whether the request's units are free in each of its rounds."""
        need = prompt
        for free in self.free[now + 1 : now + 1 + output]:
            need += 1
            if free < need:
                return False
        return True

    def take(self, sign: int, prompt: int, output: int, now: int) -> None:
        """Take a request's units in all its rounds; sign -1 gives back."""
        free = self.free
        for k in range(1, output + 1):
            free[now + k] -= sign * (prompt + k)

    def at_least(self, others: tuple[int, ...], now: int) -> int:
        """Bound the cost of ``others``, none started before ``now``."""
        arrival, output, volume = self.arrival, self.output, self.volume
        alone = [
            output[i] + (now if arrival[i] < now else arrival[i])
            for i in others
        ]
        alone.sort()
        free, end = self.free, self.end
        if alone[-1] > end:
            return self.below
        total = room = need = 0
        t = now
        for earliest, i in zip(alone, others, strict=True):
            need += volume[i]
            while room < need:
                t += 1
                if t > end:
                    return self.below
                room += free[t]
            total += earliest if earliest > t else t
        return total
