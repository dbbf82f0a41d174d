"""The checker of the online clairvoyant game, position by position."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from kvopt.check.budget import Meter
from kvopt.check.documents import keys_are, shape, typed, whole
from kvopt.check.game_nodes import checked_nodes, faults_of
from kvopt.check.game_verdict import GameVerdict
from kvopt.model.errors import InputError

__all__ = [
    "answers",
    "check_clairvoyant",
    "completion",
    "numbers",
    "offline_cost",
    "read_ratio",
    "read_releases",
    "read_sizes",
]

Counts = tuple[int, ...]
Sizes = tuple[tuple[int, int], ...]
Releases = tuple[tuple[int, Counts], ...]

_MEMORY_LIMIT = 1000
_REQUEST_LIMIT = 64
_NUMBER_LIMIT = 10**9
_RATIO_LIMIT = 10**18
# Steps of a call, and bytes of a tuple and of one of its integers.
_CALL = 10
_TUPLE = 64
_INTEGER = 40


class ClairvoyantPosition(NamedTuple):
    """A position: what decides how the game goes on.

    ``usage[k]`` is what the running requests hold in round
    ``round + 1 + k``; ``cost`` is the latency of the started requests plus
    the rounds that each waiting one has waited until ``round``.
    """

    round: int
    released: Releases
    waiting: Counts
    usage: tuple[int, ...]
    cost: int


class ClairvoyantNode(NamedTuple):
    """A node of the file: a position, and what the adversary does there."""

    position: ClairvoyantPosition
    offline: tuple[tuple[int, int], ...] | None
    release: Counts | None
    following: dict[Counts, int]


class ClairvoyantRules(NamedTuple):
    """The setting of a game file."""

    memory: int
    sizes: Sizes
    requests: int
    horizon: int
    ratio: Fraction


def read_ratio(value: Any) -> Fraction:
    """Return the stated ratio, two integers in lowest terms, at least 1."""
    pair = typed(value, list, "ratio", "must be a list of two integers")
    if len(pair) != 2:
        raise InputError(
            "must be a list of two integers", field="ratio", value=value
        )
    p = whole(pair[0], "ratio[0]", 1, _RATIO_LIMIT)
    q = whole(pair[1], "ratio[1]", 1, _RATIO_LIMIT)
    ratio = Fraction(p, q)
    if ratio < 1 or (ratio.numerator, ratio.denominator) != (p, q):
        raise InputError(
            "must be at least 1 and in lowest terms",
            field="ratio",
            value=value,
        )
    return ratio


def check_clairvoyant(document: Any, meter: Meter) -> GameVerdict:
    """Check the document of an online clairvoyant game.

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
    start = ClairvoyantPosition(0, (), (0,) * len(rules.sizes), (), 0)
    known: dict[Any, int] = {}
    problems = faults_of(
        nodes,
        nodes[0].position == start,
        lambda node: node.offline is not None,
        lambda node: _stop_faults(rules, node, known, meter),
        lambda node: _move_faults(rules, nodes, node, meter),
    )
    return GameVerdict(
        game="clairvoyant",
        memory=rules.memory,
        types=rules.sizes,
        requests=rules.requests,
        ratio=rules.ratio,
        nodes=len(nodes),
        stops=sum(node.offline is not None for node in nodes),
        problems=problems,
    )


def _stop_faults(
    rules: ClairvoyantRules,
    node: ClairvoyantNode,
    known: dict[Any, int],
    meter: Meter,
) -> Iterator[str]:
    """Yield what is wrong with stopping at a node."""
    at = node.position
    assert node.offline is not None
    if not at.released:
        yield "stops before anything is released"
        return
    offline = offline_cost(
        rules.memory, rules.sizes, at.released, node.offline, meter
    )
    if isinstance(offline, str):
        yield offline
        return
    rest = completion(
        rules.memory, rules.sizes, at.usage, at.waiting, known, meter
    )
    total = at.cost + rest
    if total < rules.ratio * offline:
        yield (
            f"stops where the policy may end with {total}, less than "
            f"{rules.ratio} times the offline {offline}"
        )


