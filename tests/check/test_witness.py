"""The checker of witnesses: three answers on optimality, and mutations."""

import json
import random
from importlib import import_module

import pytest

from kvopt.check import Optimality, check_witness
from kvopt.check.documents import TimedRun, read_instance
from kvopt.check.exhaustive import OutOfBudget, cheaper_schedule
from kvopt.check.schedule import check_runs
from kvopt.model import InputError, Instance, Schedule, Witness

LENGTHS = (2, 2, 3, 3)


def witness_of(memory, requests, algorithm, reference, certificate=""):
    """Return the witness document of two vectors of starts."""
    instance = Instance.of(memory, requests)
    return Witness(
        claim="the algorithm is not optimal",
        instance=instance,
        algorithm_schedule=Schedule.from_starts(instance, algorithm),
        reference_schedule=Schedule.from_starts(instance, reference),
        reference_optimal=True,
        certificate=certificate,
        algorithm="mc-sf",
    ).document()


@pytest.fixture
def small():
    """Return the witness of 16 against 15, safe to change."""
    requests = [(0, 1, o) for o in LENGTHS]
    return witness_of(6, requests, [0, 0, 2, 4], [0, 2, 0, 3])


def test_small_witness_is_certified_by_enumeration(small):
    """The optimum 15 of the first counterexample is proved."""
    verdict = check_witness(small)
    assert verdict.ok, verdict
    assert verdict.optimality is Optimality.CERTIFIED
    assert "enumeration" in verdict.grounds
    assert verdict.document()["reference"]["total_latency"] == 15


def test_reference_that_can_be_improved_is_refuted(small):
    """A reference said to be optimal that is not fails the witness."""
    small["reference_schedule"] = small["algorithm_schedule"]
    small["reference_cost"] = 16
    verdict = check_witness(small)
    assert verdict.optimality is Optimality.REFUTED
    assert not verdict.ok
    small["reference_optimal"] = False
    verdict = check_witness(small)
    assert verdict.ok
    assert verdict.optimality is Optimality.NOT_CLAIMED
    assert "at least 16/16 = 1 times" in verdict.headline()


def test_exhausted_budget_leaves_optimality_open(small, monkeypatch):
    """Without effort to spend nothing is certified, and nothing fails."""
    monkeypatch.setattr(import_module("kvopt.check.witness"), "_NODES", 3)
    small["certificate"] = "cp-sat 9.14"
    verdict = check_witness(small)
    assert verdict.ok
    assert verdict.optimality is Optimality.NOT_REDERIVED
    assert "stated by 'cp-sat 9.14'" in str(verdict)
    assert "3 placements did not enumerate" in str(verdict)
    assert verdict.headline() == (
        "costs accepted; optimality NOT re-derived: "
        "the algorithm costs at least 16/15 = 1.06667 times the optimum"
    )


def test_large_instance_needs_a_bound():
    """With nine requests nothing is enumerated: a bound must meet the cost."""
    tall = [(0, 3, 2)] * 9
    in_turn = [2 * i for i in range(9)]
    verdict = check_witness(witness_of(5, tall, in_turn, in_turn))
    assert verdict.optimality is Optimality.NOT_REDERIVED
    flat = [(0, 4, 1)] * 9
    verdict = check_witness(witness_of(5, flat, in_turn, list(range(9))))
    assert verdict.optimality is Optimality.CERTIFIED
    assert "area" in verdict.grounds


def embedded(document, value, method="area"):
    """Return a bound document as certificate text."""
    instance = read_instance(document["instance"])
    return json.dumps(
        {
            "format": "kvopt-bound/1",
            "instance": instance.hash,
            "method": method,
            "value": value,
            "data": {},
        }
    )


def test_embedded_bound_is_derived_again():
    """A bound in the certificate certifies when it meets the cost."""
    document = witness_of(
        5, [(0, 4, 1)] * 9, [2 * i for i in range(9)], list(range(9))
    )
    document["certificate"] = embedded(document, 45)
    verdict = check_witness(document)
    assert verdict.optimality is Optimality.CERTIFIED
    assert "bound in the witness" in verdict.grounds
    document["certificate"] = embedded(document, 46)
    verdict = check_witness(document)
    assert verdict.optimality is Optimality.REFUTED
    assert not verdict.ok
    document["certificate"] = embedded(document, 45, "magic")
    with pytest.raises(InputError, match=r"certificate\.method = 'magic'"):
        check_witness(document)


MUTATIONS = {
    "algorithm_cost": ({"algorithm_cost": 17}, "stated as 17"),
    "reference_cost": ({"reference_cost": 14}, "stated as 14"),
    "costs swapped": (
        {"algorithm_cost": 15, "reference_cost": 16},
        "is less than",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_changed_cost_is_rejected(name, small):
    """A stated cost that the schedule does not have fails the witness."""
    changes, words = MUTATIONS[name]
    verdict = check_witness({**small, **changes})
    assert not verdict.ok
    assert words in str(verdict)


@pytest.mark.parametrize("role", ["algorithm", "reference"])
def test_infeasible_schedule_is_rejected(role, small):
    """Either schedule with a run dropped or shifted fails the witness."""
    runs = small[f"{role}_schedule"]["runs"]
    last = runs.pop()
    assert not check_witness(small).ok
    runs.append({**last, "start": 0, "stop": 3})
    verdict = check_witness(small)
    assert not verdict.ok
    assert f"{role}: " in str(verdict)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("instance", "memory"), 7, "algorithm_schedule.instance"),
        (("instance", "memory"), 0, "instance.memory"),
        (("reference_schedule", "instance"), "x", "reference_schedule.inst"),
        (("algorithm_cost",), 16.0, "algorithm_cost"),
        (("reference_optimal",), 1, "reference_optimal"),
        (("certificate",), None, "certificate"),
        (("algorithm",), 3, "algorithm"),
        (("format",), "kvopt-witness/2", "format"),
        (("extra",), 1, "extra"),
    ],
)
def test_malformed_witness_names_the_field(path, value, field, small):
    """Each malformed part of a witness is bad input, said of that part."""
    target = small
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(InputError) as caught:
        check_witness(small)
    assert caught.value.field.startswith(field)


def test_enumeration_finds_exactly_the_optimum(random_instance):
    """What it finds is feasible and cheaper; what it denies, nothing is."""
    rng = random.Random(7)
    for _ in range(100):
        document = random_instance(rng, rng.randint(1, 5), 7, 4)
        problem = read_instance(document)
        cost, best = 10**6, None
        while (starts := cheaper_schedule(problem, cost, 10**6)) is not None:
            runs = [
                TimedRun(i, p, p + task.output, True)
                for i, (p, task) in enumerate(
                    zip(starts, problem.tasks, strict=True)
                )
            ]
            verdict = check_runs(problem, runs)
            assert verdict.ok
            assert verdict.total_latency < cost
            cost, best = verdict.total_latency, starts
        assert best is not None


def test_enumeration_gives_up_loudly(random_instance):
    """A search that is cut short claims nothing."""
    document = random_instance(random.Random(8), 5, 9, 0)
    with pytest.raises(OutOfBudget):
        cheaper_schedule(read_instance(document), 10**6, 2)
