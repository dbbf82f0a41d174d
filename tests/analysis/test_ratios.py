from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvopt.analysis import Ratio, mean_ratio
from kvopt.model import InputError

ORDERED = st.lists(st.integers(1, 10**6), min_size=3, max_size=3).map(sorted)


@given(ORDERED, st.fractions(0, 1))
def test_the_ratio_of_every_possible_optimum_is_inside(costs, share):
    """Whatever the optimum between bound and best, its ratio is inside."""
    lower, best, objective = costs
    ratio = Ratio(objective, lower, best)
    optimum = lower + share * (best - lower)
    truth = float(Fraction(objective) / optimum)
    slack = 1e-12 * truth
    assert 1 <= ratio.low <= truth + slack
    assert truth <= ratio.high + slack


@given(ORDERED)
def test_proved_means_both_ends_are_equal(costs):
    """A ratio is proved exactly when its two ends are one number."""
    lower, best, objective = costs
    ratio = Ratio(objective, lower, best)
    assert ratio.proved == (ratio.low == ratio.high)


@pytest.mark.parametrize(
    ("costs", "optimal"),
    [
        ((15, 15, 15), True),
        ((16, 15, 15), False),
        ((16, 14, 15), False),
        ((16, 14, 16), None),
    ],
)
def test_optimality_is_yes_no_or_open(costs, optimal):
    """Optimal needs a bound, not optimal a better schedule; else open."""
    assert Ratio(*costs).optimal is optimal


@pytest.mark.parametrize(
    ("costs", "field"),
    [
        ((15, 16, 15), "best"),
        ((15, 14, 16), "objective"),
        ((15, 0, 15), "lower_bound"),
    ],
)
def test_costs_that_contradict_each_other_are_refused(costs, field):
    """Bound above best, or best above the policy, gives no ratio."""
    with pytest.raises(InputError) as error:
        Ratio(*costs)
    assert error.value.field == field


def test_mean_counts_what_is_proved_and_what_is_open():
    """The mean has the mean of both ends, and open ratios in no count."""
    mean = mean_ratio([Ratio(16, 15, 15), Ratio(10, 10, 10), Ratio(12, 8, 12)])
    assert mean.low == pytest.approx((16 / 15 + 1 + 1) / 3)
    assert mean.high == pytest.approx((16 / 15 + 1 + 1.5) / 3)
    assert (mean.count, mean.proved) == (3, 2)
    assert (mean.optimal, mean.not_optimal) == (1, 1)


def test_there_is_no_mean_of_nothing():
    """A mean of no ratios is refused."""
    with pytest.raises(InputError, match="needs a ratio"):
        mean_ratio([])
