"""Bad documents: one line with file, field and value, by both readers.

Each case changes a good document. Where a JSON Schema can express the rule,
the schema has to refuse it, too.
"""

import copy
import json
import os

import jsonschema
import pytest
from referencing import Registry, Resource

from kvopt.check import check_bound, check_witness, verify
from kvopt.check.documents import read_instance, read_json, read_schedule
from kvopt.check.schedule import check_schedule_of
from kvopt.model import (
    BoundCertificate,
    InputError,
    Instance,
    Schedule,
    Witness,
    instance_from_document,
    load_instance,
    load_json,
    load_schedule,
    read_trace,
    save_json,
    schedule_from_document,
    schema,
)

MISSING = object()

# path, new value, field that the error names, whether the schema refuses it
CASE = ("path", "value", "field", "by_schema")
INSTANCE_CASES = [
    (("memory",), 0, "memory", True),
    (("memory",), -6, "memory", True),
    (("memory",), 6.5, "memory", True),
    (("memory",), 6.0, "memory", False),
    (("memory",), True, "memory", True),
    (("memory",), "6", "memory", True),
    (("memory",), 10**9 + 1, "memory", True),
    (("memory",), 5, "requests[1].prompt + output", False),
    (("memory",), MISSING, "memory", True),
    (("format",), "kvopt-instance/2", "format", True),
    (("format",), MISSING, "format", True),
    (("name",), 3, "name", True),
    (("source",), None, "source", True),
    (("comment",), "hi", "comment", True),
    (("requests",), [], "requests", True),
    (("requests",), {}, "requests", True),
    (("requests",), MISSING, "requests", True),
    (("requests", 1), [0, 1, 2], "requests[1]", True),
    (("requests", 0), None, "requests[0]", True),
    (("requests", 1, "arrival"), -1, "requests[1].arrival", True),
    (("requests", 1, "arrival"), MISSING, "requests[1].arrival", True),
    (("requests", 1, "arrival"), 10**12 + 1, "requests[1].arrival", True),
    (("requests", 0, "arrival"), 4, "requests[1].arrival", False),
    (("requests", 1, "prompt"), -1, "requests[1].prompt", True),
    (("requests", 1, "prompt"), 0.5, "requests[1].prompt", True),
    (("requests", 1, "prompt"), None, "requests[1].prompt", True),
    (("requests", 1, "prompt"), 1, "requests[1].prompt + output", False),
    (("requests", 1, "output"), 0, "requests[1].output", True),
    (("requests", 1, "output"), -2, "requests[1].output", True),
    (("requests", 1, "output"), 2.5, "requests[1].output", True),
    (("requests", 1, "output"), "2", "requests[1].output", True),
    (("requests", 1, "output"), 10**30, "requests[1].output", True),
    (("requests", 1, "output"), MISSING, "requests[1].output", True),
    (("requests", 1, "lower"), 5, "requests[1].lower", False),
    (("requests", 1, "lower"), 0, "requests[1].lower", True),
    (("requests", 1, "lower"), MISSING, "requests[1].lower", True),
    (("requests", 1, "upper"), MISSING, "requests[1].upper", True),
    (("requests", 1, "predicted"), 1.5, "requests[1].predicted", True),
    (("requests", 1, "predicted"), MISSING, "requests[1].predicted", True),
    (("requests", 1, "priority"), 1, "requests[1].priority", True),
]

SCHEDULE_CASES = [
    (("format",), "kvopt-schedule/0", "format", True),
    (("instance",), "sha256:abc", "instance", True),
    (("instance",), "sha256:" + "0" * 64, "instance", False),
    (("instance",), 3, "instance", True),
    (("instance",), MISSING, "instance", True),
    (("runs",), {}, "runs", True),
    (("runs",), MISSING, "runs", True),
    (("makespan",), 3, "makespan", True),
    (("runs", 0), 3, "runs[0]", True),
    (("runs", 0, "request"), -1, "runs[0].request", True),
    (("runs", 0, "request"), "0", "runs[0].request", True),
    (("runs", 0, "start"), -1, "runs[0].start", True),
    (("runs", 0, "start"), 0.5, "runs[0].start", True),
    (("runs", 0, "start"), 10**16 + 1, "runs[0].start", True),
    (("runs", 0, "stop"), True, "runs[0].stop", True),
    (("runs", 0, "stop"), 10**16 + 1, "runs[0].stop", True),
    (("runs", 0, "stop"), MISSING, "runs[0].stop", True),
    (("runs", 0, "completed"), 1, "runs[0].completed", True),
    (("runs", 0, "completed"), None, "runs[0].completed", True),
    (("runs", 0, "cancelled"), False, "runs[0].cancelled", True),
]

# Rules of a server that are whole.
RULES = {"block": 16, "budget": 512, "restart": "recompute"}


