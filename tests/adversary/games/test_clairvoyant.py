"""The online clairvoyant game: the search, against plain enumeration."""

import random
from fractions import Fraction
from functools import cache
from itertools import product

import pytest

from kvopt.adversary.games import (
    GameSettings,
    game_document,
    game_text,
    search_games,
)
from kvopt.adversary.games.worker import GameWorker
from kvopt.check import check_game
from kvopt.exact import solve
from kvopt.model import Instance
from proofs_check.checker import check_document


def settings(memory, requests, prompts=(1,), horizon=None, releases=None):
    """Return the setting with every type of some prompts."""
    types = tuple((s, o) for s in prompts for o in range(1, memory - s + 1))
    return GameSettings(
        memory,
        types,
        requests,
        memory if horizon is None else horizon,
        requests if releases is None else releases,
    )


def usage_fits(memory, types, runs):
    """Return whether runs ``(kind, start)`` keep to the memory."""
    last = max((start + types[k][1] for k, start in runs), default=0)
    return all(
        sum(
            types[k][0] + t - start
            for k, start in runs
            if start < t <= start + types[k][1]
        )
        <= memory
        for t in range(1, last + 1)
    )


def plain_value(rules):
    """Return the value of a game: no merging, requests one by one."""
    memory, types = rules.memory, rules.types

    @cache
    def cheapest(requests, t):
        """Best total latency; requests are (arrival, kind, start or -1)."""
        late = [r for r in requests if r[2] < 0]
        if not late:
            return sum(s + types[k][1] - a for a, k, s in requests)
        end = max(
            [t]
            + [a for a, _, _ in requests]
            + [s + types[k][1] for _, k, s in requests if s >= 0]
        ) + sum(types[k][1] for _, k, _ in late)
        fixed = [(k, s) for _, k, s in requests if s >= 0]
        base = sum(s + types[k][1] - a for a, k, s in requests if s >= 0)
        best = None
        for starts in product(range(t, end + 1), repeat=len(late)):
            cost = base
            ok = True
            for (a, k, _), s in zip(late, starts, strict=True):
                ok = ok and s >= a
                cost += s + types[k][1] - a
            if not ok or (best is not None and cost >= best):
                continue
            runs = [(k, s) for (_, k, _), s in zip(late, starts, strict=True)]
            if usage_fits(memory, types, fixed + runs):
                best = cost
        return best

    def value(t, requests):
        blank = tuple(sorted((a, k, -1) for a, k, _ in requests))
        best = Fraction(1)
        if requests:
            best = Fraction(cheapest(requests, t), cheapest(blank, 0))
        left = rules.requests - len(requests)
        if not left or t > rules.horizon:
            return best
        for counts in product(range(left + 1), repeat=len(types)):
            if sum(counts) > left:
                continue
            new = tuple(
                (t, k, -1) for k, c in enumerate(counts) for _ in range(c)
            )
            every = requests + new
            late = [i for i, r in enumerate(every) if r[2] < 0]
            worst = None
            for chosen in product((False, True), repeat=len(late)):
                after = list(every)
                for i, now in zip(late, chosen, strict=True):
                    if now:
                        after[i] = (*every[i][:2], t)
                runs = [(k, s) for _, k, s in after if s >= 0]
                if usage_fits(memory, types, runs):
                    found = value(t + 1, tuple(sorted(after)))
                    worst = found if worst is None else min(worst, found)
            best = max(best, worst)
        return best

    return value(0, ())


@pytest.mark.parametrize(
    ("memory", "requests", "prompts", "horizon"),
    [
        (2, 2, (0, 1), 2),
        (3, 2, (1,), 3),
        (3, 2, (0,), 2),
        (3, 3, (1,), 2),
        (4, 2, (0, 2), 2),
        (4, 3, (1,), 1),
    ],
)
def test_value_is_that_of_plain_enumeration(
    memory, requests, prompts, horizon
):
    """The search finds the value that unmerged enumeration finds."""
    rules = settings(memory, requests, prompts, horizon)
    assert search_games([rules]).ratio == plain_value(rules)


