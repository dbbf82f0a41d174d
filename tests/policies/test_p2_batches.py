"""Batches of Sorted-F, against enumeration of all batches."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.policies.batches import Remaining, in_batches
from kvopt.policies.batches.dp import DynamicProgram
from kvopt.policies.batches.local_swap import LocalSwap
from kvopt.policies.batches.quantile_greedy import QuantileGreedy
from kvopt.policies.choices import Waiting

READINGS = ["peaks", "start"]


def random_rest(rng, most=8):
    """A few requests with many ties, by output, prompt and number."""
    memory = int(rng.integers(3, 25))
    n = int(rng.integers(1, most + 1))
    prompt = rng.integers(0, min(6, memory - 1) + 1, n)
    output = rng.integers(1, min(memory - prompt.max(), 6) + 1, n)
    place = np.lexsort((prompt, output))
    return Remaining(place, prompt[place], output[place]), memory


def is_feasible(batch, rest, memory, reading):
    """The definition, round by round."""
    rows = [(int(rest.prompt[i]), int(rest.output[i])) for i in batch]
    if reading == "peaks":
        return sum(s + o for s, o in rows) <= memory
    return all(
        sum(s + t for s, o in rows if o >= t) <= memory
        for t in range(1, max(o for _, o in rows) + 1)
    )


def merit(batch, rest):
    """F, then larger batches first, then the sum of peaks."""
    total = sum(int(rest.output[i]) for i in batch)
    peaks = total + sum(int(rest.prompt[i]) for i in batch)
    return Fraction(total, len(batch) ** 2), -len(batch), peaks


@pytest.mark.parametrize("reading", READINGS)
def test_exact_program_is_argmin(reading):
    """On 1500 small sets the program finds the argmin of F, ties included."""
    rng = np.random.default_rng(0)
    select = DynamicProgram(reading, None)
    for _ in range(1500):
        rest, memory = random_rest(rng, most=7)
        n = rest.place.size
        found = select(rest, memory)
        assert is_feasible(found, rest, memory, reading)
        best = min(
            merit(batch, rest)
            for k in range(1, n + 1)
            for batch in combinations(range(n), k)
            if is_feasible(batch, rest, memory, reading)
        )
        assert merit(found, rest) == best


@pytest.mark.parametrize("reading", READINGS)
def test_every_selector_is_feasible(reading):
    """Batches are feasible and not empty, however they are chosen."""
    rng = np.random.default_rng(1)
    for _ in range(300):
        rest, memory = random_rest(rng)
        for select in (
            DynamicProgram(reading, 4),
            LocalSwap("output", reading),
            LocalSwap("peak", reading),
            QuantileGreedy(0.3, reading),
            QuantileGreedy(1.0, reading),
        ):
            batch = select(rest, memory)
            assert batch.size and (np.diff(batch) > 0).all()
            assert is_feasible(batch, rest, memory, reading)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("first", ["output", "peak"])
def test_local_swap_ends_in_a_local_optimum(reading, first):
    """No single addition, swap or removal lowers F any more."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        rest, memory = random_rest(rng)
        inside = set(LocalSwap(first, reading)(rest, memory).tolist())
        outside = set(range(rest.place.size)) - inside
        near = [inside | {j} for j in outside]
        near += [inside - {i} for i in inside if len(inside) > 1]
        near += [inside - {i} | {j} for i in inside for j in outside]
        metric = merit(inside, rest)[0]
        for batch in near:
            if is_feasible(batch, rest, memory, reading):
                assert merit(batch, rest)[0] >= metric


def test_scaled_program_is_exact_with_enough_units():
    """With as many units as memory the two programs are one."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        rest, memory = random_rest(rng)
        scaled = DynamicProgram("peaks", memory)(rest, memory)
        exact = DynamicProgram("peaks", None)(rest, memory)
        assert scaled.tolist() == exact.tolist()


def test_quantile_greedy_by_hand():
    """The small ones first, then by output while F does not rise."""
    prompt = np.array([9, 1, 1, 5, 1])
    output = np.array([1, 2, 2, 3, 9])
    rest = Remaining(np.arange(5), prompt, output)
    # Both at most their medians 1 and 2: places 1 and 2, with 6 units. Then
    # place 0 needs 10 and place 3 needs 8; neither would raise F = 1.
    for memory, batch in (
        (13, [1, 2]),
        (14, [1, 2, 3]),
        (20, [0, 1, 2]),
        (24, [0, 1, 2, 3]),
        # Place 4 would raise F from 8/16 to 17/25.
        (99, [0, 1, 2, 3]),
    ):
        found = QuantileGreedy(0.5, "peaks")(rest, memory)
        assert found.tolist() == batch


def test_order_serves_everyone_once():
    """The order is a permutation; inside a batch by output, then prompt."""
    rng = np.random.default_rng(4)
    rows = [
        Waiting(10 + i, int(rng.integers(0, 5)), int(rng.integers(1, 8)))
        for i in range(40)
    ]
    order = in_batches(rows, 30, QuantileGreedy(0.3, "peaks"))
    assert sorted(order) == [w.request for w in rows]
    everyone = in_batches(
        rows, 30, lambda rest, memory: np.arange(rest.place.size)
    )
    by_output = sorted(rows, key=lambda w: (w.length, w.prompt, w.request))
    assert everyone == [w.request for w in by_output]


@pytest.mark.parametrize("units", [None, 3, 7])
def test_batches_of_the_same_lengths_recur(units):
    """One choice stands for all batches of its lengths, in 1500 small sets."""
    rng = np.random.default_rng(6)
    select = DynamicProgram("peaks", units)
    assert select.recurs
    most = 0
    for _ in range(1500):
        rest, memory = random_rest(rng, most=4)
        kinds = rng.integers(0, rest.place.size, rng.integers(1, 20))
        rows = [
            Waiting(i, int(rest.prompt[kind]), int(rest.output[kind]))
            for i, kind in enumerate(kinds.tolist())
        ]
        calls = []

        def counted(rest, memory, calls=calls):
            calls.append(rest.place.size)
            return select(rest, memory)

        each = in_batches(rows, memory, counted)
        apart = len(calls)
        assert in_batches(rows, memory, counted, recurring=True) == each
        most = max(most, apart - (len(calls) - apart))
    assert most > 5


def test_too_large_a_program_is_refused(monkeypatch):
    """A program of more bytes than allowed names the size and a way out."""
    monkeypatch.setattr(DynamicProgram, "MOST_BYTES", 100)
    prompt, output = np.zeros(20, int), np.arange(1, 21)
    rest = Remaining(np.arange(20), prompt, output)
    with pytest.raises(InputError, match=r"units = 50.*scaled-dp"):
        DynamicProgram("peaks", None)(rest, 50)
