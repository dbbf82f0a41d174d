"""The checker of bounds against randomised policies."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any, NamedTuple

from kvopt.check.budget import Meter
from kvopt.check.documents import keys_are, shape, text, typed, whole
from kvopt.check.game_clairvoyant import (
    answers,
    completion,
    numbers,
    offline_cost,
    read_ratio,
    read_releases,
    read_sizes,
)
from kvopt.check.game_verdict import GameVerdict
from kvopt.model.errors import InputError

__all__ = ["check_randomised"]

Counts = tuple[int, ...]

_WEIGHT_LIMIT = 10**12
_INSTANCE_LIMIT = 10_000


class Draw(NamedTuple):
    """An instance of the distribution, and a schedule of it."""

    weight: int
    released: tuple[tuple[int, Counts], ...]
    offline: tuple[tuple[int, int], ...]


class BestPolicy:
    """The least expected cost of a policy that knows the distribution.

    Parameters
    ----------
    memory, sizes
        The limit, and prompt and output of each type.
    draws
        The instances with their weights.
    meter
        Stops the search when it takes too much.
    """

    def __init__(
        self,
        memory: int,
        sizes: tuple[tuple[int, int], ...],
        draws: tuple[Draw, ...],
        meter: Meter,
    ) -> None:
        self._memory = memory
        self._sizes = sizes
        self._draws = draws
        self._meter = meter
        self._releases = [dict(draw.released) for draw in draws]
        self._ends = [
            max((t for t, _ in draw.released), default=-1) for draw in draws
        ]
        self._known: dict[Any, int] = {}
        self._rest: dict[Any, int] = {}

    def cost(self) -> int:
        """Return the sum of weight times cost, of the best policy."""
        every = tuple(range(len(self._draws)))
        return self._from(0, every, (), (0,) * len(self._sizes))

    def _from(
        self, t: int, group: tuple[int, ...], usage: Counts, waiting: Counts
    ) -> int:
        """Return the least cost from round ``t`` on.

        The policy has seen the same of all instances of the group; what
        arrives in round ``t`` tells some of them apart.
        """
        self._meter.spend(20 + 3 * len(group))
        if all(self._ends[k] < t for k in group):
            weight = sum(self._draws[k].weight for k in group)
            return weight * completion(
                self._memory,
                self._sizes,
                usage,
                waiting,
                self._rest,
                self._meter,
            )
        key = (t, group, usage, waiting)
        if key not in self._known:
            long = len(group) + len(usage) + len(waiting)
            self._meter.spend(3 * long, 500 + 40 * long)
            none = (0,) * len(self._sizes)
            parts: dict[Counts, list[int]] = defaultdict(list)
            for k in group:
                parts[self._releases[k].get(t, none)].append(k)
            self._known[key] = sum(
                self._decide(t, tuple(part), usage, waiting, release)
                for release, part in parts.items()
            )
        return self._known[key]

    def _decide(
        self,
        t: int,
        group: tuple[int, ...],
        usage: Counts,
        waiting: Counts,
        release: Counts,
    ) -> int:
        """Return the least cost once the release of round ``t`` is seen."""
        weight = sum(self._draws[k].weight for k in group)
        present = tuple(a + b for a, b in zip(waiting, release, strict=True))
        values = []
        for starts, after in answers(
            self._memory, self._sizes, usage, present, self._meter
        ):
            self._meter.spend(20 + len(after) + 3 * len(starts), 40)
            left = tuple(a - b for a, b in zip(present, starts, strict=True))
            rounds = sum(left) + sum(
                count * output
                for count, (_, output) in zip(starts, self._sizes, strict=True)
            )
            later = self._from(t + 1, group, after[1:], left)
            values.append(weight * rounds + later)
        self._meter.spend(0, -40 * len(values))
        return min(values)


def check_randomised(document: Any, meter: Meter) -> GameVerdict:
    """Check the document of a bound against randomised policies.

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
    shape(
        document,
        "kvopt-game/1",
        required=("game", "memory", "types", "ratio", "instances"),
        optional=("source",),
    )
    text(document.get("source", ""), "source")
    memory = whole(document["memory"], "memory", 1, 1000)
    sizes = read_sizes(document["types"], memory)
    ratio = read_ratio(document["ratio"])
    draws = _read_draws(document["instances"], len(sizes))
    problems: list[str] = []
    offline = 0
    for k, draw in enumerate(draws):
        cost = offline_cost(memory, sizes, draw.released, draw.offline, meter)
        if isinstance(cost, str):
            problems.append(f"instance {k}: {cost}")
        else:
            offline += draw.weight * cost
    if not problems:
        policy = BestPolicy(memory, sizes, draws, meter).cost()
        if policy < ratio * offline:
            problems.append(
                f"a policy pays {policy} on the whole, less than {ratio} "
                f"times the offline {offline}"
            )
    return GameVerdict(
        game="randomised",
        memory=memory,
        types=sizes,
        requests=max(
            sum(sum(counts) for _, counts in draw.released) for draw in draws
        ),
        ratio=Fraction(ratio),
        nodes=len(draws),
        stops=len(draws),
        problems=tuple(problems),
    )


def _read_draws(value: Any, kinds: int) -> tuple[Draw, ...]:
    rows = typed(value, list, "instances", "must be a list")
    if not 1 <= len(rows) <= _INSTANCE_LIMIT:
        raise InputError(
            f"must have 1 .. {_INSTANCE_LIMIT} instances",
            field="instances",
            value=len(rows),
        )
    draws = []
    for k, row in enumerate(rows):
        name = f"instances[{k}]"
        keys_are(row, name, ("weight", "released", "offline"))
        released = read_releases(row["released"], f"{name}.released", kinds)
        rounds = [t for t, _ in released]
        if not released or rounds != sorted(set(rounds)):
            raise InputError(
                "must have releases in ascending rounds",
                field=f"{name}.released",
                value=row["released"],
            )
        runs = typed(row["offline"], list, f"{name}.offline", "must be a list")
        pairs = [numbers(run, f"{name}.offline", 2) for run in runs]
        draws.append(
            Draw(
                whole(row["weight"], f"{name}.weight", 1, _WEIGHT_LIMIT),
                released,
                tuple((a, b) for a, b in pairs),
            )
        )
    return tuple(draws)