def offline_cost(
    memory: int,
    sizes: Sizes,
    released: Releases,
    runs: tuple[tuple[int, int], ...],
    meter: Meter,
) -> int | str:
    """Return the total latency of an offline schedule, or its fault.

    Parameters
    ----------
    memory, sizes
        The limit, and prompt and output of each type.
    released
        What arrives: rounds, ascending, with the number of each type.
    runs
        Start round and type of each run.
    meter
        Stops the check when it takes too much.
    """
    usage: dict[int, int] = {}
    cost = 0
    if any(of >= len(sizes) for _, of in runs):
        return "its offline schedule has a run of no type"
    if len(runs) != sum(sum(counts) for _, counts in released):
        return f"its offline schedule has {len(runs)} runs"
    meter.spend(len(sizes) * (len(runs) + len(released)))
    rounds = sum(sizes[of][1] for _, of in runs)
    meter.spend(3 * rounds, 2 * _TUPLE * rounds)
    for kind, (prompt, output) in enumerate(sizes):
        arrivals = [a for a, counts in released for _ in range(counts[kind])]
        starts = sorted(start for start, of in runs if of == kind)
        if len(starts) != len(arrivals):
            return f"its offline schedule has {len(starts)} of type {kind}"
        # Of one type, the earliest arrival may take the earliest start.
        for arrival, start in zip(arrivals, starts, strict=True):
            if start < arrival:
                return f"its offline schedule starts type {kind} too early"
            cost += start + output - arrival
            for age in range(1, output + 1):
                held = usage.get(start + age, 0) + prompt + age
                if held > memory:
                    return f"its offline schedule needs {held} units"
                usage[start + age] = held
    meter.spend(0, -2 * _TUPLE * rounds)
    return cost


def _move_faults(
    rules: ClairvoyantRules,
    nodes: list[ClairvoyantNode],
    node: ClairvoyantNode,
    meter: Meter,
) -> Iterator[str]:
    """Yield what is wrong with a release and the policy's answers."""
    at = node.position
    assert node.release is not None
    released = at.released
    if any(node.release):
        if at.round > rules.horizon:
            yield f"releases after round {rules.horizon}"
        released += ((at.round, node.release),)
    total = sum(sum(counts) for _, counts in released)
    if total > rules.requests:
        yield f"has {total} requests, more than {rules.requests}"
    present = tuple(map(sum, zip(at.waiting, node.release, strict=True)))
    options, held = {}, 0
    for starts, usage in answers(
        rules.memory, rules.sizes, at.usage, present, meter
    ):
        size = 3 * _TUPLE + _INTEGER * (len(starts) + len(usage))
        # The positions to be compared may be long, too.
        meter.spend(_CALL + len(usage) + 3 * len(released), size)
        options[starts] = usage
        held += size
    for starts in node.following.keys() - options.keys():
        yield f"has a branch {list(starts)} that no policy can take"
    for starts, usage in options.items():
        if starts not in node.following:
            yield f"has no branch for the starts {list(starts)}"
            continue
        waiting = tuple(a - b for a, b in zip(present, starts, strict=True))
        latency = sum(
            count * output
            for count, (_, output) in zip(starts, rules.sizes, strict=True)
        )
        reached = ClairvoyantPosition(
            at.round + 1,
            released,
            waiting,
            _next_round(usage),
            at.cost + latency + sum(waiting),
        )
        other = node.following[starts]
        if nodes[other].position != reached:
            yield (
                f"branch {list(starts)} leads to another position than "
                f"node {other}"
            )
    meter.spend(0, -held)


