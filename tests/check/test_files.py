"""The checkers on files: dispatch, and errors that name the file."""

import json

import pytest

from kvopt.check import check_files, check_witness_file
from kvopt.check.documents import read_instance, read_json
from kvopt.model import InputError


@pytest.fixture
def files(tmp_path, instance_of, schedule_of):
    """Write an instance, a schedule and a bound; return the folder."""
    instance = instance_of(6, [(0, 1, 2), (1, 1, 3)])
    documents = {
        "instance": instance,
        "schedule": schedule_of(instance, [(0, 0, 2, True), (1, 2, 5, True)]),
        "bound": {
            "format": "kvopt-bound/1",
            "instance": read_instance(instance).hash,
            "method": "trivial",
            "value": 5,
            "data": {},
        },
    }
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    return tmp_path


def test_schedule_and_bound_are_told_apart(files):
    """The second file's format decides which checker judges it."""
    instance = files / "instance.json"
    assert check_files(instance, files / "schedule.json").total_latency == 6
    assert check_files(instance, files / "bound.json").derived == 5


@pytest.mark.parametrize("name", ["instance", "schedule", "bound"])
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{", "", "not valid JSON"),
        ('"kvopt-', '"other-', "format = "),
        ("{", '{"format": 1, ', "format = .*twice"),
        ("{", '{"extra": NaN, ', "NaN"),
        ("{", '{"extra": 1, ', "extra = 1"),
        ("{", '{"extra": ' + "9" * 5000 + ", ", "not readable"),
        ("{", '{"extra": ' + "[" * 200_000 + ", ", "not readable"),
    ],
)
def test_bad_file_is_named(name, old, new, words, files):
    """Each fault is one line with the path of the file that has it."""
    path = files / f"{name}.json"
    path.write_text(path.read_text().replace(old, new, 1))
    other = files / ("bound.json" if name == "bound" else "schedule.json")
    with pytest.raises(InputError, match=words) as caught:
        check_files(files / "instance.json", other)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 40, -1])
def test_truncated_file_is_named(length, files):
    """A file that was cut anywhere is not valid JSON."""
    path = files / "instance.json"
    path.write_text(path.read_text()[:length])
    with pytest.raises(InputError, match=r"instance\.json: not valid JSON"):
        check_files(path, files / "schedule.json")


def test_missing_file_is_named(files):
    """A file that is not there is named, whichever it is."""
    for pair in (("x", "schedule.json"), ("instance.json", "x")):
        with pytest.raises(InputError, match="x: cannot be read"):
            check_files(*(files / name for name in pair))
    with pytest.raises(InputError, match="x: cannot be read"):
        check_witness_file(files / "x")


def test_witness_file_is_named(files):
    """An instance given as a witness is refused under the file's name."""
    path = files / "instance.json"
    with pytest.raises(InputError, match=r"format = 'kvopt-instance/1'"):
        check_witness_file(path)
    (files / "latin1.json").write_bytes(b'{"name": "\xe9"}')
    with pytest.raises(InputError, match=r"latin1.json: not UTF-8"):
        read_json(files / "latin1.json")
