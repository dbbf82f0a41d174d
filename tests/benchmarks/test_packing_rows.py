"""What knowing of packing could gain: weights, programs, and the command."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest

from benchmarks import packing_rows
from benchmarks.packing_rows import TOLERANCE, best_weights, gain
from kvopt.model import Instance, Trace
from kvopt.model.traces import write_trace

CLASSES = 8


def packed(rounds):
    """Return the best weight of all over every configuration's duals."""
    from scipy.optimize import linprog

    sets = [
        np.bincount(chosen, minlength=CLASSES + 1)
        for size in range(1, CLASSES + 1)
        for chosen in combinations_with_replacement(
            range(1, CLASSES + 1), size
        )
        if sum(chosen) <= CLASSES
    ]
    ones = np.ones(len(sets))
    return -linprog(-rounds[1:], np.array(sets)[:, 1:], ones).fun


def test_no_configuration_weighs_more_than_one():
    """On 60 random mixes weights are valid, and the best of all sets'."""
    rng = np.random.default_rng(16)
    for _ in range(60):
        rounds = rng.integers(0, 4, CLASSES + 1) * rng.random(CLASSES + 1)
        if not rounds[1:].any():
            continue
        weights = best_weights(rounds)
        for size in range(1, CLASSES + 1):
            for chosen in combinations_with_replacement(
                range(1, CLASSES + 1), size
            ):
                if sum(chosen) <= CLASSES:
                    assert weights[list(chosen)].sum() <= 1 + 1e-6
        best = packed(rounds)
        assert rounds @ weights == pytest.approx(best, rel=2 * TOLERANCE)


def test_nothing_there_weighs_nothing():
    """Without requests above the least class all weights are 0."""
    assert not best_weights(np.array([3.0, 0.0, 0.0])).any()


@pytest.mark.parametrize("load", [0, 1])
def test_only_what_does_not_fit_together_gains(load):
    """Requests of three fifths gain by the rows, those of one tenth do not."""
    arrival = np.arange(30) * 3 * load
    ones = np.ones(30, np.int64)
    wide = gain(Instance(100, arrival, 59 * ones, 5 * ones), 12, 20)
    thin = gain(Instance(100, arrival, 9 * ones, 5 * ones), 12, 20)
    assert wide.packing > 1.3 * wide.memory
    assert thin.packing == pytest.approx(thin.memory)


def test_the_command_prints_a_line_for_each_load(tmp_path, capsys):
    """Trace, load, both values and the gain; bad input exits with 2."""
    rng = np.random.default_rng(0)
    trace = Trace(rng.integers(1, 40, 60), rng.integers(0, 40, 60))
    write_trace(trace, tmp_path / "some.csv")
    words = ["--trace", str(tmp_path / "some.csv"), "--requests", "30"]
    words += ["--memory", "80", "--intervals", "10", "--classes", "20"]
    words += ["--load", "0", "1.5"]
    assert packing_rows.main(words) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "trace,load,memory,packing,gain"
    assert [line.split(",")[:2] for line in lines] == [
        ["some", "0"],
        ["some", "1.5"],
    ]
    for line in lines:
        memory, packing = (float(x) for x in line.split(",")[2:4])
        assert packing >= memory - 1
    words[1] = str(tmp_path / "missing.csv")
    assert packing_rows.main(words) == 2
