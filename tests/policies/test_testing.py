"""The contract check names the rule that a policy breaks, and where."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pytest

from kvopt.model import InputError, Instance
from kvopt.policies import names, policy_spec
from kvopt.policies.base import Decision, InformationModel, Setup, View
from kvopt.policies.fcfs import FCFS
from kvopt.policies.TEMPLATE import MyPolicy
from kvopt.policies.testing import Rule, check_policy
from kvopt.simulation import simulate

INFO = replace(
    MyPolicy.info, name="faulty", information=InformationModel.NON_CLAIRVOYANT
)


def one_at_a_time(view):
    """A decision that is always right: the first alone, once it is empty."""
    return Decision([] if view.running else list(view.waiting)[:1])


@dataclass(frozen=True)
class Faulty:
    """A policy that serves one at a time, but for one fault."""

    info: ClassVar = INFO
    information: ClassVar[InformationModel] = InformationModel.NON_CLAIRVOYANT
    idles: ClassVar[bool] = False
    livelock: ClassVar[str] = "none"
    decide: Callable = one_at_a_time

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function."""
        return self.decide


def everything(view):
    """Start all that waits."""
    return Decision(list(view.waiting))


def nothing(view):
    """Start nothing."""
    return Decision([])


def twice(view):
    """Start the first request two times."""
    return Decision([0, 0])


def cancels(view):
    """Cancel the first request as soon as it runs."""
    return Decision(list(view.waiting)[:1], [i for i in view.running if not i])


def cancels_the_waiting(view):
    """Cancel what does not run."""
    return Decision([], list(view.waiting))


def no_decision(view):
    """Return None."""


def peeks(view):
    """Look at what it is not told."""
    return Decision([i for i in view.waiting if view.jobs[i].hint.output > 0])


def tosses(view):
    """Draw from a generator that no seed governs."""
    late = view.waiting and random.random() < 0.5
    return Decision([] if late or view.running else list(view.waiting)[:1])


@pytest.mark.parametrize(
    ("decide", "rule", "where"),
    [
        (everything, Rule.MEMORY, "memory 3, requests (arrival, prompt, "),
        (nothing, Rule.PROGRESS, "memory 2, requests"),
        (twice, Rule.START, "memory 2, requests"),
        (cancels, Rule.CANCEL, "memory 3, requests"),
        (cancels_the_waiting, Rule.CANCEL, "memory 2, requests"),
        (no_decision, Rule.DECISION, "AttributeError"),
        (peeks, Rule.DECISION, "TypeError"),
    ],
)
def test_rule_and_smallest_instance_are_named(decide, rule, where):
    """One line names the rule that is broken and the smallest instance."""
    with pytest.raises(InputError) as caught:
        check_policy(Faulty(decide))
    message = str(caught.value)
    assert rule.value in message
    assert where in message
    assert "smallest instance found: memory" in message
    assert "\n" not in message


def test_the_smallest_instance_is_the_smallest():
    """Two requests of two rounds are the least that can exceed M=3."""
    with pytest.raises(InputError) as caught:
        check_policy(Faulty(everything))
    assert str(caught.value).endswith(
        "memory 3, requests (arrival, prompt, output) (0, 0, 2) (0, 0, 2)"
    )


def test_unseeded_randomness_is_found():
    """Decisions that differ between two runs break determinism."""
    with pytest.raises(InputError, match=Rule.DETERMINISM.value):
        check_policy(Idling(tosses))


@dataclass(frozen=True)
class Idling(Faulty):
    """The same, but it may leave the worker empty."""

    info: ClassVar = INFO
    idles: ClassVar[bool] = True


def test_a_stall_that_the_engine_reports_may_be_allowed():
    """``may_stall`` excuses an empty worker, not an endless wait."""
    check_policy(Faulty(nothing), may_stall=True)
    with pytest.raises(InputError, match=Rule.PROGRESS.value):
        check_policy(Idling(nothing), may_stall=True)


@dataclass(frozen=True)
class Larger(Faulty):
    """Two requests at once, at times: wrong only on larger instances."""

    info: ClassVar = INFO

    def session(self, setup: Setup) -> Callable[[View], Decision]:
        """Return the decision function."""
        return everything if setup.memory > 6 else one_at_a_time


def test_larger_instances_are_made_smaller():
    """A fault that tiny instances do not show is shown on few requests."""
    with pytest.raises(InputError, match=Rule.MEMORY.value) as caught:
        check_policy(Larger)
    assert str(caught.value).count("), (") == 0
    assert 2 <= str(caught.value).partition("output) ")[2].count("(") <= 6


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "My Policy"}, "info.name"),
        ({"ratio": ""}, "info.ratio"),
        (
            {"information": InformationModel.CLAIRVOYANT},
            "information must be info.information",
        ),
    ],
)
def test_metadata_is_checked_first(changed, said):
    """A policy that does not say what it is, is not run."""

    @dataclass(frozen=True)
    class Other(Faulty):
        """Other metadata."""

        info: ClassVar = replace(INFO, **changed)

    with pytest.raises(InputError, match=said):
        check_policy(Other)


def test_what_is_no_policy_class_is_refused():
    """Neither a plain class nor one without defaults can be a policy."""

    class Plain:
        """No dataclass."""

        info = INFO

    @dataclass(frozen=True)
    class Needs(Faulty):
        """A parameter without a default."""

        info: ClassVar = INFO
        more: int = field(kw_only=True)

    for cls, said in (
        (Plain, "frozen dataclass"),
        (Needs, "more needs a default"),
        (object, "info must be a PolicyInfo"),
    ):
        with pytest.raises(InputError, match=said):
            check_policy(cls)


def test_template_is_a_policy_and_in_no_registry():
    """The template keeps the contract, runs, and is not listed."""
    check_policy(MyPolicy)
    check_policy(MyPolicy(margin=0.1))
    assert MyPolicy.info.name not in names()
    instance = Instance.of(6, [(0, 1, 2), (0, 1, 3), (1, 2, 2)])
    assert simulate(instance, MyPolicy).objective >= 7
    assert simulate(instance, FCFS).policy == "fcfs"
    assert policy_spec(MyPolicy(0.1)) == "my-policy:margin=0.1"
