"""A stand-alone checker of games: one file, the standard library only.

    python check_game.py GAME.json ...

Copy it wherever you like. It plays the adversary's strategy of a game
against every answer that a policy may give, with each request kept by
itself. Of a file it believes the setting. Of a node of a clairvoyant game it
reads only the adversary's move, not what is said about states and costs; of
a node of a game with restarts, what runs after the adversary's reply.
``docs/games.md`` in the repository of kvopt has the rules and the theorem.
"""

from __future__ import annotations

import heapq
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

__all__ = ["RejectedError", "check", "main"]


class RejectedError(Exception):
    """The game does not prove what it states, or cannot be read."""


class Request(NamedTuple):
    """A request; ``start`` is -1 as long as it waits."""

    arrival: int
    kind: int
    start: int


def require(holds: bool, fault: str) -> None:
    """Reject the game unless something holds."""
    if not holds:
        raise RejectedError(fault)


class Worker:
    """A worker on which nothing is cancelled, with the sizes of a game.

    Parameters
    ----------
    document
        The parsed file.
    """

    def __init__(self, document: Any) -> None:
        self.memory: int = document["memory"]
        self.sizes: list[tuple[int, int]] = [
            (s, o) for s, o in document["types"]
        ]
        self.ratio = Fraction(*document["ratio"])
        numbers = [self.memory]
        numbers += [x for pair in self.sizes for x in pair]
        require(
            all(type(x) is int and x >= 0 for x in numbers), "a bad number"
        )
        require(
            all(o >= 1 and s + o <= self.memory for s, o in self.sizes),
            "a type that does not fit into the memory",
        )
        require(self.ratio >= 1, "a ratio below 1")

    def held(self, requests: list[Request], t: int) -> int:
        """Return what the started requests hold in round ``t``."""
        total = 0
        for arrival, kind, start in requests:
            prompt, output = self.sizes[kind]
            if start >= arrival and start < t <= start + output:
                total += prompt + t - start
        return total

    def fits(self, requests: list[Request], t: int) -> bool:
        """Return whether nothing exceeds the memory after round ``t``."""
        last = t + self.memory + 1  # no run is longer than the memory
        return all(
            self.held(requests, u) <= self.memory for u in range(t + 1, last)
        )

    def answers(
        self, requests: list[Request], t: int
    ) -> Iterator[tuple[tuple[int, ...], list[Request]]]:
        """Yield what a policy may start in round ``t``.

        Of equal requests that wait the earlier one starts first: exchanging
        them changes neither memory nor total latency.
        """
        kinds = range(len(self.sizes))
        waiting = [
            [r for r in requests if r.kind == kind and r.start < 0]
            for kind in kinds
        ]
        for counts in product(*(range(len(w) + 1) for w in waiting)):
            after = list(requests)
            for kind in kinds:
                for request in waiting[kind][: counts[kind]]:
                    after.remove(request)
                    after.append(request._replace(start=t))
            if self.fits(after, t):
                yield counts, sorted(after)

    def cost_at_best(self, requests: list[Request], t: int) -> int:
        """Return the least total latency over all continuations.

        Positions are settled in ascending order of cost; every waiting
        request pays one for each round.
        """
        outputs = [self.sizes[r.kind][1] for r in requests]
        begun = sum(
            (r.start + o if r.start >= 0 else t) - r.arrival
            for r, o in zip(requests, outputs, strict=True)
        )
        first = (begun, t, tuple(sorted(requests)))
        queue = [first]
        settled = set()
        while queue:
            cost, u, state = heapq.heappop(queue)
            if all(r.start >= 0 for r in state):
                return cost
            if (u, state) in settled:
                continue
            settled.add((u, state))
            idle = self.held(list(state), u + 1) == 0
            for counts, after in self.answers(list(state), u):
                if idle and not any(counts):
                    continue
                more = sum(
                    count * size[1]
                    for count, size in zip(counts, self.sizes, strict=True)
                )
                more += sum(r.start < 0 for r in after)
                heapq.heappush(queue, (cost + more, u + 1, tuple(after)))
        raise RejectedError("no continuation")

    def offline_cost(self, requests: list[Request], runs: Any) -> int:
        """Return the total latency of an offline schedule of an instance."""
        starts: list[list[int]] = [[] for _ in self.sizes]
        for start, kind in runs:
            require(
                type(start) is int and kind in range(len(self.sizes)),
                "an offline run of no round or type",
            )
            starts[kind].append(start)
        done = []
        for kind in range(len(self.sizes)):
            arrivals = sorted(r.arrival for r in requests if r.kind == kind)
            require(len(arrivals) == len(starts[kind]), "an offline run lost")
            for arrival, start in zip(
                arrivals, sorted(starts[kind]), strict=True
            ):
                require(start >= arrival, "an offline start too early")
                done.append(Request(arrival, kind, start))
        last = max(r.start for r in done) + self.memory
        require(
            all(self.held(done, u) <= self.memory for u in range(last + 1)),
            "an offline schedule beyond the memory",
        )
        return sum(r.start + self.sizes[r.kind][1] - r.arrival for r in done)


