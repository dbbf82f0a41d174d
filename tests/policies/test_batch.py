"""A limit of the batch, and the watermark of vLLM."""

import numpy as np
import pytest

from kvopt.model import InputError, Instance, Predictions
from kvopt.policies import infos, make_policy, parse_policy, policy_spec
from kvopt.policies.choices import Active, Watermark
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation import simulate

COMPOSED = [
    info.name
    for info in infos()
    if isinstance(make_policy(info.name), ComposedPolicy)
]


def random_instance(rng):
    """A few small requests, with predictions, all at 0."""
    n = int(rng.integers(2, 9))
    output = rng.integers(1, 4, n)
    known = Predictions(lower=output, upper=output, point=output)
    prompt = rng.integers(0, 4, n)
    return Instance(40, np.zeros(n, int), prompt, output, known)


@pytest.mark.parametrize("name", COMPOSED)
def test_no_more_than_the_batch_are_active(name):
    """With ``batch=2`` never three at a time; without it, now and then."""
    rng = np.random.default_rng(4)
    most = {2: 0, None: 0}
    for _ in range(30):
        instance = random_instance(rng)
        for batch in most:
            policy = make_policy(name, batch=batch)
            schedule = simulate(instance, policy).schedule
            rounds = np.arange(1, schedule.makespan + 1)[:, None]
            active = (schedule.start < rounds) & (rounds <= schedule.stop)
            most[batch] = max(most[batch], int(active.sum(axis=1).max()))
    assert most[2] == 2 < most[None]


@pytest.mark.parametrize("name", COMPOSED)
@pytest.mark.parametrize("batch", ["0", "-1", "1.5", "many"])
def test_a_batch_of_none_is_refused(name, batch):
    """Every composed policy names the field and the value."""
    with pytest.raises(InputError, match="batch"):
        parse_policy(f"{name}:batch={batch}")


def test_the_text_form_has_the_batch():
    """It is written only where it is not the policy's default."""
    assert policy_spec(parse_policy("mc-sf:batch=3")) == "mc-sf:batch=3"
    assert policy_spec(parse_policy("vllm-watermark")) == "vllm-watermark"
    capped = parse_policy("vllm-watermark:batch=4,reserve=0.5")
    assert policy_spec(capped) == "vllm-watermark:batch=4,reserve=0.5"


def test_the_watermark_looks_at_what_is_held_now():
    """Growth of the next round only has to be possible."""
    tests = Watermark(0.1)
    running = [Active(0, 10, 9)]
    # Held at round 5: 15 units, and a prompt of 3 makes 18 of 20.
    assert tests.fits(running, [], Active(5, 3, 9), 5, 20)
    assert not tests.fits(running, [], Active(5, 4, 9), 5, 20)
    # What is chosen counts with its prompt; both grow by one next round.
    chosen = [Active(5, 1, 9)]
    assert tests.fits(running, chosen, Active(5, 2, 9), 5, 21)
    assert not Watermark(0.0).fits(running, chosen, Active(5, 2, 9), 5, 20)
    # An empty worker takes what fits without the share kept free.
    assert tests.fits([], [], Active(5, 19, 9), 5, 20)
    assert not tests.fits([], [], Active(5, 20, 9), 5, 20)


@pytest.mark.parametrize("reserve", [1, -0.1, "x"])
def test_a_reserve_of_all_is_refused(reserve):
    """The share kept free is in [0, 1)."""
    with pytest.raises(InputError, match="reserve"):
        parse_policy(f"vllm-watermark:reserve={reserve}")
