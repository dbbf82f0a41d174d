"""How fast requests may come for MC-SF to keep up."""

import pytest

from kvopt.experiments.regret.saturation import kept_up_rate, saturated_rate
from kvopt.model import InputError
from kvopt.workloads import FewTypes

THREE = FewTypes(9, (1,), (3,), (1,), horizon=3000)
MIXED = FewTypes(horizon=20_000)


def test_identical_requests_are_served_at_two_thirds():
    """Theorem B: two every three rounds, although one a round fits."""
    assert saturated_rate(THREE) == pytest.approx(2 / 3, abs=1e-3)
    assert kept_up_rate(THREE, 1.0) == pytest.approx(2 / 3, abs=1e-3)


def test_the_longest_gets_less_the_more_others_come():
    """And MC-SF keeps up with less than the capacity of 0.75."""
    served = [
        saturated_rate(FewTypes(horizon=20_000, rate=rate))
        for rate in (0.1, 0.4, 0.7)
    ]
    assert served == sorted(served, reverse=True)
    assert served[1] > 0.4 / 3
    assert served[2] < 0.7 / 3
    assert 0.64 < kept_up_rate(MIXED, 0.75) < 0.69


def test_two_longest_types_are_refused():
    """Then arrival decides, and neither is served last."""
    with pytest.raises(InputError, match="output = '3,3'"):
        saturated_rate(FewTypes(9, (1, 2), (3, 3), (1, 1)))
