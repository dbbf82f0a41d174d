"""The engine for policies that plan whole phases."""

from dataclasses import dataclass
from typing import ClassVar
from zlib import crc32

import numpy as np
import pytest

from kvopt.model import Instance, PolicyError
from kvopt.policies import make_policy, names, parse_policy
from kvopt.policies.pipeline import PlannedPolicy, PlannedRun
from kvopt.simulation import simulate
from kvopt.simulation.clocks import AffineClock
from kvopt.simulation.engine import engine_of, sooner
from tests.simulation.test_engines_agree import outcome, random_instance

SPECS = (
    *(n for n in names() if engine_of(parse_policy(n)) == "planned"),
    "gsa:alpha=1.3,tau_0=2.5",
    "gsa:alpha=3,overlap=continuous",
    "gba:alpha=2,beta=1.5",
    "sps:overlap=continuous",
)


def test_who_is_played_from_plans():
    """Policies that keep to their plans, and no others."""
    assert set(SPECS) >= {"gba", "gsa", "interleaved", "response", "sps"}
    for name in ("gba-d", "gsa-spec", "mc-sf", "route"):
        assert engine_of(parse_policy(name)) != "planned"
    measuring = AffineClock(1, arrival_unit=1)
    assert engine_of(parse_policy("gsa"), clock=measuring) == "reference"


@pytest.mark.parametrize("spec", SPECS)
def test_plans_are_what_the_rounds_do(spec):
    """Phase by phase and round by round, the same runs are made."""
    rng = np.random.default_rng([31, crc32(spec.encode())])
    for _ in range(300):
        instance = random_instance(rng)
        quick = simulate(instance, spec)
        assert quick.engine == "planned"
        assert quick.schedule == outcome(instance, spec, "reference", 0)


def test_small_and_large_are_played_from_plans():
    """No instance is so small that the reference engine ends sooner."""
    policy = parse_policy("sps")
    for n in (1, 1000):
        instance = Instance.of(9, [(0, 1, 3)] * n)
        assert sooner(instance, policy) == "planned"


def test_progress_counts_what_is_complete():
    """It is told after each phase, and may end the run."""
    told = []
    instance = Instance.of(8, [(0, 1, 1), (0, 1, 2), (0, 1, 5), (90, 1, 1)])
    simulate(instance, "gsa", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 4

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(instance, "gsa", progress=stop)


@dataclass(frozen=True)
class Badly(PlannedPolicy):
    """Plans what it is given."""

    phase: tuple[tuple[int, int, int], ...]

    info: ClassVar = make_policy("sps").info

    def planner(self, memory):
        """Return the same plan whatever there is."""
        return lambda jobs, now: [PlannedRun(*run) for run in self.phase]


@pytest.mark.parametrize(
    ("phase", "problem"),
    [
        ([], "plans no run, and requests wait"),
        ([(0, 0, 2), (0, 4, 2)], "plans request 0, which does not wait"),
        ([(2, 0, 2)], "plans request 2, which does not wait"),
        ([(0, -1, 2)], "plans request 0 for 2 rounds at -1"),
        ([(0, 5, 2), (1, 4, 2)], "plans request 1 for 2 rounds at 4"),
        ([(0, 0, 0)], "plans request 0 for 0 rounds at 0"),
        ([(0, 0, 2), (1, 1, 2)], r"uses 7 of 5 units in round 2 \(round 1\)"),
    ],
)
def test_bad_plans(phase, problem):
    """A plan that cannot be carried out is reported in one line."""
    instance = Instance.of(5, [(0, 2, 2), (0, 2, 2)])
    with pytest.raises(PolicyError, match=problem):
        simulate(instance, Badly(tuple(phase)))
