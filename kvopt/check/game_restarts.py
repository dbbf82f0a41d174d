"""The checker of the game of unknown lengths, position by position."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, product
from typing import Any, NamedTuple

from kvopt.check.budget import Meter
from kvopt.check.documents import keys_are, shape, text, typed, whole
from kvopt.check.game_clairvoyant import (
    completion,
    numbers,
    offline_cost,
    read_ratio,
)
from kvopt.check.game_nodes import checked_nodes, faults_of
from kvopt.check.game_verdict import GameVerdict
from kvopt.model.errors import InputError

__all__ = ["check_restarts"]

# A request that runs: its age, and a number that its length exceeds.
Running = tuple[tuple[int, int], ...]
Waiting = tuple[int, ...]

_REQUEST_LIMIT = 10


class RestartsPosition(NamedTuple):
    """A position before the policy's move."""

    finished: tuple[int, ...]
    running: Running
    waiting: Waiting
    cost: int


class RestartsNode(NamedTuple):
    """A position, and how the adversary stops or answers there.

    ``outputs`` are the lengths that it gives to what runs, then to what
    waits; ``following`` names the node after each move of the policy.
    """

    position: RestartsPosition
    outputs: tuple[int, ...] | None
    offline: tuple[tuple[int, int], ...]
    following: dict[tuple[Running, Waiting], int]


class RestartsRules(NamedTuple):
    """The setting of a game file."""

    memory: int
    prompt: int
    lengths: tuple[int, ...]
    requests: int
    ratio: Fraction

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """Prompt and output of each type."""
        return tuple((self.prompt, o) for o in self.lengths)


def check_restarts(document: Any, meter: Meter) -> GameVerdict:
    """Check the document of a game of unknown lengths.

    Parameters
    ----------
    document
        The parsed file.
    meter
        Stops the check when it takes too much.

    Raises
    ------
    InputError
        When a part of the document is malformed, or it takes too much.
    """
    rules, nodes = _read(document)
    none = (0,) * len(rules.lengths)
    start = RestartsPosition(none, (), (0,) * rules.requests, 0)
    known: dict[Any, int] = {}
    problems = faults_of(
        nodes,
        nodes[0].position == start,
        lambda node: node.outputs is not None,
        lambda node: _stop_faults(rules, node, known, meter),
        lambda node: _move_faults(rules, nodes, node, meter),
    )
    return GameVerdict(
        game="restarts",
        memory=rules.memory,
        types=rules.sizes,
        requests=rules.requests,
        ratio=rules.ratio,
        nodes=len(nodes),
        stops=sum(node.outputs is not None for node in nodes),
        problems=problems,
    )


def _stop_faults(
    rules: RestartsRules,
    node: RestartsNode,
    known: dict[Any, int],
    meter: Meter,
) -> Iterator[str]:
    """Yield what is wrong with stopping at a node."""
    at, outputs = node.position, node.outputs
    assert outputs is not None
    floors = [k for _, k in at.running] + list(at.waiting)
    if len(outputs) != len(floors):
        yield f"gives {len(outputs)} lengths to {len(floors)} requests"
        return
    for output, floor in zip(outputs, floors, strict=True):
        if output not in rules.lengths or output <= floor:
            yield f"gives length {output} to one known to exceed {floor}"
            return
    counts = tuple(
        done + outputs.count(length)
        for done, length in zip(at.finished, rules.lengths, strict=True)
    )
    offline = offline_cost(
        rules.memory, rules.sizes, ((0, counts),), node.offline, meter
    )
    if isinstance(offline, str):
        yield offline
        return
    total = at.cost + _rest(rules, at.running, outputs, known, meter)
    if total < rules.ratio * offline:
        yield (
            f"stops where the policy may end with {total}, less than "
            f"{rules.ratio} times the offline {offline}"
        )


def _rest(
    rules: RestartsRules,
    running: Running,
    outputs: tuple[int, ...],
    known: dict[Any, int],
    meter: Meter,
) -> int:
    """Return the least rest of the total latency, lengths known.

    What is ever cancelled is cancelled now: that leaves more room.
    """
    totals = []
    for kept in product((True, False), repeat=len(running)):
        meter.spend(20 + len(rules.lengths) + 3 * sum(outputs))
        usage: dict[int, int] = {}
        waits = list(outputs[len(running) :])
        rounds = 0
        for (age, _), output, keep in zip(
            running, outputs[: len(running)], kept, strict=True
        ):
            if not keep:
                waits.append(output)
                continue
            rounds += output - age
            for later in range(age + 1, output + 1):
                held = usage.get(later - age, 0)
                usage[later - age] = held + rules.prompt + later
        if any(held > rules.memory for held in usage.values()):
            continue
        line = tuple(usage[k] for k in sorted(usage))
        counts = tuple(waits.count(o) for o in rules.lengths)
        totals.append(
            rounds
            + completion(rules.memory, rules.sizes, line, counts, known, meter)
        )
    return min(totals)


def _move_faults(
    rules: RestartsRules,
    nodes: list[RestartsNode],
    node: RestartsNode,
    meter: Meter,
) -> Iterator[str]:
    """Yield what is wrong with the replies to the policy's moves."""
    at = node.position
    if not at.running and not at.waiting:
        yield "goes on although every request has ended"
    moves = set(_moves(rules, at, meter))
    for running, waiting in node.following.keys() - moves:
        yield f"has a branch {running}, {waiting} that no policy can take"
    for move in sorted(moves):
        if move not in node.following:
            yield f"has no branch to running {move[0]}, waiting {move[1]}"
            continue
        other = node.following[move]
        meter.spend(60 + 3 * len(rules.lengths))
        fault = _reply_fault(rules, at, move, nodes[other].position)
        if fault:
            yield f"node {other} is no reply: {fault}"


