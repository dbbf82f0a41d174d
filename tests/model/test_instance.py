"""Instances and predictions: rules, derived numbers, immutability."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.model import InputError, Instance, Predictions


def test_derived_numbers_are_sums_over_rounds():
    """Peak and volume equal the memory added up round by round."""
    requests = [(0, s, o) for s in range(5) for o in range(1, 8)]
    instance = Instance.of(20, requests)
    for i, (_, s, o) in enumerate(instance):
        held = [s + k for k in range(1, o + 1)]
        assert instance.peak[i] == held[-1]
        assert instance.volume[i] == sum(held)


def test_volume_of_the_largest_request_does_not_overflow():
    """The greatest sizes allowed still have an exact volume."""
    instance = Instance.of(10**9, [(0, 0, 10**9), (0, 5 * 10**8, 5 * 10**8)])
    o, half = 10**9, 5 * 10**8
    exact = [o * (o + 1) // 2, half * half + half * (half + 1) // 2]
    assert instance.volume.tolist() == exact


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_iteration_gives_back_the_requests(data, instances):
    """An instance built from another's requests is the same."""
    instance = data.draw(instances)
    again = Instance.of(
        instance.memory, instance, predictions=instance.predictions
    )
    assert again == instance
    assert hash(again) == hash(instance)
    assert len(again) == len(list(instance))


def test_instances_cannot_be_changed():
    """Neither fields nor array elements can be set, nor the source array."""
    output = np.array([2, 3])
    instance = Instance(9, [0, 0], [1, 1], output)
    output[0] = 99
    assert instance.output.tolist() == [2, 3]
    with pytest.raises(dataclasses.FrozenInstanceError):
        instance.memory = 3
    for name in ("arrival", "prompt", "output", "peak", "volume"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(instance, name)[0] = 1


def test_what_nobody_can_write_to_is_not_copied():
    """Only arrays whose memory is read-only all the way down are shared."""
    fixed = np.array([1, 1])
    fixed.setflags(write=False)
    shared = Instance(9, [0, 0], fixed, fixed[:])
    assert np.shares_memory(shared.prompt, fixed)
    assert np.shares_memory(shared.output, fixed)
    owner = np.array([1, 1])
    view = owner[:]
    view.setflags(write=False)
    copied = Instance(9, [0, 0], view, view)
    owner[0] = 5
    assert copied.prompt.tolist() == copied.output.tolist() == [1, 1]


def test_empty_predictions_are_none():
    """Predictions that hold nothing are no predictions."""
    plain = Instance.of(6, [(0, 1, 2)])
    empty = Instance.of(6, [(0, 1, 2)], predictions=Predictions())
    assert empty == plain
    assert empty.predictions is None


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((0, [0], [1], [1]), "memory"),
        ((6.0, [0], [1], [1]), "memory"),
        ((True, [0], [1], [1]), "memory"),
        ((6, [], [], []), "requests"),
        ((6, [0], [-1], [1]), "requests[0].prompt"),
        ((6, [0, 0], [1, 1], [1, 0]), "requests[1].output"),
        ((6, [0], [1], [1.0]), "requests[0].output"),
        ((6, [0], [float("nan")], [1]), "requests[0].prompt"),
        ((6, [0], [None], [1]), "requests[0].prompt"),
        ((6, [0], [1], [10**30]), "requests[0].output"),
        ((6, [[0]], [1], [1]), "arrival"),
        ((6, [0], [1, 1], [1]), "prompt"),
        ((6, [0], [1], [1, 1]), "output"),
        ((6, [2, 1], [1, 1], [1, 1]), "requests[1].arrival"),
        ((6, [0], [5], [2]), "requests[0].prompt + output"),
    ],
)
def test_bad_instance_cannot_be_built(arguments, field):
    """The constructor names the field that breaks a rule."""
    with pytest.raises(InputError) as caught:
        Instance(*arguments)
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"lower": [1]}, "upper"),
        ({"upper": [1]}, "lower"),
        ({"lower": [1, 2], "upper": [3]}, "lower"),
        ({"lower": [1, 4], "upper": [3, 3]}, "requests[1].lower"),
        ({"point": [0]}, "requests[0].point"),
    ],
)
def test_bad_predictions_cannot_be_built(columns, field):
    """The constructor names the prediction that breaks a rule."""
    with pytest.raises(InputError) as caught:
        Predictions(**columns)
    assert caught.value.field == field


def test_predictions_must_be_one_a_request():
    """A prediction for another number of requests is refused."""
    with pytest.raises(InputError, match=r"predictions\.point = '2 values'"):
        Instance.of(6, [(0, 1, 2)], predictions=Predictions(point=[1, 2]))
