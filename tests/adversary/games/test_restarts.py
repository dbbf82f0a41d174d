"""The game of unknown lengths: the search, against plain enumeration."""

import heapq
from fractions import Fraction
from functools import cache
from itertools import product

import pytest

from kvopt.adversary.games import (
    RestartSettings,
    game_document,
    search_games,
)
from kvopt.check import check_game
from proofs_check.checker import check_document


def moves(memory, prompt, requests):
    """Yield the ages before a round; -1 waits, None has ended."""
    options = [
        [None] if age is None else sorted({-1, 0, max(age, 0)})
        for age in requests
    ]
    for ages in product(*options):
        held = sum(prompt + a + 1 for a in ages if a is not None and a >= 0)
        if held <= memory:
            yield ages


@cache
def least(memory, prompt, ages, outputs):
    """Return the least rest when lengths are known, by cheapest first.

    Cancelling is possible in every round.
    """
    queue, settled = [(0, ages)], set()
    while queue:
        cost, state = heapq.heappop(queue)
        going = [i for i, age in enumerate(state) if age != 99]
        if not going:
            return cost
        if state in settled:
            continue
        settled.add(state)
        ends = tuple(None if age == 99 else age for age in state)
        for chosen in moves(memory, prompt, ends):
            after = tuple(
                99 if a is None or a + 1 == o else (a + 1 if a >= 0 else -1)
                for a, o in zip(chosen, outputs, strict=True)
            )
            heapq.heappush(queue, (cost + len(going), after))
    raise AssertionError


def plain_wins(rules, target):
    """Return whether the adversary wins, with every request by itself.

    It plays at most until the cost exceeds what any optimum can be worth.
    """
    memory, prompt, lengths = rules.memory, rules.prompt, rules.lengths
    n = rules.requests
    bound = target * n * n * lengths[-1]

    @cache
    def wins(ages, floors, ended, cost):
        going = [i for i in range(n) if ages[i] is not None]
        for outputs in product(
            *(
                [o for o in lengths if o > floors[i]]
                if ages[i] is not None
                else [ended[i]]
                for i in range(n)
            )
        ):
            now = tuple(99 if age is None else age for age in ages)
            rest = least(memory, prompt, now, outputs)
            best = least(memory, prompt, (-1,) * n, outputs)
            if cost + rest >= target * best:
                return True
        if not going or cost > bound:
            return False
        for chosen in moves(memory, prompt, ages):
            runs = [i for i in going if chosen[i] >= 0]
            ways = []
            for i in runs:
                age = chosen[i] + 1
                may = age in lengths and age > floors[i]
                must = age == lengths[-1]
                ways.append(([True] if may else []) + [False] * (not must))
            won = False
            for ends in product(*ways):
                new_ages = list(chosen)
                new_floors, new_ended = list(floors), list(ended)
                for i, end in zip(runs, ends, strict=True):
                    age = chosen[i] + 1
                    if end:
                        new_ages[i], new_ended[i] = None, age
                    else:
                        new_ages[i] = age
                        new_floors[i] = max(floors[i], age)
                if wins(
                    tuple(new_ages),
                    tuple(new_floors),
                    tuple(new_ended),
                    cost + len(going),
                ):
                    won = True
                    break
            if not won:
                return False
        return True

    return wins((-1,) * n, (0,) * n, (0,) * n, 0)


@pytest.mark.parametrize(
    ("memory", "prompt", "lengths", "requests"),
    [
        (3, 1, (1, 2), 2),
        (4, 1, (1, 3), 2),
        (4, 0, (3, 4), 2),
        (4, 1, (2, 3), 2),
        (3, 0, (1, 3), 2),
        (4, 1, (1, 2), 3),
        (5, 1, (2, 3), 3),
        (4, 1, (1, 2, 3), 2),
        (4, 1, (1, 2, 3), 3),
    ],
)
def test_value_is_that_of_plain_enumeration(memory, prompt, lengths, requests):
    """The value is won, and nothing above it, when nothing is merged."""
    rules = RestartSettings(memory, prompt, lengths, requests)
    ratio = search_games([rules]).ratio
    assert plain_wins(rules, ratio)
    assert not plain_wins(rules, ratio + Fraction(1, 10**6))


@pytest.mark.parametrize(
    ("memory", "prompt", "lengths", "requests", "ratio"),
    [
        (4, 0, (3, 4), 2, Fraction(11, 9)),
        (5, 1, (2, 3), 3, Fraction(18, 13)),
    ],
)
def test_values(memory, prompt, lengths, requests, ratio):
    """Tiny settings keep their values, which both checkers accept."""
    rules = RestartSettings(memory, prompt, lengths, requests)
    result = search_games([rules])
    assert result.ratio == ratio
    document = game_document(result.game, result.ratio, "test")
    verdict = check_game(document)
    assert verdict.ok, str(verdict)
    assert check_document(document, {})["ratio"] == ratio