def _moves(
    rules: RestartsRules, at: RestartsPosition, meter: Meter
) -> Iterator[tuple[Running, Waiting]]:
    """Yield what may run, by age, and wait after the policy's move.

    Each request by itself is kept, cancelled and left, cancelled and
    started again; or left, or started.
    """

    def walk(
        rest: list[tuple[int, int]],
        running: list[tuple[int, int]],
        waiting: list[int],
        held: int,
    ) -> Iterator[tuple[Running, Waiting]]:
        meter.spend(20)
        if held > rules.memory:
            return
        if not rest:
            yield tuple(sorted(running)), tuple(sorted(waiting))
            return
        (age, known), *others = rest
        for run in sorted({max(age, 0), 0}):
            more = rules.prompt + run + 1
            yield from walk(
                others, [*running, (run, known)], waiting, held + more
            )
        yield from walk(others, running, [*waiting, known], held)

    waits = [(-1, known) for known in at.waiting]
    yield from walk([*at.running, *waits], [], [], 0)


def _reply_fault(
    rules: RestartsRules,
    at: RestartsPosition,
    move: tuple[Running, Waiting],
    after: RestartsPosition,
) -> str:
    """Return why a position cannot follow a move, "" if it can."""
    running, waiting = move
    if after.waiting != waiting:
        return "another number waits"
    if after.cost != at.cost + len(running) + len(waiting):
        return "another cost"
    left = list(after.running)
    ended = [0] * len(rules.lengths)

    def may_end(request: tuple[int, int]) -> bool:
        age, known = request
        return age + 1 in rules.lengths and age + 1 > known

    # Those that cannot have ended are found first among what still runs.
    for age, known in sorted(running, key=may_end):
        older = (age + 1, max(known, age + 1))
        if older in left:
            left.remove(older)
        elif may_end((age, known)):
            ended[rules.lengths.index(age + 1)] += 1
        else:
            return f"one of age {age + 1} cannot have ended"
    if left:
        return "something runs that did not run"
    if any(age >= rules.lengths[-1] for age, _ in after.running):
        return "something runs beyond the longest length"
    for before, new, end in zip(
        at.finished, after.finished, ended, strict=True
    ):
        if new != before + end:
            return "another number has ended"
    return ""


def _read(document: Any) -> tuple[RestartsRules, list[RestartsNode]]:
    """Read the setting and the nodes."""
    shape(
        document,
        "kvopt-game/1",
        required=(
            "game",
            "memory",
            "prompt",
            "lengths",
            "requests",
            "ratio",
            "nodes",
        ),
        optional=("source",),
    )
    text(document.get("source", ""), "source")
    memory = whole(document["memory"], "memory", 1, 1000)
    prompt = whole(document["prompt"], "prompt", 0, memory)
    lengths = numbers(document["lengths"], "lengths")
    ascending = all(a < b for a, b in pairwise(lengths))
    if (
        not lengths
        or not ascending
        or lengths[0] < 1
        or prompt + lengths[-1] > memory
    ):
        raise InputError(
            "must ascend from at least 1, and fit into the memory",
            field="lengths",
            value=document["lengths"],
        )
    rules = RestartsRules(
        memory,
        prompt,
        lengths,
        whole(document["requests"], "requests", 1, _REQUEST_LIMIT),
        read_ratio(document["ratio"]),
    )
    rows = typed(document["nodes"], list, "nodes", "must be a list")
    checked_nodes(rows)
    return rules, [
        _read_node(row, f"nodes[{k}]", k, len(rows), rules)
        for k, row in enumerate(rows)
    ]


def _read_node(
    row: Any, name: str, number: int, count: int, rules: RestartsRules
) -> RestartsNode:
    typed(row, dict, name, "must be an object")
    stops = "offline" in row
    own = ("outputs", "offline") if stops else ("next",)
    keys_are(row, name, ("finished", "running", "waiting", "cost", *own))
    position = RestartsPosition(
        numbers(row["finished"], f"{name}.finished", len(rules.lengths)),
        _pairs(row["running"], f"{name}.running"),
        numbers(row["waiting"], f"{name}.waiting"),
        whole(row["cost"], f"{name}.cost", 0, 10**9),
    )
    present = sum(position.finished)
    present += len(position.running) + len(position.waiting)
    if present != rules.requests:
        raise InputError(
            f"must have {rules.requests} requests", field=name, value=present
        )
    if stops:
        outputs = numbers(row["outputs"], f"{name}.outputs")
        runs = _pairs(row["offline"], f"{name}.offline")
        return RestartsNode(position, outputs, runs, {})
    following: dict[tuple[Running, Waiting], int] = {}
    for branch in typed(row["next"], list, f"{name}.next", "must be a list"):
        if not isinstance(branch, list) or len(branch) != 3:
            raise InputError(
                "must be lists of what runs, what waits and a node",
                field=f"{name}.next",
                value=branch,
            )
        move = (
            _pairs(branch[0], f"{name}.next"),
            numbers(branch[1], f"{name}.next"),
        )
        if move in following:
            raise InputError(
                "has a branch twice", field=f"{name}.next", value=branch
            )
        # Later nodes only: the graph is acyclic by its numbering.
        following[move] = whole(
            branch[2], f"{name}.next", number + 1, count - 1
        )
    return RestartsNode(position, None, (), following)


def _pairs(value: Any, name: str) -> tuple[tuple[int, int], ...]:
    """Read a list of pairs of integers."""
    rows = typed(value, list, name, "must be a list of pairs")
    pairs = [numbers(row, name, 2) for row in rows]
    return tuple((a, b) for a, b in pairs)