def answers(
    memory: int,
    sizes: Sizes,
    usage: tuple[int, ...],
    waiting: Counts,
    meter: Meter,
) -> Iterator[tuple[Counts, tuple[int, ...]]]:
    """Yield every choice of starts that fits, with the usage it makes.

    Parameters
    ----------
    memory, sizes
        The limit, and prompt and output of each type.
    usage
        What the running requests hold in the following rounds.
    waiting
        How many requests of each type wait.
    meter
        Stops the enumeration when it takes too much.
    """

    def choices(
        kind: int, held: tuple[int, ...]
    ) -> Iterator[tuple[Counts, tuple[int, ...]]]:
        if kind == len(sizes):
            yield (), held
            return
        prompt, output = sizes[kind]
        for count in range(waiting[kind] + 1):
            if count:
                meter.spend(_CALL + len(held) + output)
                more = _started(memory, prompt, output, held)
                if more is None:
                    return
                held = more
            for starts, after in choices(kind + 1, held):
                meter.spend(_CALL + len(starts))
                yield (count, *starts), after

    return choices(0, usage)


def _started(
    memory: int, prompt: int, output: int, usage: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Return the usage with one request more, None if it does not fit."""
    length = max(output, len(usage))
    after = [*usage, *[0] * (length - len(usage))]
    for age in range(1, output + 1):
        after[age - 1] += prompt + age
        if after[age - 1] > memory:
            return None
    return tuple(after)


def _next_round(usage: tuple[int, ...]) -> tuple[int, ...]:
    """Return the usage as it is seen from the next round."""
    return usage[1:]


def completion(
    memory: int,
    sizes: Sizes,
    usage: tuple[int, ...],
    waiting: Counts,
    known: dict[Any, int],
    meter: Meter,
) -> int:
    """Return the least rounds that the waiting requests still take in all.

    Parameters
    ----------
    memory, sizes
        The limit, and prompt and output of each type.
    usage
        What the running requests hold in the following rounds.
    waiting
        How many requests of each type wait.
    known
        Answers found before, for these sizes; it is added to.
    meter
        Stops the search when it takes too much.
    """
    if not any(waiting):
        return 0
    key = (usage, waiting)
    if key not in known:
        length = len(usage) + len(waiting)
        meter.spend(2 * _CALL + length, 4 * _TUPLE + _INTEGER * length)
        best: int | None = None
        for starts, after in answers(memory, sizes, usage, waiting, meter):
            meter.spend(2 * _CALL + len(after) + 3 * len(starts))
            if not usage and not any(starts):
                continue  # an idle worker gains nothing by waiting
            left = tuple(a - b for a, b in zip(waiting, starts, strict=True))
            value = sum(left) + sum(
                count * output
                for count, (_, output) in zip(starts, sizes, strict=True)
            )
            value += completion(
                memory, sizes, _next_round(after), left, known, meter
            )
            best = value if best is None else min(best, value)
        assert best is not None  # each type fits on an idle worker
        known[key] = best
    return known[key]


def _read(document: Any) -> tuple[ClairvoyantRules, list[ClairvoyantNode]]:
    """Read the setting and the nodes."""
    shape(
        document,
        "kvopt-game/1",
        required=(
            "game",
            "memory",
            "types",
            "requests",
            "horizon",
            "ratio",
            "nodes",
        ),
        optional=("source",),
    )
    typed(document.get("source", ""), str, "source", "must be text")
    memory = whole(document["memory"], "memory", 1, _MEMORY_LIMIT)
    rules = ClairvoyantRules(
        memory,
        read_sizes(document["types"], memory),
        whole(document["requests"], "requests", 1, _REQUEST_LIMIT),
        whole(document["horizon"], "horizon", 0, _NUMBER_LIMIT),
        read_ratio(document["ratio"]),
    )
    rows = typed(document["nodes"], list, "nodes", "must be a list")
    checked_nodes(rows)
    nodes = [
        _read_node(row, f"nodes[{k}]", k, len(rows), rules)
        for k, row in enumerate(rows)
    ]
    return rules, nodes


def read_sizes(value: Any, memory: int) -> Sizes:
    """Read different pairs of a prompt and an output that fit."""
    rows = typed(value, list, "types", "must be a list")
    sizes = []
    for k, row in enumerate(rows):
        prompt, output = numbers(row, f"types[{k}]", 2)
        if output < 1 or prompt + output > memory:
            raise InputError(
                "must be a prompt and an output of at least 1 that fit "
                "into the memory",
                field=f"types[{k}]",
                value=row,
            )
        sizes.append((prompt, output))
    if not sizes or len(set(sizes)) < len(sizes):
        raise InputError(
            "must be different pairs, at least one", field="types", value=value
        )
    return tuple(sizes)


def _read_node(
    row: Any, name: str, number: int, count: int, rules: ClairvoyantRules
) -> ClairvoyantNode:
    typed(row, dict, name, "must be an object")
    state = ("round", "released", "waiting", "usage", "cost")
    stops = "offline" in row
    own = ("offline",) if stops else ("release", "next")
    keys_are(row, name, (*state, *own))
    kinds = len(rules.sizes)
    position = ClairvoyantPosition(
        whole(row["round"], f"{name}.round", 0, _NUMBER_LIMIT),
        read_releases(row["released"], f"{name}.released", kinds),
        numbers(row["waiting"], f"{name}.waiting", kinds),
        numbers(row["usage"], f"{name}.usage"),
        whole(row["cost"], f"{name}.cost", 0, _NUMBER_LIMIT),
    )
    if stops:
        runs = typed(row["offline"], list, f"{name}.offline", "must be a list")
        pairs = [numbers(run, f"{name}.offline", 2) for run in runs]
        return ClairvoyantNode(
            position, tuple((a, b) for a, b in pairs), None, {}
        )
    following: dict[Counts, int] = {}
    for branch in typed(row["next"], list, f"{name}.next", "must be a list"):
        if not isinstance(branch, list) or len(branch) != 2:
            raise InputError(
                "must be lists of starts and a node",
                field=f"{name}.next",
                value=branch,
            )
        starts = numbers(branch[0], f"{name}.next", kinds)
        if starts in following:
            raise InputError(
                "has a branch twice", field=f"{name}.next", value=branch
            )
        # Later nodes only: the graph is acyclic by its numbering.
        following[starts] = whole(
            branch[1], f"{name}.next", number + 1, count - 1
        )
    release = numbers(row["release"], f"{name}.release", kinds)
    return ClairvoyantNode(position, None, release, following)


def read_releases(value: Any, name: str, kinds: int) -> Releases:
    """Read a list of rounds with the number of each type released.

    Parameters
    ----------
    value
        What was parsed.
    name
        Name of the place that an error names, such as
        ``"runs[3].start"``.
    kinds
        How many types of requests there are.
    """
    released = []
    rows = typed(value, list, name, "must be a list")
    for k, pair in enumerate(rows):
        where = f"{name}[{k}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise InputError(
                "must be a round and counts", field=where, value=pair
            )
        round_ = whole(pair[0], f"{where}[0]", 0, _NUMBER_LIMIT)
        released.append((round_, numbers(pair[1], f"{where}[1]", kinds)))
    return tuple(released)


def numbers(
    value: Any, name: str, count: int | None = None
) -> tuple[int, ...]:
    """Read a list of integers that are not negative.

    Parameters
    ----------
    value
        What was parsed.
    name
        Name of the place that an error names, such as
        ``"runs[3].start"``.
    count
        How many integers it must have.
    """
    row = typed(value, list, name, "must be a list of integers")
    if count is not None and len(row) != count:
        raise InputError(
            f"must be a list of {count} integers", field=name, value=value
        )
    return tuple(whole(item, name, 0, _NUMBER_LIMIT) for item in row)