def changed(document, path, value):
    """Return a copy of the document with one value replaced or removed."""
    result = copy.deepcopy(document)
    target = result
    for key in path[:-1]:
        target = target[key]
    if value is MISSING:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return result


@pytest.fixture(scope="module")
def validator():
    """Return a function from a format's name to its schema's validator."""
    names = ("instance", "schedule", "bound", "witness")
    schemas = {name: schema(name) for name in names}
    resources = [
        (s["$id"], Resource.from_contents(s)) for s in schemas.values()
    ]
    registry = Registry().with_resources(resources)

    def of(name):
        kind = jsonschema.Draft202012Validator
        kind.check_schema(schemas[name])
        return kind(schemas[name], registry=registry)

    return of


def assert_named(error, where, field):
    """Assert that the error is one line with the place and the field."""
    line = str(error)
    assert line.startswith(f"{where}: {field} = ")
    assert "\n" not in line
    assert error.field == field


@pytest.mark.parametrize(
    ("path", "value", "field", "by_schema"), INSTANCE_CASES
)
def test_bad_instance(path, value, field, by_schema, document, validator):
    """Model, checker and schema refuse the same bad instances."""
    bad = changed(document, path, value)
    with pytest.raises(InputError) as caught:
        instance_from_document(bad, "i.json")
    assert_named(caught.value, "i.json", field)
    with pytest.raises(InputError) as caught:
        read_instance(bad, "i.json")
    assert caught.value.field == field
    assert validator("instance").is_valid(bad) is not by_schema


@pytest.mark.parametrize(
    ("path", "value", "field", "by_schema"), SCHEDULE_CASES
)
def test_bad_schedule(path, value, field, by_schema, document, validator):
    """Model, checker and schema refuse the same bad schedules."""
    instance = instance_from_document(document)
    good = Schedule.from_starts(instance, [0, 3]).document(instance)
    bad = changed(good, path, value)
    with pytest.raises(InputError) as caught:
        schedule_from_document(bad, instance, "s.json")
    assert_named(caught.value, "s.json", field)
    with pytest.raises(InputError) as caught:
        read_schedule(bad, read_instance(document), "s.json")
    assert_named(caught.value, "s.json", field)
    assert validator("schedule").is_valid(bad) is not by_schema


@pytest.mark.parametrize(
    ("serving", "field"),
    [
        ({}, "serving.block"),
        ({"block": 16, "budget": None}, "serving.restart"),
        ({**RULES, "block": 0}, "serving.block"),
        ({**RULES, "budget": 0}, "serving.budget"),
        ({**RULES, "restart": "keep"}, "serving.restart"),
        ({**RULES, "chunk": 4}, "serving.chunk"),
        (None, "serving"),
    ],
)
def test_bad_rules_of_a_server(serving, field, document, validator):
    """Model, checker and schema refuse the same; none fills in a rule."""
    instance = instance_from_document(document)
    good = Schedule.from_starts(instance, [0, 3]).document(instance)
    bad = {**good, "serving": serving}
    with pytest.raises(InputError) as caught:
        schedule_from_document(bad, instance, "s.json")
    assert_named(caught.value, "s.json", field)
    with pytest.raises(InputError) as caught:
        check_schedule_of(bad, read_instance(document), "s.json")
    assert_named(caught.value, "s.json", field)
    assert not validator("schedule").is_valid(bad)
    good["serving"] = RULES
    assert validator("schedule").is_valid(good)


@pytest.mark.parametrize("bad", [None, [], 3, "kvopt-instance/1"])
def test_document_that_is_no_object(bad, document, validator):
    """Anything but an object is refused as a whole."""
    instance = instance_from_document(document)
    for read in (
        lambda: instance_from_document(bad, "f.json"),
        lambda: schedule_from_document(bad, instance, "f.json"),
        lambda: read_instance(bad, "f.json"),
    ):
        with pytest.raises(InputError) as caught:
            read()
        assert_named(caught.value, "f.json", "document")
    assert not validator("instance").is_valid(bad)


@pytest.mark.parametrize("read", [load_json, read_json])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not valid JSON"),
        (b'{"format": "kvopt-inst', "not valid JSON.* line 1 column 12"),
        (b'{"memory": 6} x', "not valid JSON"),
        (b'{"memory": NaN}', "NaN"),
        (b'{"memory": -Infinity}', "-Infinity"),
        (b'{"memory": 6, "memory": 7}', "memory = 7: is given twice"),
        (b'{"memory": ' + b"9" * 5000 + b"}", "not readable"),
        (b"[" * 200_000, "not readable.*nested too deep"),
        (b'{"name": "\xe9"}', "UTF-8|utf-8"),
        (None, "cannot be read: No such file"),
    ],
)
def test_file_that_is_no_json(content, words, read, tmp_path):
    """Each fault of a file is one line that starts with its name."""
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("read", [load_json, read_json, read_trace])
def test_files_without_end_and_impossible_paths(read):
    """A device that never ends, and a path with NUL, are refused."""
    for path, words in (("/dev/zero", "bytes"), ("a\0b", "null byte")):
        with pytest.raises(InputError, match=words) as caught:
            read(path)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("read", [load_json, read_json])