@pytest.mark.parametrize(
    ("memory", "requests", "ratio"),
    [
        (4, 3, Fraction(9, 7)),
        (4, 4, Fraction(3, 2)),
        (5, 3, Fraction(14, 11)),
    ],
)
def test_known_values(memory, requests, ratio):
    """Equal prompts of 1 give the values known before."""
    result = search_games([settings(memory, requests)])
    assert result.ratio == ratio
    document = game_document(result.game, result.ratio, "test")
    assert check_game(document).ok
    assert check_document(document, {})["ratio"] == ratio


def test_seven_requests_give_more_than_1_85():
    """Two types and seven requests prove 13/7, which both checkers accept."""
    rules = GameSettings(6, ((1, 1), (1, 5)), 7, 6, 4)
    result = search_games([rules])
    assert result.ratio == Fraction(13, 7)
    document = game_document(result.game, result.ratio, "test")
    verdict = check_game(document)
    assert verdict.ok, str(verdict)
    assert check_document(document, {})["ratio"] == result.ratio


def test_least_latency_is_the_optimum():
    """The worker's optimum is that of the exact solver, with arrivals."""
    rng = random.Random(4)
    for _ in range(300):
        memory = rng.randint(2, 7)
        sizes = [
            (s, o) for s in range(memory) for o in range(1, memory - s + 1)
        ]
        types = tuple(sorted(rng.sample(sizes, min(2, len(sizes)))))
        rows = sorted(
            (rng.randint(0, 4), rng.randrange(len(types)))
            for _ in range(rng.randint(1, 5))
        )
        releases = tuple(
            (t, tuple(rows.count((t, k)) for k in range(len(types))))
            for t in sorted({t for t, _ in rows})
        )
        instance = Instance.of(memory, [(t, *types[k]) for t, k in rows])
        worker = GameWorker(memory, types)
        best = worker.least((), worker.none, releases)
        assert best == solve(instance, "brute-force").objective
        runs = worker.schedule(releases)
        assert sum(s + types[k][1] for s, k in runs) == best + sum(
            t for t, _ in rows
        )
        assert usage_fits(memory, types, [(k, s) for s, k in runs])


def test_files_are_deterministic():
    """Two searches of a setting write the same bytes."""
    texts = set()
    for _ in range(2):
        result = search_games([settings(5, 4)])
        document = game_document(result.game, result.ratio, "test")
        texts.add(game_text(document))
    assert len(texts) == 1


def test_interrupted_search_keeps_what_it_proved():
    """A Ctrl-C leaves the best ratio so far with a strategy that holds."""
    calls = 0

    def stop(seconds, ratio, positions):
        nonlocal calls
        calls += 1
        if ratio > 1 and calls > 3:
            raise KeyboardInterrupt

    rules = GameSettings(6, ((1, 1), (1, 5)), 7, 6, 7)
    result = search_games([rules], progress=stop)
    assert result.ended == "interrupted"
    assert 1 < result.ratio <= Fraction(13, 7)
    document = game_document(result.game, result.ratio, "test")
    assert check_game(document).ok


def test_time_limit_of_nothing_proves_nothing():
    """A search without time ends at its first look at the clock."""
    rules = GameSettings(6, ((1, 1), (1, 5)), 7, 6, 7)
    result = search_games([rules], time_limit=0.0)
    assert result.ended == "time limit"
    assert result.games == 0


def test_target_ends_the_search():
    """The search of several settings ends with the first that suffices."""
    rules = [settings(4, 3), settings(4, 4)]
    result = search_games(rules, target=Fraction(9, 7))
    assert result.ended == "target"
    assert result.ratio == Fraction(9, 7)
    assert result.games == 0


def test_long_plays_end_with_what_was_proved():
    """Plays of more rounds than Python can follow end the search."""
    rules = [
        GameSettings(4, ((1, 1), (1, 3)), 3, 4, 3),
        GameSettings(600, ((0, 600), (0, 599)), 2, 600, 2),
    ]
    result = search_games(rules)
    assert result.ended == "too deep"
    assert result.ratio == Fraction(9, 7)
