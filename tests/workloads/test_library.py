"""The packaged examples: what they say about themselves is so."""

import numpy as np
import pytest

from kvopt.model import InputError, Instance
from kvopt.workloads import library
from kvopt.workloads.families.trap import trap
from kvopt.workloads.random.calibrated import (
    lmsys_like_trace,
    sample_fit_report,
)
from kvopt.workloads.random.random_models import Model1, model_1


@pytest.mark.parametrize("name", library.names())
def test_every_example_loads_under_its_own_name(name):
    """Each file holds an instance of that name that says what it shows."""
    instance = library.load(name)
    assert instance.name == name
    assert instance.source


@pytest.mark.parametrize(
    ("name", "memory", "prompt", "outputs"),
    [
        ("mcsf-16-15", 6, 1, (2, 2, 3, 3)),
        ("mcsf-18-17", 4, 1, (1, 1, 2, 2, 3)),
        ("mcsf-21-19", 10, 3, (1, 1, 3, 3, 4)),
        ("mcsf-48-42", 9, 1, (3,) * 7),
        ("equal-27-25", 6, 0, (3,) * 5),
    ],
)
def test_counterexamples(name, memory, prompt, outputs):
    """The instances of the ledger, number for number."""
    requests = [(0, prompt, o) for o in outputs]
    assert library.load(name) == Instance.of(memory, requests)


def test_made_examples():
    """Trap and small-15 are what their sources say made them."""
    assert library.load("trap-60") == trap(60, 9)
    params = Model1(memory=(30, 30), output=(2, 8), requests=(15, 15))
    assert library.load("small-15") == model_1(
        np.random.default_rng(0), params
    )


def test_forward_schedule_example():
    """The instance that no forward schedule solves, as recorded."""
    requests = [(0, 1, 5), (0, 1, 3), (2, 3, 1)]
    assert library.load("forward-schedule") == Instance.of(8, requests)


def test_unknown_example_is_refused():
    """The refusal lists the known names."""
    with pytest.raises(InputError, match="trap-60") as error:
        library.load("nope")
    assert error.value.value == "nope"


def test_sample_trace_fits_and_can_be_made_again():
    """The packaged trace is within 1 % and comes from seed 124."""
    trace = library.sample_trace()
    assert len(trace) == 4000
    for fit in sample_fit_report(trace.prompt, trace.output):
        assert abs(fit.relative_error) < 0.01
    again = lmsys_like_trace(np.random.default_rng(124), 4000)
    for column in ("prompt", "output", "arrival_s"):
        np.testing.assert_array_equal(
            getattr(trace, column), getattr(again, column)
        )
