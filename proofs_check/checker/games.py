"""Games: an adversary's strategy against every answer of a policy.

Of a file the setting is believed. Of a node of a clairvoyant game only the
adversary's move is read, not what is said of states and costs; of a node of
a game with restarts, what runs after the adversary's reply.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from . import rules
from .rules import Request, answers, feasible, least_latency, require, whole

Position = tuple[Request, ...]
State = tuple[int, ...]


class Worker:
    """A worker on which nothing is cancelled, with the types of a game."""

    def __init__(self, document: Any) -> None:
        self.memory = whole(document["memory"])
        self.types = [(whole(s), whole(o, 1)) for s, o in document["types"]]
        self.ratio = Fraction(*document["ratio"])
        fit = all(s + o <= self.memory for s, o in self.types)
        require(self.ratio >= 1 and fit, "a ratio below 1, or a misfit")

    def released(self, t: int, counts: Any) -> list[Request]:
        """Return the requests of a release."""
        require(len(counts) == len(self.types), "a bad release")
        rules.spend(sum(map(whole, counts)))
        return [
            Request(whole(t), *size)
            for size, count in zip(self.types, counts, strict=True)
            for _ in range(whole(count))
        ]

    def offline(self, requests: list[Request], runs: Any) -> int:
        """Return the cost of an offline schedule, pairs of start and type."""
        left = sorted(
            (self.types[whole(k)], whole(start)) for start, k in runs
        )
        asked = sorted((r[1:3], r.arrival) for r in requests)
        require([x for x, _ in left] == [x for x, _ in asked], "a run lost")
        done = [
            Request(arrival, *size, start)
            for (size, start), (_, arrival) in zip(left, asked, strict=True)
        ]
        return feasible(self.memory, done)


class ClairvoyantGame(Worker):
    """A strategy against every online policy that knows the lengths."""

    def __init__(self, document: Any) -> None:
        super().__init__(document)
        self.requests = whole(document["requests"])
        self.horizon = whole(document["horizon"])
        self.nodes: list[Any] = document["nodes"]
        self.won: set[Any] = set()
        self.play(0, 0, ())

    def play(self, number: int, t: int, requests: Position) -> None:
        """Check that the strategy wins from a node, whatever comes."""
        if (number, t, requests) in self.won:
            return
        node = self.nodes[number]
        self.won.add((number, t, requests))
        if "offline" in node:
            require(requests, f"node {number}: a stop before anything")
            offline = self.offline(list(requests), node["offline"])
            least = least_latency(self.memory, requests, t)
            wins = least >= self.ratio * offline
            require(wins, f"node {number}: {least} against {offline}")
            return
        new = self.released(t, node["release"])
        present = [*requests, *new]
        allowed = t <= self.horizon or not new
        allowed &= len(present) <= self.requests
        require(allowed, f"node {number}: a release too late, or too many")
        following = {tuple(starts): after for starts, after in node["next"]}
        for after in answers(self.memory, present, t):
            begun = [r[1:3] for r in after if r.start == t]
            counts = tuple(begun.count(size) for size in self.types)
            require(counts in following, f"node {number}: no {counts}")
            target = whole(following[counts], number + 1)
            self.play(target, t + 1, after)


class RandomisedGame(Worker):
    """A distribution of instances, against every deterministic policy."""

    def __init__(self, document: Any) -> None:
        super().__init__(document)
        self.weights: list[int] = []
        self.arrivals: list[list[Request]] = []
        cost = 0
        for row in document["instances"]:
            requests: list[Request] = []
            for t, counts in row["released"]:
                requests += self.released(t, counts)
            require(requests, "an instance without requests")
            self.weights.append(whole(row["weight"], 1))
            self.arrivals.append(requests)
            cost += self.weights[-1] * self.offline(requests, row["offline"])
        require(self.weights, "no instance")
        self.known: dict[Any, int] = {}
        paid = self.least(0, tuple(range(len(self.weights))), ())
        require(paid >= self.ratio * cost, f"{paid} against {cost} offline")

    def least(self, t: int, group: State, requests: Position) -> int:
        """Return what instances cost that nothing told apart before ``t``."""
        key = (t, group, requests)
        if key in self.known:
            return self.known[key]
        if all(r.arrival < t for k in group for r in self.arrivals[k]):
            weight = sum(self.weights[k] for k in group)
            value = weight * least_latency(self.memory, requests, t)
        else:
            parts: dict[Position, list[int]] = {}
            for k in group:
                new = sorted(r for r in self.arrivals[k] if r.arrival == t)
                parts.setdefault(tuple(new), []).append(k)
            value = sum(
                min(
                    self.least(t + 1, tuple(part), after)
                    for after in answers(self.memory, [*requests, *new], t)
                )
                for new, part in parts.items()
            )
        self.known[key] = value
        return value


class Slot(NamedTuple):
    """A request of unknown length: ended, at some length, or not.

    ``age`` is -1 as long as it waits; its length exceeds ``floor``.
    """

    age: int
    floor: int
    length: int = 0


class RestartGame:
    """A game of unknown lengths, all at 0, with cancelling."""

    def __init__(self, document: Any) -> None:
        self.memory = whole(document["memory"])
        self.prompt = whole(document["prompt"])
        self.lengths = [whole(o, 1) for o in document["lengths"]]
        self.ratio = Fraction(*document["ratio"])
        self.nodes: list[Any] = document["nodes"]
        fit = self.prompt + max(self.lengths) <= self.memory
        require(self.ratio >= 1 and fit, "a ratio below 1, or a misfit")
        self.won: set[Any] = set()
        self.rests: dict[Any, int] = {}
        rules.spend(whole(document["requests"]))
        self.play(0, 0, (Slot(-1, 0),) * whole(document["requests"], 1))

    def choices(self, ages: list[int]) -> Iterator[State]:
        """Yield the ages that cancelling and starting can lead to."""
        for after in product(*(sorted({-1, 0, max(a, 0)}) for a in ages)):
            rules.spend(4 + 4 * len(after))
            need = sum(self.prompt + a + 1 for a in after if a >= 0)
            if need <= self.memory:
                yield after

    def least(self, present: tuple[tuple[int, int], ...]) -> int:
        """Return the least rounds that (age, length) pairs still take."""
        queue = [(0, present)]
        settled = set()
        while queue:
            cost, state = heapq.heappop(queue)
            if not state:
                return cost
            if state in settled:
                continue
            settled.add(state)
            for ages in self.choices([age for age, _ in state]):
                pairs = zip(ages, state, strict=True)
                # Those that run, at ages from 0 on, grow older by a round.
                after = [(a + (a >= 0), o) for a, (_, o) in pairs]
                left = tuple(sorted((a, o) for a, o in after if a < o))
                heapq.heappush(queue, (cost + len(state), left))
        raise AssertionError("a request alone always ends")

    def stop(self, node: Any, cost: int, slots: tuple[Slot, ...]) -> None:
        """Check that stopping at a node wins."""
        left = sorted(s for s in slots if not s.length and s.age >= 0)
        left += sorted(s for s in slots if not s.length and s.age < 0)
        outputs = node["outputs"]
        for slot, output in zip(left, outputs, strict=True):
            require(slot.floor < output in self.lengths, "a length ruled out")
        ended = sorted([s.length for s in slots if s.length] + outputs)
        runs = [
            Request(0, self.prompt, self.lengths[whole(k)], whole(start))
            for start, k in node["offline"]
        ]
        require(sorted(r.output for r in runs) == ended, "a run lost")
        offline = feasible(self.memory, runs)
        ages = [s.age for s in left]
        present = tuple(sorted(zip(ages, outputs, strict=True)))
        if present not in self.rests:
            self.rests[present] = self.least(present)
        paid = cost + self.rests[present]
        require(paid >= self.ratio * offline, f"{paid} against {offline}")

    def play(self, number: int, cost: int, slots: tuple[Slot, ...]) -> None:
        """Check that the strategy wins from a node, whatever comes."""
        key = (number, cost, tuple(sorted(slots)))
        if key in self.won:
            return
        self.won.add(key)
        node = self.nodes[number]
        if "offline" in node:
            self.stop(node, cost, slots)
            return
        going = [s for s in slots if not s.length]
        require(going, f"node {number}: nothing left")
        ended = [s for s in slots if s.length]
        following = {
            (tuple(map(tuple, running)), tuple(waiting)): after
            for running, waiting, after in node["next"]
        }
        for ages in self.choices([s.age for s in going]):
            after = [Slot(a, *s[1:]) for s, a in zip(going, ages, strict=True)]
            runs = sorted((s.age, s.floor) for s in after if s.age >= 0)
            waits = sorted(s.floor for s in after if s.age < 0)
            move = (tuple(runs), tuple(waits))
            require(move in following, f"node {number}: no branch for {move}")
            target = whole(following[move], number + 1)
            said = [tuple(run) for run in self.nodes[target]["running"]]
            reply = self.reply(after, said)
            self.play(target, cost + len(going), (*ended, *reply))

    def reply(self, slots: list[Slot], running: list[State]) -> list[Slot]:
        """Return the requests after a round, given which still run.

        Requests that cannot have ended are looked for first.
        """

        def may_end(slot: Slot) -> bool:
            return slot.age + 1 > slot.floor and slot.age + 1 in self.lengths

        after = []
        left = list(running)
        for slot in sorted(slots, key=may_end):
            older = (slot.age + 1, max(slot.floor, slot.age + 1))
            if slot.age < 0:
                after.append(slot)
            elif older in left:
                left.remove(older)
                require(older[1] < max(self.lengths), "a run without end")
                after.append(Slot(*older))
            else:
                require(may_end(slot), "an end that was ruled out")
                after.append(Slot(-1, 0, slot.age + 1))
        require(not left, "a request that did not run")
        return after


GAMES: dict[str, type[Worker | RestartGame]] = {
    "clairvoyant": ClairvoyantGame,
    "randomised": RandomisedGame,
    "restarts": RestartGame,
}


def check_game(document: Any) -> Fraction:
    """Return the ratio that a game proves against every policy."""
    require(document["game"] in GAMES, "an unknown game")
    return GAMES[document["game"]](document).ratio
