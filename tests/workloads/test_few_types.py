"""The few-types family: its law, its common random numbers, bad input."""

from itertools import pairwise

import numpy as np
import pytest

from kvopt.model import InputError
from kvopt.workloads import FewTypes, few_types, generate


def drawn(seed, **values):
    """Return the instance of a seed."""
    return few_types(np.random.default_rng(seed), FewTypes(**values))


@pytest.mark.parametrize("process", ["poisson", "bernoulli"])
def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(process):
    """Instances of one seed are nested in the horizon."""
    for seed in range(20):
        made = [
            drawn(seed, horizon=t, rate=0.4, process=process)
            for t in (1, 20, 40, 160)
        ]
        for short, long in pairwise(made):
            assert list(short) == list(long)[: len(short)]
            assert (long.arrival[len(short) :] > short.arrival[-1]).all()


@pytest.mark.parametrize("process", ["poisson", "bernoulli"])
def test_a_higher_rate_adds_arrivals(process):
    """In every round the higher rate has at least as many arrivals."""
    for seed in range(20):
        counts = [
            np.bincount(
                drawn(seed, horizon=200, rate=r, process=process).arrival,
                minlength=200,
            )
            for r in (0.1, 0.4, 0.9)
        ]
        assert (counts[0] <= counts[1]).all()
        assert (counts[1] <= counts[2]).all()
        assert counts[0][0] >= 1


def test_means_are_those_of_the_law():
    """Number of arrivals and shares of types, over 200,000 rounds."""
    made = drawn(7, horizon=200_000, rate=0.7, weights=(1, 0, 3))
    assert abs(len(made) / 200_000 - 0.7) < 0.01
    assert set(made.output.tolist()) == {1, 5}
    assert abs((made.output == 5).mean() - 0.75) < 0.01


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rate": "0"}, "rate = 0.0: must be at least"),
        ({"horizon": "0"}, "horizon = 0: must be at least 1"),
        ({"rate": "1.5", "process": "bernoulli"}, "rate = 1.5: must be"),
        ({"process": "batch"}, "process = 'batch': must be one of"),
        ({"output": "1,3"}, "output = '1,3': prompt, output and weights"),
        ({"output": "0,3,5"}, r"output\[0\] = 0: must be at least 1"),
        ({"weights": "0,0,0"}, "weights = '0,0,0': at least one"),
    ],
)
def test_refusals(values, said):
    """Each names its field and its value in one line."""
    with pytest.raises(InputError, match=said) as error:
        generate("few-types", values)
    assert "\n" not in str(error.value)
