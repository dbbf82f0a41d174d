"""The four choices, each against a naive restatement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvopt.model import InputError
from kvopt.model.serving import ServingRules
from kvopt.policies import make_policy, parse_policy
from kvopt.policies.choices import (
    Active,
    CancelShortest,
    ClearAll,
    ClearEach,
    EvictLast,
    LookAhead,
    PeakReservation,
    Running,
    UsageThreshold,
    limit_of,
    share,
)

NOW = 10
ACTIVE = st.builds(
    lambda age, prompt, left: Active(NOW - age, prompt, NOW + left),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(1, 8),
)
CHOSEN = st.builds(
    lambda prompt, length: Active(NOW, prompt, NOW + length),
    st.integers(0, 6),
    st.integers(1, 8),
)


@given(
    st.lists(ACTIVE, max_size=5),
    st.lists(CHOSEN, max_size=3),
    CHOSEN,
    st.integers(5, 60),
)
def test_look_ahead_checks_every_round(active, chosen, new, memory):
    """Checking completion rounds equals checking every round up to t_max."""
    last = max(a.end for a in [*chosen, new])
    jobs = [*active, *chosen, new]
    fits = all(
        sum(a.prompt + t - a.start for a in jobs if t <= a.end) <= memory
        for t in range(NOW + 1, last + 1)
    )
    assert LookAhead().fits(active, chosen, new, NOW, memory) == fits


@given(st.lists(ACTIVE, max_size=5), CHOSEN, st.integers(5, 60))
def test_reservation_and_threshold(active, new, memory):
    """Peak reservation adds peaks; the threshold adds the next round."""
    jobs = [*active, new]
    peaks = sum(a.prompt + a.end - a.start for a in jobs)
    assert PeakReservation().fits(active, [], new, NOW, memory) == (
        peaks <= memory
    )
    usage = sum(a.prompt + NOW + 1 - a.start for a in jobs)
    assert UsageThreshold(0.5).fits(active, [], new, NOW, memory) == (
        2 * usage <= memory
    )


def test_share_is_exact():
    """A protected tenth of 30 units leaves 27, not 26."""
    assert share(30, 0.1) == 27
    assert share(30, 0.0) == 30
    assert share(10, 0.3) == 7


def running(*rows):
    """Running requests from (usage, progress, length), numbered from 0."""
    return [Running(i, *row) for i, row in enumerate(rows)]


def test_clearing():
    """Clear-all takes everything; clear-each stops as soon as it fits."""
    rng = np.random.default_rng(0)
    eight = running(*[(5, 4, 1)] * 8)
    assert ClearAll().cancel(eight, 39, rng) == list(range(8))
    assert ClearAll().cancel(eight, 40, rng) == []
    assert ClearEach(0.5).cancel(eight, 40, rng) == []
    gone = ClearEach(0.2).cancel(eight, 39, rng)
    assert 1 <= len(gone) <= 8 and len(set(gone)) == len(gone)
    assert ClearEach(1.0).cancel(eight, 39, rng) == list(range(8))


def test_partial_cancelling():
    """Evict-last and cancel-shortest stop as soon as the rest fits."""
    rng = np.random.default_rng(0)
    four = running((5, 4, 3), (5, 2, 3), (5, 9, 2), (5, 1, 7))
    assert EvictLast().cancel(four, 20, rng) == []
    assert EvictLast().cancel(four, 14, rng) == [3, 2]
    # Two blocks of 3 are kept free of 20; the first goes on even so.
    spare = EvictLast(spare=2)
    limit = limit_of(spare, 20, ServingRules(block=3))
    assert limit == 14 and spare.cancel(four, limit, rng) == [3, 2]
    assert spare.cancel(four, 4, rng) == [3, 2, 1]
    assert CancelShortest().cancel(four, 5, rng) == [2, 1, 0]
    # With progress counted, request 2 is known to need 9.
    assert CancelShortest(True).cancel(four, 5, rng) == [1, 0, 3]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mcsf", ["policy = 'mcsf'", "mc-sf"]),
        ("mc-sf:margn=0.1", ["policy.margn", "misfit, lengths, margin"]),
        ("mc-sf:misfit=jump", ["policy.misfit", "'jump'"]),
        ("mc-sf:margin=1.5", ["margin = 1.5", "[0, 1)"]),
        ("mc-sf:margin=half", ["margin = 'half'"]),
        ("alpha-greedy:alpha=-0.1", ["alpha = -0.1"]),
        ("alpha-beta-clearing:beta=0", ["beta = 0.0", "(0, 1]"]),
        ("mc-sf:misfit", ["mc-sf:misfit", "parameter=value"]),
        ("fcfs:alpha=1", ["policy.alpha", "batch"]),
        ("gsa:alpha=1", ["alpha = 1.0: must be a number above 1"]),
        ("gsa:alpha=nan", ["alpha = nan"]),
        ("gsa:tau_0=0.5", ["tau_0 = 0.5: must be a number at least 1"]),
        ("gsa-spec:tau_0=inf", ["tau_0 = inf"]),
        ("gsa-spec:runs=drop", ["policy.runs = 'drop'"]),
        ("gba:alpha=0.5", ["alpha = 0.5"]),
        ("gba-d:beta=0", ["beta = 0.0: must be a number at least 1"]),
        ("sps:overlap=most", ["policy.overlap = 'most'"]),
        ("eviction-free-cap:rate=0", ["rate = 0.0", "above 0"]),
        ("svf-1-bit:longest=0", ["longest = 0", "at least 1"]),
        ("svf-1-bit:longest=2.5", ["longest = 2.5: must be an integer"]),
        ("svf-1-bit:lengths=lower", ["policy.lengths = 'lower'"]),
    ],
)
def test_bad_text_forms_are_named(text, names):
    """An error names the parameter and the value, on one line."""
    with pytest.raises(InputError) as caught:
        parse_policy(text)
    message = str(caught.value)
    assert "\n" not in message
    assert all(name in message for name in names)


def test_make_policy_takes_numbers():
    """Parameters given from Python arrive as they are."""
    assert make_policy("alpha-greedy", alpha=0).alpha == 0
