import numpy as np
import pytest

from kvopt.analysis import bootstrap_mean
from kvopt.model import InputError


def test_the_interval_covers_the_mean_as_often_as_it_says():
    """Of 100 intervals of 90 % from 40 values, 79 to 97 have the mean."""
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        low, high = bootstrap_mean(
            rng.exponential(size=40), rng, level=0.9, resamples=200
        )
        covered += low <= 1 <= high
    assert 79 <= covered <= 97


def test_the_same_generator_gives_the_same_interval():
    """The interval is a function of values and generator."""
    values = [1.0, 1.1, 1.3, 2.0]
    one, two = (
        bootstrap_mean(values, np.random.default_rng(7)) for _ in range(2)
    )
    assert one == two
    assert 1 <= one.low < np.mean(values) < one.high <= 2


def test_equal_values_have_an_interval_of_no_width():
    """Without spread there is nothing to be unsure of."""
    rng = np.random.default_rng(0)
    assert bootstrap_mean([1.25] * 5, rng) == (1.25, 1.25)


@pytest.mark.parametrize(
    ("values", "options", "field"),
    [
        ([], {}, "values"),
        ([1.0, float("nan")], {}, "values"),
        ([1.0], {"level": 1.0}, "level"),
        ([1.0], {"resamples": 0}, "resamples"),
    ],
)
def test_what_has_no_interval_is_refused(values, options, field):
    """No values, NaN, a level of 1 and no resamples are refused."""
    with pytest.raises(InputError) as error:
        bootstrap_mean(values, np.random.default_rng(0), **options)
    assert error.value.field == field