class ClairvoyantGame(Worker):
    """A clairvoyant game, and the positions in which it was found to be won.

    Parameters
    ----------
    document
        The parsed file.
    """

    def __init__(self, document: Any) -> None:
        super().__init__(document)
        self.requests: int = document["requests"]
        self.horizon: int = document["horizon"]
        self.nodes: list[Any] = document["nodes"]
        require(
            type(self.requests) is int and type(self.horizon) is int,
            "a bad number",
        )
        self.won: set[tuple[int, int, tuple[Request, ...]]] = set()

    def play(self, number: int, t: int, requests: list[Request]) -> None:
        """Check that the strategy wins from a node, whatever comes."""
        key = (number, t, tuple(sorted(requests)))
        if key in self.won:
            return
        node = self.nodes[number]
        if "offline" in node:
            require(bool(requests), f"node {number}: a stop before anything")
            offline = self.offline_cost(requests, node["offline"])
            least = self.cost_at_best(requests, t)
            require(
                least >= self.ratio * offline,
                f"node {number}: {least} against {offline} offline",
            )
            self.won.add(key)
            return
        release = node["release"]
        require(
            len(release) == len(self.sizes)
            and all(type(x) is int and x >= 0 for x in release),
            f"node {number}: a bad release",
        )
        require(
            t <= self.horizon or not any(release),
            f"node {number}: a release after the horizon",
        )
        present = requests + [
            Request(t, kind, -1)
            for kind, count in enumerate(release)
            for _ in range(count)
        ]
        require(
            len(present) <= self.requests, f"node {number}: too many requests"
        )
        following = {tuple(starts): after for starts, after in node["next"]}
        for counts, after in self.answers(present, t):
            require(
                counts in following, f"node {number}: no branch for {counts}"
            )
            target = following[counts]
            require(
                type(target) is int and number < target < len(self.nodes),
                f"node {number}: a branch to no later node",
            )
            self.play(target, t + 1, after)
        self.won.add(key)


class RandomisedGame(Worker):
    """A distribution of instances, against every deterministic policy.

    Parameters
    ----------
    document
        The parsed file.
    """

    def __init__(self, document: Any) -> None:
        super().__init__(document)
        self.weights: list[int] = []
        self.arrivals: list[list[Request]] = []
        self.offline = 0
        for row in document["instances"]:
            weight = row["weight"]
            require(type(weight) is int and weight > 0, "a bad weight")
            requests = []
            for t, counts in row["released"]:
                require(
                    type(t) is int
                    and t >= 0
                    and len(counts) == len(self.sizes),
                    "a bad release",
                )
                for kind, count in enumerate(counts):
                    require(type(count) is int and count >= 0, "a bad release")
                    requests += [Request(t, kind, -1)] * count
            require(bool(requests), "an instance without requests")
            self.weights.append(weight)
            self.arrivals.append(requests)
            self.offline += weight * self.offline_cost(
                requests, row["offline"]
            )
        require(bool(self.weights), "no instance")
        self.known: dict[
            tuple[int, tuple[int, ...], tuple[Request, ...]], int
        ] = {}

    def least(
        self, t: int, group: tuple[int, ...], requests: tuple[Request, ...]
    ) -> int:
        """Return what instances cost that nothing told apart before ``t``."""
        key = (t, group, requests)
        if key in self.known:
            return self.known[key]
        if all(r.arrival < t for k in group for r in self.arrivals[k]):
            weight = sum(self.weights[k] for k in group)
            value = weight * self.cost_at_best(list(requests), t)
        else:
            parts: dict[tuple[Request, ...], list[int]] = {}
            for k in group:
                new = sorted(r for r in self.arrivals[k] if r.arrival == t)
                parts.setdefault(tuple(new), []).append(k)
            value = sum(
                min(
                    self.least(t + 1, tuple(part), tuple(after))
                    for _, after in self.answers([*requests, *new], t)
                )
                for new, part in parts.items()
            )
        self.known[key] = value
        return value

    def play(self) -> None:
        """Check that no policy stays below the ratio in expectation."""
        every = tuple(range(len(self.weights)))
        paid = self.least(0, every, ())
        require(
            paid >= self.ratio * self.offline,
            f"{paid} against {self.offline} offline",
        )


