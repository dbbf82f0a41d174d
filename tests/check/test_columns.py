"""The quick check by columns says what the full checker says."""

import hashlib
import json
import random

import pytest

from kvopt.check import check_schedule, verify
from kvopt.check.columns import (
    RequestColumns,
    RunColumns,
    accepted,
    check_objects,
    problem_of,
)
from kvopt.check.documents import read_instance
from kvopt.model import Instance, Schedule, instance_from_document


def columns_of(instance, rows):
    """Return a document's requests, and runs by start, as columns."""
    names = ("arrival", "prompt", "output")
    requests = [[r[k] for r in instance["requests"]] for k in names]
    runs = zip(*sorted(rows, key=lambda r: r[1]), strict=True)
    return (
        RequestColumns(instance["memory"], *requests),
        RunColumns(*(list(column) for column in runs)),
    )


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.1, 0.5])
def test_accepted_exactly_when_the_full_checker_finds_nothing(
    noise, random_instance, random_runs, schedule_of
):
    """On 6,000 schedules, right and wrong, both verdicts are the same."""
    rng = random.Random(round(100 * noise))
    yes = no = 0
    for _ in range(1500):
        memory = rng.choice((14, 30, 200))
        instance = random_instance(rng, rng.randint(1, 6), memory, 6)
        rows = random_runs(rng, instance, noise)
        if not rows:
            continue
        full = check_schedule(instance, schedule_of(instance, rows))
        quick = accepted(*columns_of(instance, rows))
        assert quick == (full if full.ok else None)
        yes += full.ok
        no += not full.ok
    assert no > 50
    assert yes > 50 or noise >= 0.5


def test_a_run_after_the_completion_is_no_fault_of_the_quick_check_only(
    schedule_of,
):
    """Cancelled runs that overlap, or come after, go to the full checker."""
    instance = Instance.of(20, [(0, 1, 4)]).document()
    for rows, kind in (
        ([(0, 0, 4, True), (0, 4, 6, False)], "after-completion"),
        ([(0, 0, 2, False), (0, 1, 5, True)], "overlap"),
        ([(0, 0, 4, False), (0, 5, 9, True)], "cancelled-length"),
    ):
        assert accepted(*columns_of(instance, rows)) is None
        full = check_schedule(instance, schedule_of(instance, rows))
        assert [v.kind for v in full.violations] == [kind]


@pytest.mark.parametrize(
    ("which", "field", "value"),
    [
        (0, "memory", True),
        (0, "memory", 0),
        (0, "arrival", [0, 1.0]),
        (0, "arrival", [-1, 0]),
        (0, "prompt", [1]),
        (0, "output", [3, 0]),
        (1, "request", [0, 2]),
        (1, "request", [0, -1]),
        (1, "start", [0, "1"]),
        (1, "start", []),
        (1, "stop", [3, 10**17]),
        (1, "completed", [1, 1]),
        (1, "completed", [True]),
    ],
)
def test_numbers_that_are_none_are_not_accepted(which, field, value):
    """A column of another length, type or range gets no verdict."""
    good = (
        RequestColumns(9, [0, 1], [1, 2], [3, 4]),
        RunColumns([0, 1], [0, 1], [3, 5], [True, True]),
    )
    assert accepted(*good).ok
    bad = list(good)
    bad[which] = bad[which]._replace(**{field: value})
    assert accepted(*bad) is None


def test_objects_and_documents_have_one_verdict():
    """A feasible and an infeasible schedule, as objects and as documents."""
    instance = Instance.of(8, [(0, 1, 3), (0, 2, 4), (1, 1, 5)])
    for starts in ([0, 3, 7], [0, 0, 1]):
        schedule = Schedule.from_starts(instance, starts)
        documents = instance.document(), schedule.document(instance)
        expected = check_schedule(*documents)
        assert check_objects(instance, schedule) == expected
        assert verify(instance, schedule) == expected
        assert verify(*documents) == expected


def test_an_object_is_read_as_its_document_is(random_instance):
    """The checker sees one problem in either, its hash included."""
    rng = random.Random(6)
    for _ in range(200):
        document = random_instance(rng, rng.randint(1, 6), 30, 6)
        instance = instance_from_document(document)
        assert problem_of(instance) == read_instance(document)


def test_the_hash_is_that_of_the_canonical_document(random_instance):
    """Written by columns, in parts, it is the SHA-256 of sorted JSON."""
    rng = random.Random(5)
    documents = [
        random_instance(rng, rng.randint(1, 9), 30, 6) for _ in range(300)
    ]
    rows = [
        {"arrival": 0, "prompt": 1, "output": 1 + i % 7} for i in range(25_000)
    ]
    for row in rows:
        row.update(lower=1, upper=9, predicted=row["output"])
    documents.append(
        {"format": "kvopt-instance/1", "memory": 50, "requests": rows}
    )
    for document in documents:
        bare = {k: document[k] for k in ("format", "memory", "requests")}
        text = json.dumps(bare, sort_keys=True, separators=(",", ":"))
        expected = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        assert instance_from_document(document).hash == expected
