"""The lmsys-like sample: exact fit, honest report, limits kept."""

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.workloads.random.calibrated import (
    LMSYS_MEMORY,
    OUTPUT_LAW,
    PROMPT_LAW,
    PUBLISHED,
    fit_report,
    lmsys_like_lengths,
    lmsys_like_trace,
    sample_fit_report,
)


def test_published_statistics():
    """The four numbers of readings.md 1.9."""
    assert list(PUBLISHED.values()) == [40.62, 11, 85.32, 45]


def test_distribution_fits():
    """Means fit to nine digits and medians are exact."""
    for fit in fit_report():
        assert fit.published == PUBLISHED[fit.statistic]
        assert abs(fit.relative_error) < 1e-9
        assert fit.achieved == pytest.approx(fit.published, rel=1e-9)


@pytest.mark.parametrize("law", [PROMPT_LAW, OUTPUT_LAW])
def test_probabilities_match_draws(law):
    """Computed probabilities agree with frequencies of 200,000 draws."""
    n = 200_000
    drawn = law.draw(np.random.default_rng(1), n)
    p = law.probabilities(10**5)
    assert p[0] == 0
    assert p.sum() == pytest.approx(1, abs=1e-6)
    for k in (1, 2, 10, 11, 45, 100):
        error = np.sqrt(p[k] * (1 - p[k]) / n)
        assert abs((drawn == k).mean() - p[k]) < 5 * error


def test_report_against_brute_force_over_pairs():
    """With a small capacity the report equals a sum over all pairs."""
    memory = 60
    a = PROMPT_LAW.probabilities(memory)
    b = OUTPUT_LAW.probabilities(memory)
    joint = np.outer(a, b)
    s, o = np.indices(joint.shape)
    joint[s + o > memory] = 0
    joint /= joint.sum()
    report = {fit.statistic: fit.achieved for fit in fit_report(memory)}
    assert report["prompt mean"] == pytest.approx((joint * s).sum())
    assert report["output mean"] == pytest.approx((joint * o).sum())
    below = joint.sum(axis=1).cumsum()
    median = int(np.flatnonzero(below >= 0.5)[0])
    assert report["prompt median"] == median


def test_sample_keeps_the_limits():
    """Lengths are at least 1 and their sum at most the capacity."""
    prompt, output = lmsys_like_lengths(np.random.default_rng(0), 5000, 80)
    assert prompt.size == output.size == 5000
    assert prompt.min() == output.min() == 1
    assert (prompt + output).max() <= 80


def test_sample_report():
    """The report of a sample is that of its own numbers."""
    report = sample_fit_report(np.array([1, 2, 9]), np.array([45, 45, 45]))
    assert [fit.achieved for fit in report] == [4, 2, 45, 45]
    assert report[1].relative_error == pytest.approx(2 / 11 - 1)
    assert report[3].relative_error == 0


def test_trace_arrivals():
    """Arrivals start at 0, are sorted, and come at the rate asked for."""
    trace = lmsys_like_trace(np.random.default_rng(0), 20_000, rate=10)
    assert trace.arrival_s[0] == 0
    assert 20_000 / trace.arrival_s[-1] == pytest.approx(10, rel=0.05)
    assert (trace.prompt + trace.output).max() <= LMSYS_MEMORY


def test_never_called_lmsys_data():
    """The source says that the trace is synthetic."""
    trace = lmsys_like_trace(np.random.default_rng(0), 3)
    assert trace.source.startswith("lmsys-like: synthetic")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"n": 0}, "requests"),
        ({"n": 5, "memory": 49}, "memory"),
        ({"n": 5, "rate": 0.0}, "rate"),
    ],
)
def test_bad_options_are_refused(options, field):
    """Sizes, rates and capacities that mean nothing are refused by name."""
    with pytest.raises(InputError) as error:
        lmsys_like_trace(np.random.default_rng(0), **options)
    assert error.value.field == field
