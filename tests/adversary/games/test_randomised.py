"""Distributions of instances against every policy."""

from fractions import Fraction
from itertools import product

import pytest

from kvopt.adversary.games import (
    GameSettings,
    RandomisedSettings,
    game_document,
    search_games,
)
from kvopt.check import check_game
from proofs_check.checker import check_document


def fits(memory, types, runs):
    """Return whether runs ``(kind, start)`` keep to the memory."""
    return all(
        sum(types[k][0] + t - p for k, p in runs if p < t <= p + types[k][1])
        <= memory
        for t in range(1, 40)
    )


def plain_cost(document, end):
    """Return the least weighted cost of a policy, requests one by one.

    Policies start everything in rounds before ``end``.
    """
    memory, types = document["memory"], document["types"]
    draws = [
        (
            row["weight"],
            {
                t: [k for k, c in enumerate(x) for _ in range(c)]
                for t, x in row["released"]
            },
        )
        for row in document["instances"]
    ]

    def value(t, group, requests):
        if t == end:
            if any(start is None for _, _, start in requests):
                return 10**9
            weight = sum(draws[i][0] for i in group)
            return weight * sum(p + types[k][1] - a for a, k, p in requests)
        parts = {}
        for i in group:
            parts.setdefault(tuple(draws[i][1].get(t, ())), []).append(i)
        total = 0
        for new, part in parts.items():
            every = [*requests, *((t, k, None) for k in new)]
            late = [j for j, r in enumerate(every) if r[2] is None]
            best = None
            for chosen in product((True, False), repeat=len(late)):
                after = list(every)
                for j, now in zip(late, chosen, strict=True):
                    if now:
                        after[j] = (*every[j][:2], t)
                runs = [(k, p) for _, k, p in after if p is not None]
                if fits(memory, types, runs):
                    found = value(t + 1, part, after)
                    best = found if best is None else min(best, found)
            total += best
        return total

    return value(0, list(range(len(draws))), [])


@pytest.mark.parametrize(
    ("memory", "types", "requests", "horizon", "first", "end"),
    [
        (5, ((1, 1), (1, 4)), 3, 2, (0, 1), 8),
        (4, ((1, 1), (1, 3)), 3, 2, (0, 1), 7),
        (4, ((0, 4), (2, 1)), 3, 2, (1, 0), 8),
    ],
)
def test_value_is_that_of_plain_enumeration(
    memory, types, requests, horizon, first, end
):
    """The best policy against the distribution costs what it is said to."""
    base = GameSettings(memory, types, requests, horizon, 2)
    result = search_games([RandomisedSettings(base, first)])
    assert result.ratio > 1
    document = game_document(result.game, result.ratio, "test")
    assert check_game(document).ok
    assert check_document(document, {})["ratio"] == result.ratio
    offline = sum(
        row["weight"]
        * sum(start + types[kind][1] for start, kind in row["offline"])
        - row["weight"] * sum(t * sum(x) for t, x in row["released"])
        for row in document["instances"]
    )
    assert Fraction(plain_cost(document, end), offline) == result.ratio


def test_nothing_above_the_ratio_is_accepted():
    """The stated ratio is the largest that the distribution proves."""
    base = GameSettings(6, ((1, 1), (1, 5)), 5, 6, 2)
    result = search_games([RandomisedSettings(base, (0, 1))])
    document = game_document(result.game, result.ratio, "test")
    more = result.ratio + Fraction(1, 10**8)
    document["ratio"] = [more.numerator, more.denominator]
    assert not check_game(document).ok
