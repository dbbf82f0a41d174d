"""``benchmarks.same_results``: what counts as the same."""

from __future__ import annotations

import json

import pytest

from benchmarks import same_results

FEW = frozenset({"mc-sf", "a-min", "area", "brute-force"})


def test_the_same_code_gives_the_same_rows():
    """Two runs are equal; a policy that needs predictions refuses without."""
    rows = same_results.results(0, FEW)
    assert rows == same_results.results(0, FEW)
    assert rows["0/policy/a-min"] == same_results.REFUSED
    assert same_results.compared(rows, rows)[1] == 0
    told = same_results.results(1, FEW)
    assert same_results.REFUSED not in told.values()
    status, objective, bound, _ = told["1/solver/brute-force"]
    assert (status, objective) == ("Status.OPTIMAL", bound)
    assert told["1/policy/mc-sf"][0] >= objective
    assert told["1/bound/area"][0] <= objective


@pytest.mark.parametrize(
    ("after", "column"),
    [
        (["Status.OPTIMAL", 9, 9, "b"], "schedule"),
        (["Status.OPTIMAL", 9, 8, "a"], "value"),
        (["Status.OPTIMAL", 10, 9, "a"], "value"),
        ("refused", "value"),
    ],
)
def test_a_difference_is_found(tmp_path, capsys, after, column):
    """Schedule, bound, objective or a refusal: exit 1, and the row in full."""
    key = "3/solver/search"
    paths = [str(tmp_path / name) for name in ("before", "after")]
    rows = (["Status.OPTIMAL", 9, 9, "a"], after)
    for path, row in zip(paths, rows, strict=True):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"rows": {key: row}}, file)
    assert same_results.main(["compare", *paths]) == 1
    head, counts, changed = capsys.readouterr().out.splitlines()
    found = dict(zip(head.split()[:3], counts.split()[1:4], strict=True))
    assert found.pop(column) == "1"
    assert set(found.values()) == {"0"}
    assert changed.startswith(key)
    assert same_results.main(["compare", paths[0], paths[0]]) == 0


def test_rows_of_one_side_are_no_difference():
    """A policy that is new, or is gone, is counted and nothing more."""
    lines, different = same_results.compared(
        {"0/policy/old": [1, "a"]}, {"0/policy/new": [2, "b"]}
    )
    assert different == 0
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["compare", "missing", "missing"], "missing"),
        (["compare", "empty", "empty"], "empty"),
        (["write", "out", "--only", "mc-fs"], "mc-fs"),
        (["write", "folder/out"], "folder/out"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path, monkeypatch, capsys, arguments, named
):
    """Exit 2, naming the file or the name; nothing is run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").write_text("{}", encoding="utf-8")
    assert same_results.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert named in line