def test_many_keys_are_read_in_linear_time(read, tmp_path):
    """A repeated key behind 100,000 others is found: all are looked at once.

    Comparing each with each would take an hour.
    """
    path = tmp_path / "many.json"
    cells = [f'"{k}": 0' for k in range(100_000)]
    path.write_text("{" + ", ".join([*cells, '"99999": 1']) + "}")
    with pytest.raises(InputError, match="99999 = 1: is given twice"):
        read(path)


def test_only_regular_files_are_replaced(tmp_path):
    """Writing to a device or a pipe is refused, and leaves it there."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="not a regular file"):
        save_json({}, pipe)
    assert pipe.is_fifo()
    with pytest.raises(InputError, match="cannot be written"):
        save_json({}, "a\0b")


def test_schedules_that_end_after_the_last_arrival(tmp_path):
    """Two requests at the last allowed round have a schedule in a file."""
    instance = Instance.of(2, [(10**12, 1, 1), (10**12, 1, 1)])
    schedule = Schedule.from_starts(instance, [10**12, 10**12 + 1])
    path = tmp_path / "s.json"
    save_json(schedule.document(instance), path)
    assert load_schedule(path, instance) == schedule
    assert verify(instance, schedule).total_latency == 3


def test_totals_are_python_integers():
    """A total latency above 2^63 is exact."""
    n = 2000
    instance = Instance.of(1, [(0, 0, 1)] * n)
    starts = [10**16 - 1 - i for i in range(n)]
    total = Schedule.from_starts(instance, starts).total_latency(instance)
    assert total == sum(starts) + n > 2**63


def test_float_too_large_for_a_double(tmp_path):
    """``1e999``, which Python reads as infinity, is no length."""
    path = tmp_path / "i.json"
    request = '{"arrival": 0, "prompt": 1e999, "output": 1}'
    head = '{"format": "kvopt-instance/1", "memory": 6, "requests": '
    path.write_text(f"{head}[{request}]}}")
    with pytest.raises(InputError, match=r"requests\[0\]\.prompt = inf"):
        load_instance(path)


def test_good_documents_satisfy_their_schemas(document, validator):
    """All four documents that the model writes are valid."""
    for rows in (
        document["requests"],
        [
            {k: r[k] for k in ("arrival", "prompt", "output")}
            for r in document["requests"]
        ],
    ):
        instance = instance_from_document({**document, "requests": rows})
        schedule = Schedule.from_starts(instance, [0, 3])
        witness = Witness("c", instance, schedule, schedule, False)
        named = Witness("c", instance, schedule, schedule, True, "x", "y")
        bound = BoundCertificate(instance.hash, "area", 5, {"x": [1]})
        validator("instance").validate(instance.document())
        validator("schedule").validate(schedule.document(instance))
        validator("bound").validate(bound.document())
        validator("witness").validate(witness.document())
        validator("witness").validate(named.document())
    plain = Instance.of(6, [(0, 1, 2)])
    validator("instance").validate(plain.document())


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("bound", ("value",), 4.5),
        ("bound", ("value",), "4"),
        ("bound", ("method",), 1),
        ("bound", ("method",), MISSING),
        ("bound", ("data",), []),
        ("bound", ("extra",), 1),
        ("witness", ("instance", "memory"), 0),
        ("witness", ("algorithm_schedule", "runs", 0, "stop"), -1),
        ("witness", ("reference_schedule",), MISSING),
        ("witness", ("algorithm_cost",), 0),
        ("witness", ("reference_optimal",), 1),
        ("witness", ("certificate",), MISSING),
        ("witness", ("algorithm",), None),
        ("witness", ("ratio",), 1.5),
    ],
)
def test_bad_bound_or_witness(name, path, value, document, validator):
    """Checker and schema refuse the same bad bounds and witnesses."""
    instance = instance_from_document(document)
    schedule = Schedule.from_starts(instance, [0, 3])
    if name == "bound":
        good = BoundCertificate(instance.hash, "trivial", 5).document()
        check_bound(document, good)
    else:
        good = Witness("c", instance, schedule, schedule, False).document()
        check_witness(good)
    bad = changed(json.loads(json.dumps(good)), path, value)
    with pytest.raises(InputError):
        if name == "bound":
            check_bound(document, bad)
        else:
            check_witness(bad)
    assert not validator(name).is_valid(bad)
