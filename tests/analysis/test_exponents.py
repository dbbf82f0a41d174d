"""Exponents: exact powers, corrections for finite sizes, bad input."""

import numpy as np
import pytest

from kvopt.analysis import exponent_of
from kvopt.model import InputError

SIZES = np.array([2.0**k for k in range(4, 14)])


@pytest.mark.parametrize("power", [0.3, 0.5, 1.0, 2.0])
def test_a_power_is_found_exactly(power):
    """Without a correction all three slopes are the exponent."""
    found = exponent_of(SIZES, 7 * SIZES**power)
    assert found.value == pytest.approx(power, abs=1e-9)
    assert found.uncorrected == pytest.approx(power, abs=1e-9)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("offset", [-1.0, 1.0, 3.0])
def test_a_bent_power_is_corrected(offset):
    """A constant beside the power bends the line, not the estimate."""
    found = exponent_of(SIZES, 2 * SIZES**0.5 + offset)
    assert abs(found.value - 0.5) < abs(found.uncorrected - 0.5)
    assert found.low <= 0.5 <= found.high


def test_the_interval_covers_noise():
    """With noise, 1/2 is in the interval in at least 90 % of the cases."""
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(300):
        noise = np.exp(0.05 * rng.standard_normal(SIZES.size))
        found = exponent_of(SIZES, SIZES**0.5 * noise)
        inside += found.low <= 0.5 <= found.high
    assert inside >= 270


@pytest.mark.parametrize(
    ("size", "value", "field"),
    [
        (SIZES[:5], SIZES[:5], "size"),
        (SIZES, SIZES[:-1], "size"),
        (SIZES, SIZES * 0, "value"),
    ],
)
def test_bad_input_is_refused(size, value, field):
    """Too few sizes, another number of values, and values of 0."""
    with pytest.raises(InputError) as error:
        exponent_of(size, value)
    assert error.value.field == field
