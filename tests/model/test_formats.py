"""The JSON formats: round trips, the hash, and what is written to disk."""

import hashlib
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.check.documents import read_instance
from kvopt.model import (
    BoundCertificate,
    InputError,
    Instance,
    Predictions,
    Schedule,
    Witness,
    instance_from_document,
    load_instance,
    load_json,
    load_schedule,
    save_certificate,
    save_instance,
    save_json,
    save_schedule,
    save_witness,
    schedule_from_document,
)

ROOT = Path(__file__).parents[2]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_instance_round_trip(data, instances, tmp_path_factory):
    """An instance read back from its file is equal in every field."""
    instance = data.draw(instances)
    path = tmp_path_factory.getbasetemp() / "instance.json"
    save_instance(instance, path)
    again = load_instance(path)
    assert again == instance
    assert again.document() == instance.document() == load_json(path)
    assert (again.name, again.source) == (instance.name, instance.source)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_schedule_round_trip(data, instances, schedules, tmp_path_factory):
    """A schedule read back from its file has the same runs."""
    instance, schedule = data.draw(instances), data.draw(schedules)
    path = tmp_path_factory.getbasetemp() / "schedule.json"
    save_schedule(schedule, instance, path)
    assert load_schedule(path, instance) == schedule


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hash_is_the_checkers(data, instances):
    """The model and the independent checker compute the same hash."""
    instance = data.draw(instances)
    assert instance.hash == read_instance(instance.document()).hash


def test_hash_is_the_documented_one():
    """The example of ``docs/formats.md`` holds: files depend on it."""
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    content, stated = re.search(r"\n(\{.*\})\n(sha256:\w+)\n", page).groups()
    digest = hashlib.sha256(content.encode()).hexdigest()
    instance = Instance.of(6, [(0, 1, 2), (0, 1, 3)])
    assert instance.hash == stated == f"sha256:{digest}"


def test_hash_ignores_name_and_source_only():
    """Name and source do not enter the hash; every number does."""
    columns = {"arrival": [0, 2], "prompt": [1, 1], "output": [2, 3]}
    plain = Instance(9, **columns)
    assert Instance(9, **columns, name="x", source="y").hash == plain.hash
    hashes = {plain.hash, Instance(10, **columns).hash}
    for key, values in columns.items():
        changed = {**columns, key: [values[0], values[1] + 1]}
        hashes.add(Instance(9, **changed).hash)
    for forecast in (
        {"point": [2, 3]},
        {"point": [2, 4]},
        {"lower": [2, 3], "upper": [2, 3]},
    ):
        predictions = Predictions(**forecast)
        hashes.add(Instance(9, **columns, predictions=predictions).hash)
    assert len(hashes) == 8


def test_key_order_of_the_file_does_not_matter(document):
    """A document with its keys reversed is the same instance."""
    rows = [dict(reversed(row.items())) for row in document["requests"]]
    other = dict(reversed({**document, "requests": rows}.items()))
    instance = instance_from_document(document)
    assert instance_from_document(other).hash == instance.hash
    assert read_instance(other).hash == instance.hash


def test_witness_and_certificate_files(tmp_path):
    """The other two formats are written as their documents."""
    instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    certificate = BoundCertificate(instance.hash, "area", 8)
    witness = Witness(
        "shown",
        instance,
        Schedule.from_starts(instance, [0, 0, 2, 4]),
        Schedule.from_starts(instance, [0, 2, 0, 3]),
        True,
    )
    assert (witness.algorithm_cost, witness.reference_cost) == (16, 15)
    assert "algorithm" not in witness.document()
    save_certificate(certificate, tmp_path / "bound.json")
    save_witness(witness, tmp_path / "witness.json")
    assert load_json(tmp_path / "bound.json") == certificate.document()
    assert load_json(tmp_path / "witness.json") == witness.document()


def test_files_put_one_request_on_a_line(document, tmp_path):
    """A file is read and compared by people: one request or run a line."""
    path = tmp_path / "i.json"
    save_json(document, path)
    lines = path.read_text().splitlines()
    assert sum('"arrival"' in line for line in lines) == 2
    assert path.read_text().endswith("}\n")


def test_failed_write_leaves_the_old_file(tmp_path):
    """A document that cannot be written harms no file and leaves none."""
    path = tmp_path / "i.json"
    path.write_text("precious")
    with pytest.raises(TypeError):
        save_json({"x": object()}, path)
    assert path.read_text() == "precious"
    assert os.listdir(tmp_path) == ["i.json"]


@pytest.mark.parametrize("target", ["missing/i.json", "folder"])
def test_path_that_cannot_be_written_is_named(target, document, tmp_path):
    """An output path in no folder, or that is a folder, is one line."""
    (tmp_path / "folder").mkdir()
    path = tmp_path / target
    with pytest.raises(InputError, match="cannot be written") as caught:
        save_json(document, path)
    assert str(caught.value).startswith(str(path))
    assert os.listdir(tmp_path) == ["folder"]


def test_schedule_of_another_instance_is_refused():
    """The hash binds a schedule to its instance."""
    one = Instance.of(6, [(0, 1, 2)])
    other = Instance.of(7, [(0, 1, 2)])
    schedule = Schedule.from_starts(one, [0]).document(one)
    assert schedule_from_document(schedule, one)
    with pytest.raises(InputError, match=r"instance = 'sha256:.*another"):
        schedule_from_document(schedule, other)


def test_values_are_plain_json(document):
    """No numpy number is left in a document."""
    instance = Instance(
        np.int64(6), np.array([0]), np.array([1]), np.array([2])
    )
    assert json.loads(json.dumps(instance.document())) == instance.document()
