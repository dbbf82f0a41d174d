"""``kvopt solve --params``: read, recorded, refused in one line."""

from __future__ import annotations

import pytest

from kvopt.model import SearchParams


def test_a_file_sets_parameters_and_the_result_has_all(
    run, instance, tmp_path
):
    """The JSON of a result has every field, those of the file included."""
    path = tmp_path / "own.toml"
    path.write_text("beam = 50\nlns_sizes = [[2, 2]]\n")
    words = ("solve", instance(), "--solver", "search", "--json")
    done = run(*words, "--params", path)
    assert done.status == 0
    expected = SearchParams(beam=50, lns_sizes=((2, 2),))
    assert done.document["params"] == expected.document()
    assert run(*words).document["params"] == SearchParams().document()
    other = run("solve", instance(), "--solver", "brute-force", "--json")
    assert other.document["params"] is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("beem = 3", ("beem = 3", "did you mean beam?")),
        ("beam = '3'", ("beam = '3'", "an integer")),
        ("beam = 0", ("beam = 0", "at least 1")),
        ("models = 1.5", ("models = 1.5", "at most 1")),
        ("models = true", ("models = True", "a number")),
        ("lns_sizes = [1]", ("lns_sizes = [1]", "pairs")),
        ("lns_sizes = [[0, 1]]", ("lns_sizes[0][0] = 0", "at least 1")),
        ("beam = ", ("not valid TOML",)),
    ],
)
def test_bad_files_are_refused_in_one_line(
    run, instance, tmp_path, text, parts
):
    """With file, field and value, and status 2."""
    path = tmp_path / "bad.toml"
    path.write_text(text)
    done = run("solve", instance(), "--solver", "search", "--params", path)
    assert done.status == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    for part in (str(path), *parts):
        assert part in done.err


def test_solvers_without_parameters_refuse_a_file(run, instance, tmp_path):
    """The line names the option and the file."""
    path = tmp_path / "own.toml"
    path.write_text("beam = 50\n")
    done = run(
        "solve", instance(), "--solver", "brute-force", "--params", path.name
    )
    assert done.status == 2
    assert "--params = 'own.toml'" in done.err
    assert "has no search parameters" in done.err
    assert done.err.count("\n") == 1
    missing = run("solve", instance(), "--params", tmp_path / "none.toml")
    assert missing.status == 2
    assert "none.toml" in missing.err
