"""Certificates of every method with anything in them changed, or cut off."""

import copy
import json
import random

import pytest

from kvopt.check import check_bound, check_files
from kvopt.check.methods import METHODS
from kvopt.exact import lower_bound, solve
from kvopt.model import InputError, Instance

INSTANCE = Instance.of(
    8, [(0, 1, 4), (0, 2, 3), (0, 0, 7), (1, 3, 5), (2, 1, 6)]
)
PRODUCERS = (
    "trivial",
    "area",
    "convex-prices",
    "lp",
    "lp-cuts",
    "lagrangian",
    "memory-prices",
)
WRONG = (None, True, "1", 1.5, [], {}, [[]], {"x": 1}, -(10**30), 10**30)


@pytest.fixture(scope="module")
def optimum():
    """Return the optimal total latency of the instance."""
    return solve(INSTANCE, "brute-force").objective


@pytest.fixture(scope="module", params=PRODUCERS)
def document(request):
    """Return the certificate of each method."""
    return lower_bound(INSTANCE, request.param).document()


def places(value, path=()):
    """Yield the path of everything in a document, itself excepted."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in items:
        yield (*path, key)
        if isinstance(inside, dict | list):
            yield from places(inside, (*path, key))


def some(document):
    """Return the path of every field, and of 25 things in their lists."""
    fields, inside = [], []
    for path in places(document):
        listed = any(isinstance(step, int) for step in path)
        (inside if listed else fields).append(path)
    return fields + random.Random(7).sample(inside, min(25, len(inside)))


def holder(document, path):
    """Return what holds the last step of the path."""
    for step in path[:-1]:
        document = document[step]
    return document


def test_methods_are_all_here(document):
    """What is corrupted below is accepted as it is."""
    verdict = check_bound(INSTANCE.document(), document)
    assert verdict.ok
    assert document["method"] in METHODS
    more = {**document, "value": verdict.derived + 1}
    assert not check_bound(INSTANCE.document(), more).ok


def test_wrong_kinds_of_values_are_refused(document):
    """Another type, or a number beyond all limits, is bad input, anywhere."""
    for path in some(document):
        original = holder(document, path)[path[-1]]
        for wrong in WRONG:
            same = type(wrong) is type(original) and not isinstance(wrong, int)
            if same or (path == ("value",) and wrong == -(10**30)):
                continue
            if path == ("data",) and isinstance(wrong, dict):
                continue
            other = copy.deepcopy(document)
            holder(other, path)[path[-1]] = wrong
            try:
                assert not check_bound(INSTANCE.document(), other).ok, path
            except InputError as error:
                assert "\n" not in str(error)


def test_missing_and_unknown_fields_are_refused(document):
    """Each field taken away, and one added, is bad input by its name."""
    for path in places(document):
        if isinstance(path[-1], int):
            continue
        other = copy.deepcopy(document)
        del holder(other, path)[path[-1]]
        with pytest.raises(InputError, match=r"missing|must be") as caught:
            check_bound(INSTANCE.document(), other)
        assert path[-1] in caught.value.field
    for field in ("", "data"):
        other = copy.deepcopy(document)
        (other[field] if field else other)["surplus"] = 1
        with pytest.raises(InputError, match="surplus"):
            check_bound(INSTANCE.document(), other)


def test_changed_numbers_prove_nothing_false(document, optimum):
    """A number changed anywhere: refused, or what is derived is still true."""
    rng = random.Random(8)
    numbers = [
        path
        for path in places(document["data"], ("data",))
        if isinstance(holder(document, path)[path[-1]], int)
    ]
    weaker = 0
    for path in rng.choices(numbers, k=60) if numbers else ():
        other = copy.deepcopy(document)
        change = rng.choice((-1, 1)) * rng.choice((1, 7, 500, 10**13))
        holder(other, path)[path[-1]] += change
        try:
            verdict = check_bound(INSTANCE.document(), other)
        except InputError:
            continue
        assert verdict.derived <= optimum, path
        weaker += not verdict.ok
    assert weaker > 1 or not numbers


def test_truncated_files_are_refused(document, tmp_path):
    """Cut off anywhere, a certificate is one line that names the file."""
    (tmp_path / "i.json").write_text(json.dumps(INSTANCE.document()))
    text = json.dumps(document)
    for end in {*range(0, len(text), max(1, len(text) // 30)), len(text) - 1}:
        (tmp_path / "b.json").write_text(text[:end])
        with pytest.raises(InputError, match=r"b\.json: not valid JSON"):
            check_files(tmp_path / "i.json", tmp_path / "b.json")


def test_numbers_run_into_each_other_are_refused(document, tmp_path):
    """A file with a stretch in the middle lost is refused or still true."""
    rng = random.Random(9)
    (tmp_path / "i.json").write_text(json.dumps(INSTANCE.document()))
    text = json.dumps(document)
    refused = 0
    for _ in range(60):
        begin = rng.randrange(len(text))
        end = begin + rng.randrange(1, 40)
        (tmp_path / "b.json").write_text(text[:begin] + text[end:])
        try:
            refused += not check_files(
                tmp_path / "i.json", tmp_path / "b.json"
            ).ok
        except InputError:
            refused += 1
    assert refused > 40
