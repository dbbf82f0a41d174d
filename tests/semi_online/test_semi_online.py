"""The semi-online solver: OPTIMAL by theorem, or an honest gap."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kvopt.exact import solve
from kvopt.model import InputError, Instance, Status
from kvopt.semi_online import INFO, solve_semi_online


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4), st.integers(1, 5), st.integers(1, 7))
def test_unit_outputs_and_equal_prompts(prompt, per_round, n):
    """The closed form equals MC-SF, and brute force finds nothing better."""
    memory = (prompt + 1) * per_round + prompt // 2
    instance = Instance.of(memory, [(0, prompt, 1)] * n)
    result = solve_semi_online(instance)
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
    result = solve_semi_online(instance)
    fits = "everything fits" in result.reason
    assert fits == (slack >= 0)
    if fits:
        assert result.status is Status.OPTIMAL
        assert result.objective == sum(o for _, o in sizes)


def test_counterexamples_are_not_called_optimal():
    """Where MC-SF is beaten, the status is FEASIBLE and the bound below."""
    four = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    seven = Instance.of(9, [(0, 1, 3)] * 7)
    for instance, cost, optimum in ((four, 16, 15), (seven, 48, 42)):
        result = solve_semi_online(instance)
        assert result.status is Status.FEASIBLE
        assert result.objective == cost
        assert result.lower_bound <= optimum


def test_unit_outputs_with_unequal_prompts_are_no_special_case():
    """Unequal prompts claim nothing: shortest-first may be beaten there."""
    instance = Instance.of(4, [(0, 3, 1), (0, 1, 1), (0, 0, 1)])
    result = solve_semi_online(instance)
    assert result.status is Status.FEASIBLE


def test_arrivals_are_refused():
    """The first request that arrives after 0 is named."""
    instance = Instance.of(6, [(0, 1, 2), (3, 1, 2), (3, 1, 2)])
    with pytest.raises(InputError, match=r"requests\[1\]\.arrival = 3"):
        solve_semi_online(instance)


def test_info_fits_the_solver_registry():
    """Its metadata is of the type that the exact solvers use."""
    assert (INFO.name, INFO.available(), INFO.version()) == (
        "semi-online",
        True,
        "",
    )
