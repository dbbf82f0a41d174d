"""Scans over alpha: livelocks, cuts, and the clock."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest

from benchmarks import alpha_thresholds as benchmark
from kvopt.analysis import read_rows
from kvopt.experiments.alpha import (
    ALPHA_SCAN,
    ScanPoint,
    ScanRow,
    least_alpha,
    scan_alphas,
)
from kvopt.model import InputError, Instance
from kvopt.simulation import simulate
from kvopt.simulation.clocks import AffineClock
from kvopt.workloads import generate
from paper_figures.p1_alpha_thresholds import AlphaRow, thresholds

ROOT = Path(__file__).parents[2]
PAIR = Instance.of(10, [(0, 1, 5), (0, 1, 5)])


def test_a_pair_that_overflows_together():
    """Both start below (1-alpha) M = 4 units, and then clear for ever."""
    alphas = [0.1, 0.5, 0.6, 0.65, 0.7]
    points = scan_alphas(PAIR, "alpha-greedy", alphas)
    assert [p.status for p in points] == ["LIVELOCK"] * 3 + ["COMPLETED"] * 2
    assert [p.alpha for p in points] == alphas
    last = points[-1]
    # One after the other: they complete at 5 and 10.
    assert (last.mean, last.p95, last.rounds) == (7.5, 10, 10)
    assert last.cancellations == 0
    assert least_alpha(points) == 0.65


def test_least_alpha_is_from_above():
    """A small alpha that completes below a livelock does not count."""

    def points(*statuses):
        return [ScanPoint(k / 10, s) for k, s in enumerate(statuses)]

    done, stuck = "COMPLETED", "LIVELOCK"
    assert least_alpha(points(done, stuck, done, done)) == 0.2
    assert least_alpha(points(done, done)) == 0
    assert least_alpha(points(done, stuck)) is None
    assert least_alpha(points(stuck, done, "STUCK")) == 0.1
    assert least_alpha(points("STUCK")) is None


def test_a_prompt_that_never_fits_is_another_thing():
    """Above 1 - s/M the policy starts nothing at all."""
    big = Instance.of(10, [(0, 4, 1)])
    points = scan_alphas(big, "alpha-greedy", [0.5, 0.6])
    assert [p.status for p in points] == ["COMPLETED", "STUCK"]


def test_cut_stops_below_the_first_failure():
    """With a cut, alphas below one that did not complete are not run."""
    points = scan_alphas(PAIR, "alpha-greedy", [0.1, 0.3, 0.7], cut=10)
    assert [p.status for p in points] == ["NOT_RUN", "LIVELOCK", "COMPLETED"]
    # Clearing at random gets through, after more rounds than the cut allows.
    spec = "alpha-beta-clearing:beta=0.5"
    for seed in range(20):
        low, high = scan_alphas(PAIR, spec, [0.1, 0.7], seed=seed, cut=1.01)
        (free, _) = scan_alphas(PAIR, spec, [0.1, 0.7], seed=seed)
        assert free.status == high.status == "COMPLETED"
        assert low.rounds == free.rounds
        assert low.status == ("ENDLESS" if low.rounds > 10 else "COMPLETED")
        assert (low.mean is None) == (low.status == "ENDLESS")


def test_latency_is_that_of_the_simulation():
    """In rounds without a clock, in seconds with one; checked either way."""
    values = {"requests": "50", "rate": "1"}
    instance = generate("lmsys-like", values, 3)
    (point,) = scan_alphas(instance, "alpha-greedy", [0.5])
    result = simulate(instance, "alpha-greedy:alpha=0.5")
    assert point.mean == pytest.approx(result.objective / len(instance))
    clock = AffineClock.of_ms(20, 1)
    (timed,) = scan_alphas(instance, "alpha-greedy", [0.5], clock)
    records = simulate(instance, "alpha-greedy:alpha=0.5", clock=clock).records
    latency = records["completion_s"] - records["arrival_s"]
    assert timed.mean == pytest.approx(latency.mean())


def test_kind_of_task():
    """Subject and parameters are checked; a row has a point an alpha."""
    subject, complete = ALPHA_SCAN.read("alpha-greedy", {"step": 20})
    result, _ = ALPHA_SCAN.run(PAIR, subject, complete, 0)
    points = ScanRow("alpha-greedy", 0, **result).decoded()
    assert [point.alpha for point in points] == [0.01, 0.21, 0.41]
    with pytest.raises(InputError, match="has no alpha"):
        ALPHA_SCAN.read("mc-sf", {})
    with pytest.raises(InputError, match="step"):
        ALPHA_SCAN.read("alpha-greedy", {"step": 0})


def test_the_page_says_what_was_measured():
    """The table of docs/alpha.md is that of the rows."""
    found = thresholds(read_rows(AlphaRow, benchmark.OUT))
    text = (ROOT / "docs" / "alpha.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (.+) \| (high|low) \| (.+?) \|$", text, re.M)
    assert len(table) == 8
    for requests, demand, rest in table:
        words = requests.startswith("LMSYS")
        sample = "lmsys_words_lt500_lt600" if words else "lmsys-like"
        policy, *numbers = rest.removesuffix(" |").split(" | ")[:5]
        name = policy.replace("`", "").replace(", beta ", ":beta=")
        least = found[f"{sample}, {demand}", name]
        measured = (min(least), statistics.median(least), max(least))
        assert [int(numbers[0]), *map(float, numbers[1:])] == [
            len(least),
            *(pytest.approx(value, abs=0.0051) for value in measured),
        ]