class Slot(NamedTuple):
    """A request of unknown length: ended, at some length, or not.

    ``age`` is -1 as long as it waits; its length exceeds ``floor``.
    """

    age: int
    floor: int
    length: int = 0


class RestartGame:
    """A game of unknown lengths, and the positions found to be won.

    Parameters
    ----------
    document
        The parsed file.
    """

    def __init__(self, document: Any) -> None:
        self.memory: int = document["memory"]
        self.prompt: int = document["prompt"]
        self.lengths: list[int] = document["lengths"]
        self.requests: int = document["requests"]
        self.ratio = Fraction(*document["ratio"])
        self.nodes: list[Any] = document["nodes"]
        numbers = [self.memory, self.prompt, self.requests, *self.lengths]
        require(
            all(type(x) is int and x >= 0 for x in numbers), "a bad number"
        )
        require(
            all(1 <= o <= self.memory - self.prompt for o in self.lengths),
            "a length that does not fit into the memory",
        )
        require(self.ratio >= 1, "a ratio below 1")
        self.won: set[tuple[int, int, tuple[Slot, ...]]] = set()
        self.rests: dict[tuple[tuple[int, int], ...], int] = {}

    def need(self, age: int) -> int:
        """Return what a request of an age holds in the next round."""
        return self.prompt + age + 1

    def moves(self, slots: list[Slot]) -> Iterator[list[Slot]]:
        """Yield what a policy may make of all requests before a round."""
        choices = []
        for slot in slots:
            if slot.length:
                choices.append([slot])
                continue
            ages = sorted({-1, 0, max(slot.age, 0)})
            choices.append([slot._replace(age=age) for age in ages])
        for after in product(*choices):
            held = sum(self.need(s.age) for s in after if s.age >= 0)
            if held <= self.memory:
                yield list(after)

    def least(self, outputs: tuple[tuple[int, int], ...]) -> int:
        """Return the least rounds that requests still take in all.

        A request is an age, -1 when it waits, and its length. Positions are
        settled in ascending order of cost; a policy may cancel at any time.
        """
        queue = [(0, outputs)]
        settled = set()
        while queue:
            cost, state = heapq.heappop(queue)
            if not state:
                return cost
            if state in settled:
                continue
            settled.add(state)
            options = [sorted({-1, 0, max(age, 0)}) for age, _ in state]
            for ages in product(*options):
                if sum(self.need(a) for a in ages if a >= 0) > self.memory:
                    continue
                after = [
                    (a + 1 if a >= 0 else -1, o)
                    for a, (_, o) in zip(ages, state, strict=True)
                ]
                left = tuple(sorted((a, o) for a, o in after if a < o))
                heapq.heappush(queue, (cost + len(state), left))
        raise RejectedError("no continuation")

    def stop(self, node: Any, cost: int, slots: list[Slot]) -> None:
        """Check that stopping at a node wins."""
        going = sorted(s for s in slots if not s.length and s.age >= 0)
        waits = sorted(s for s in slots if not s.length and s.age < 0)
        outputs = node["outputs"]
        require(len(outputs) == len(going) + len(waits), "a length missing")
        for slot, output in zip(going + waits, outputs, strict=True):
            require(
                output in self.lengths and output > slot.floor,
                "a length that was ruled out",
            )
        ended = sorted([s.length for s in slots if s.length] + outputs)
        runs = [(start, self.lengths[kind]) for start, kind in node["offline"]]
        require(sorted(o for _, o in runs) == ended, "an offline run lost")
        require(
            all(type(start) is int and start >= 0 for start, _ in runs),
            "an offline start that is no round",
        )
        offline = 0
        for start, output in runs:
            offline += start + output
            for u in range(start + 1, start + output + 1):
                held = sum(
                    self.need(u - 1 - p) for p, o in runs if p < u <= p + o
                )
                require(held <= self.memory, "an offline schedule too large")
        ages = [s.age for s in going + waits]
        present = tuple(sorted(zip(ages, outputs, strict=True)))
        if present not in self.rests:
            self.rests[present] = self.least(present)
        rest = self.rests[present]
        require(
            cost + rest >= self.ratio * offline,
            f"{cost + rest} against {offline} offline",
        )

    def play(self, number: int, cost: int, slots: list[Slot]) -> None:
        """Check that the strategy wins from a node, whatever comes."""
        key = (number, cost, tuple(sorted(slots)))
        if key in self.won:
            return
        node = self.nodes[number]
        if "offline" in node:
            self.stop(node, cost, slots)
            self.won.add(key)
            return
        require(
            not all(s.length for s in slots), f"node {number}: nothing left"
        )
        following = {
            (tuple(map(tuple, running)), tuple(waiting)): after
            for running, waiting, after in node["next"]
        }
        unfinished = sum(not s.length for s in slots)
        for after in self.moves(slots):
            move = (
                tuple(
                    sorted(
                        (s.age, s.floor)
                        for s in after
                        if not s.length and s.age >= 0
                    )
                ),
                tuple(
                    sorted(
                        s.floor for s in after if not s.length and s.age < 0
                    )
                ),
            )
            require(move in following, f"node {number}: no branch for {move}")
            target = following[move]
            require(
                type(target) is int and number < target < len(self.nodes),
                f"node {number}: a branch to no later node",
            )
            said = [tuple(run) for run in self.nodes[target]["running"]]
            reply = self.reply(after, said)
            self.play(target, cost + unfinished, reply)
        self.won.add(key)

    def reply(
        self, slots: list[Slot], running: list[tuple[int, ...]]
    ) -> list[Slot]:
        """Return the requests after a round, given which of them still run.

        Requests that cannot have ended are looked for first.
        """
        after = []
        left = list(running)

        def may_end(slot: Slot) -> bool:
            return slot.age + 1 > slot.floor and slot.age + 1 in self.lengths

        for slot in sorted(slots, key=may_end):
            if slot.length or slot.age < 0:
                after.append(slot)
                continue
            older = (slot.age + 1, max(slot.floor, slot.age + 1))
            if older in left:
                left.remove(older)
                require(older[1] < max(self.lengths), "a request without end")
                after.append(Slot(*older))
            else:
                require(may_end(slot), "an end that was ruled out")
                after.append(Slot(-1, 0, slot.age + 1))
        require(not left, "a request that did not run")
        return after


def check(document: Any) -> Fraction:
    """Return the ratio that a game proves.

    Raises
    ------
    RejectedError
        When it proves nothing.
    """
    try:
        require(document["format"] == "kvopt-game/1", "not a game")
        if document["game"] == "clairvoyant":
            clairvoyant = ClairvoyantGame(document)
            clairvoyant.play(0, 0, [])
            return clairvoyant.ratio
        if document["game"] == "randomised":
            randomised = RandomisedGame(document)
            randomised.play()
            return randomised.ratio
        require(document["game"] == "restarts", "an unknown game")
        restarts = RestartGame(document)
        restarts.play(0, 0, [Slot(-1, 0)] * restarts.requests)
        return restarts.ratio
    except (
        AttributeError,
        IndexError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
        ZeroDivisionError,
    ) as error:
        raise RejectedError(f"malformed: {error!r}") from None


def main(paths: list[str]) -> int:
    """Check files; return 0 when each proves its ratio."""
    status = 0
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                ratio = check(json.load(file))
            print(f"{path}: every policy has ratio at least {ratio}")
        except (RejectedError, OSError, ValueError) as error:
            print(f"{path}: REJECTED: {error}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
