"""The semi-online solver: OPTIMAL by theorem, or an honest gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kvopt.check import check_bound, verify
from kvopt.exact import solve
from kvopt.exact.bounds import lower_bound
from kvopt.exact.semi_online.guarantees import guarantees
from kvopt.exact.semi_online.special_cases import special_case
from kvopt.model import InputError, Instance, Status
from kvopt.simulation import simulate


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4), st.integers(1, 5), st.integers(1, 7))
def test_unit_outputs_and_equal_prompts(prompt, per_round, n):
    """The closed form equals MC-SF, and brute force finds nothing better."""
    memory = (prompt + 1) * per_round + prompt // 2
    instance = Instance.of(memory, [(0, prompt, 1)] * n)
    result = solve(instance, "semi-online")
    assert result.status is Status.OPTIMAL
    assert result.objective == solve(instance, "brute-force").objective


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), min_size=1),
    st.integers(-2, 2),
)
def test_everything_fits_at_once(sizes, slack):
    """At the exact peak of all together, and above it, sum(o) is proved."""
    peak = max(
        sum(s + t for s, o in sizes if o >= t)
        for t in range(1, max(o for _, o in sizes) + 1)
    )
    memory = peak + slack
    assume(memory >= max(s + o for s, o in sizes))
    instance = Instance.of(memory, [(0, s, o) for s, o in sizes])
    case = special_case(instance)
    fits = case is not None and case.theorem == "everything fits at once"
    assert fits == (slack >= 0)
    if fits:
        result = solve(instance, "semi-online")
        assert result.status is Status.OPTIMAL
        assert case.theorem in result.reason
        assert result.objective == sum(o for _, o in sizes)


def test_counterexamples_are_solved_beyond_mc_sf():
    """Where MC-SF is beaten, the program finds and proves the optimum."""
    four = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    seven = Instance.of(9, [(0, 1, 3)] * 7)
    for instance, optimum in ((four, 15), (seven, 42)):
        result = solve(instance, "semi-online")
        assert result.status is Status.OPTIMAL
        assert result.objective == optimum
        assert "dynamic program for few types" in result.reason


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3)), min_size=1),
    st.integers(1, 30),
)
def test_special_cases_are_derived_again_by_the_checker(sizes, memory):
    """Where a theorem is named, the certificate meets the schedule."""
    assume(memory >= max(s + o for s, o in sizes))
    instance = Instance.of(memory, [(0, s, o) for s, o in sizes])
    case = special_case(instance)
    assume(case is not None)
    verdict = check_bound(instance.document(), case.certificate.document())
    assert verdict.ok
    result = solve(instance, "semi-online")
    assert result.status is Status.OPTIMAL
    assert result.certificate == case.certificate
    assert result.objective == verdict.derived == case.certificate.value
    assert verify(instance, result.schedule).ok


def test_constant_reservation_is_recognised():
    """Two of these four run at once, whichever they are, never three."""
    instance = Instance.of(10, [(0, 4, 1), (0, 4, 1), (0, 3, 2), (0, 3, 2)])
    result = solve(instance, "semi-online")
    assert result.reason.startswith("optimal by theorem: constant reservation")
    assert result.objective == 8
    assert result.objective == solve(instance, "brute-force").objective


def test_machine_bound_holds():
    """The checker derives the same bound, and brute force is not below."""
    rng = np.random.default_rng(7)
    for _ in range(200):
        n = int(rng.integers(1, 6))
        memory = int(rng.integers(3, 9))
        prompt = rng.integers(0, memory, n)
        output = [int(rng.integers(1, memory - s + 1)) for s in prompt]
        arrival = np.sort(rng.integers(0, 3, n))
        instance = Instance(memory, arrival, prompt, np.array(output))
        certificate = lower_bound(instance, "machines")
        verdict = check_bound(instance.document(), certificate.document())
        assert verdict.derived == certificate.value
        optimum = solve(instance, "brute-force").objective
        assert certificate.value <= optimum


def test_beyond_the_program_a_guarantee_is_given():
    """Many types: FEASIBLE, the factors in the reason, the bound checked."""
    rng = np.random.default_rng(3)
    rows = [
        (0, int(rng.integers(1, 6)), int(rng.integers(1, 20)))
        for _ in range(24)
    ]
    instance = Instance.of(60, rows)
    result = solve(instance, "semi-online")
    assert result.status is Status.FEASIBLE
    assert "gave up" in result.reason
    assert "by theorem (P6: 1 + 2/(1 - alpha): svf)" in result.reason
    assert "times the bound" in result.reason
    assert verify(instance, result.schedule).ok
    assert check_bound(instance.document(), result.certificate.document()).ok
    for policy in ("mc-sf", "svf", "sorted-f", "sps"):
        assert result.objective <= simulate(instance, policy).objective


def test_a_time_limit_keeps_schedule_and_bound():
    """A limit that is over at once still gives both, and says so."""
    instance = Instance.of(20, [(0, 1, 4)] * 30 + [(0, 1, 7)] * 30)
    result = solve(instance, "semi-online", 1e-9)
    assert result.status is Status.TIME_LIMIT
    assert "time limit" in result.reason
    assert verify(instance, result.schedule).ok


def test_conditions_of_the_guarantees():
    """Each theorem is used where its conditions hold, and only there."""

    def named(memory, sizes):
        instance = Instance.of(memory, [(0, *size) for size in sizes])
        return {g.theorem: g.factor for g in guarantees(instance)}

    svf, mc_sf = "P6: 1 + 2/(1 - alpha)", "P1, Theorem 4.3"
    assert named(10, [(1, 4), (2, 2)]) == {svf: 5}
    assert named(10, [(1, 4), (1, 2)]) == {svf: 5, mc_sf: 9216}
    assert named(6, [(1, 4), (1, 2)]) == {svf: 13}
    assert named(6, [(2, 4), (1, 2)]) == {}
    assert named(6, [(2, 4), (2, 4)]) == {"identical requests": 2}


def test_arrivals_are_refused():
    """The first request that arrives after 0 is named."""
    instance = Instance.of(6, [(0, 1, 2), (3, 1, 2), (3, 1, 2)])
    with pytest.raises(InputError, match=r"requests\[1\]\.arrival = 3"):
        solve(instance, "semi-online")


def test_a_schedule_to_start_from_is_kept_or_improved():
    """From an optimal schedule a run that has no time is at the optimum."""
    instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    best = solve(instance, "semi-online").schedule
    result = solve(instance, "semi-online", 1e-9, warm_start=best)
    assert result.objective == 15


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=2),
    st.integers(0, 5),
)
def test_promises_hold(sizes, slack):
    """Whenever a factor is promised or proved, brute force agrees."""
    sizes = sizes[:5]
    memory = max(s + o for s, o in sizes) + slack
    instance = Instance.of(memory, [(0, s, o) for s, o in sizes])
    result = solve(instance, "semi-online")
    optimum = solve(instance, "brute-force").objective
    assert result.lower_bound <= optimum <= result.objective
    for guarantee in guarantees(instance):
        made = simulate(instance, guarantee.policy, "reference").objective
        assert made <= guarantee.factor * optimum
