"""SVF with bounded bypass: what it passes over, and when it stops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kvopt.model import InputError, Instance
from kvopt.policies import make_policy
from kvopt.policies.composed import ComposedPolicy
from kvopt.policies.svf import SVF
from kvopt.simulation import simulate


def at_zero(memory, pairs):
    """An instance of (prompt, output) pairs, all at round 0."""
    return Instance.of(memory, [(0, s, o) for s, o in pairs])


def random_instance(rng):
    """A small instance, with arrivals or without."""
    memory, n = int(rng.integers(5, 25)), int(rng.integers(1, 15))
    prompt = rng.integers(0, memory, n)
    output = rng.integers(1, memory - prompt + 1)
    arrival = np.sort(rng.integers(0, int(rng.choice([1, 20])), n))
    return Instance(memory, arrival, prompt, output)


class Skipping(SVF):
    """SVF that passes over whatever does not fit."""

    @property
    def composition(self):
        """SVF's choices, and skip."""
        return replace(super().composition, misfit="skip")


def by_the_rule(instance, most):
    """The start rounds, from the sentence that states the policy."""
    volume = instance.prompt * instance.output
    volume += instance.output * (instance.output + 1) // 2
    used = np.zeros(int(instance.arrival.max() + 2 * instance.output.sum()))
    starts = [-1] * len(instance)
    now = 0
    while min(starts) < 0:
        passed = 0
        for i in np.argsort(volume, kind="stable"):
            if starts[i] >= 0 or instance.arrival[i] > now:
                continue
            s, o = int(instance.prompt[i]), int(instance.output[i])
            window = slice(now + 1, now + o + 1)
            held = s + np.arange(1, o + 1)
            if (used[window] + held <= instance.memory).all():
                used[window] += held
                starts[i] = now
            elif passed == most:
                break
            else:
                passed += 1
        now += 1
    return starts


@pytest.mark.parametrize("most", [0, 1, 2, 4, 100])
def test_policy_is_the_rule(most):
    """Each round the scan ends at misfit number W + 1, and not before."""
    rng = np.random.default_rng(most)
    for _ in range(150):
        instance = random_instance(rng)
        starts = by_the_rule(instance, most)
        for engine in ("fast", "reference"):
            policy = make_policy("svf-bypass", most=most)
            found = simulate(instance, policy, engine)
            assert found.records["start"].tolist() == starts


def test_limit_joins_svf_and_skipping():
    """Nothing passed over is SVF; at most n passed over is skipping all."""
    rng = np.random.default_rng(5)
    for _ in range(100):
        instance = random_instance(rng)
        ends = {
            0: SVF(),
            len(instance): Skipping(),
        }
        for most, policy in ends.items():
            found = simulate(instance, f"svf-bypass:most={most}")
            assert isinstance(policy, ComposedPolicy)
            assert found.schedule == simulate(instance, policy).schedule


def test_one_misfit_is_passed_over():
    """With W = 1 the second request is passed over, and the third as well
    stops the scan, so that the fourth waits although it fits.
    """
    # Volumes 9, 13, 14, 15; once request 0 runs, 5 units are free.
    instance = at_zero(10, [(4, 2), (6, 2), (6, 2), (0, 5)])
    volumes = [11, 15, 15, 15]
    assert [2 * s + 3 for s, _ in [(4, 2), (6, 2), (6, 2)]] == volumes[:3]
    one = simulate(instance, "svf-bypass:most=1").records["start"].tolist()
    two = simulate(instance, "svf-bypass:most=2").records["start"].tolist()
    assert one[:2] == [0, 2]
    assert one[3] > 0
    assert two[3] == 0


@pytest.mark.parametrize("most", ["-1", "1.5", "many"])
def test_limit_is_a_whole_number(most):
    """A limit that is no whole number from 0 on is refused by its name."""
    with pytest.raises(InputError, match="most"):
        simulate(at_zero(4, [(0, 1)]), f"svf-bypass:most={most}")
