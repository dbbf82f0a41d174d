"""``kvopt game`` and ``kvopt verify`` of what it writes."""

import json
from pathlib import Path

import pytest

from proofs_check.checker import RejectedError, check_document

KEPT = Path(__file__).parents[2] / "proofs_check" / "witnesses"


def test_game_is_found_written_and_verified(run, tmp_path):
    """The strategy that game writes is accepted by verify."""
    done = run("game", "--memory", "4", "--requests", "3", "--out", "g.json")
    assert done.status == 0, done.err
    assert "9/7" in done.out
    verdict = run("verify", "g.json", "--json")
    assert verdict.status == 0
    assert verdict.document["ratio"] == [9, 7]
    assert verdict.document["ok"]


def test_game_prints_one_object(run):
    """--json prints the ratio, how the search ended, and the verdict."""
    done = run(
        "game",
        *("--memory", "4", "--requests", "4"),
        *("--prompts", "0,1", "--target", "5/4", "--json"),
    )
    assert done.status == 0, done.err
    assert done.document["ended"] == "target"
    assert done.document["value"] >= 1.25
    assert done.document["verdict"]["ok"]


def test_game_with_restarts(run):
    """The game of unknown lengths is found and its file verified."""
    done = run(
        "game",
        *("--game", "restarts", "--memory", "5", "--requests", "3"),
        *("--out", "g.json", "--json"),
    )
    assert done.status == 0, done.err
    assert done.document["ratio"] == "18/13"
    assert run("verify", "g.json").status == 0


def test_randomised_game(run):
    """A distribution is found, written and verified."""
    done = run(
        "game",
        *("--game", "randomised", "--memory", "4", "--requests", "3"),
        *("--lengths", "1,3", "--out", "g.json", "--json"),
    )
    assert done.status == 0, done.err
    assert done.document["value"] > 1.19
    assert run("verify", "g.json").status == 0


def test_missed_target_fails(run, tmp_path):
    """A target that the game cannot reach gives status 1."""
    done = run("game", "--memory", "4", "--requests", "3", "--target", "3/2")
    assert done.status == 1
    assert "9/7" in done.out


def test_game_without_any_bound_writes_nothing(run, tmp_path):
    """One request proves nothing, and no file is written."""
    done = run("game", "--memory", "4", "--requests", "1", "--out", "g.json")
    assert done.status == 0
    assert not (tmp_path / "g.json").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--memory", "0"], ["memory", "0"]),
        (["--prompts", "9"], ["--memory", "4"]),
        (["--prompts", "x"], ["--prompts", "x"]),
        (["--lengths", "0"], ["--lengths", "0"]),
        (["--target", "1/0"], ["--target", "1/0"]),
        (["--target", "1"], ["--target", "1"]),
        (["--time-limit", "0"], ["--time-limit", "0"]),
        (["--horizon", "-1"], ["horizon", "-1"]),
        (["--releases", "0"], ["releases", "0"]),
        (["--game", "chess"], ["--game", "chess"]),
        (["--game", "restarts", "--horizon", "3"], ["--horizon", "3"]),
        (["--kinds", "0"], ["--kinds", "0"]),
        (["--requests", "99"], ["requests", "99"]),
    ],
)
def test_bad_settings(run, tmp_path, words, parts):
    """A bad setting is refused in one line with the field and the value."""
    done = run("game", "--memory", "4", "--requests", "3", *words)
    assert done.status == 2
    assert done.err.count("\n") == 1
    for part in parts:
        assert part in done.err


def test_missing_branch_is_named(run, tmp_path):
    """A game with a missing branch fails, and the branch is named."""
    run("game", "--memory", "4", "--requests", "3", "--out", "g.json")
    document = json.loads((tmp_path / "g.json").read_text("utf-8"))
    node = next(n for n in document["nodes"] if "next" in n)
    gone = node["next"].pop()
    (tmp_path / "g.json").write_text(json.dumps(document), "utf-8")
    done = run("verify", "g.json")
    assert done.status == 1
    assert f"no branch for the starts {gone[0]}" in done.out
    with pytest.raises(RejectedError):
        check_document(json.loads((tmp_path / "g.json").read_text()), {})


def test_kept_games_are_accepted(run):
    """Both checkers accept every game that the repository keeps."""
    kept = 0
    for path in sorted(KEPT.glob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        if document.get("format") == "kvopt-game/1":
            assert run("verify", str(path)).status == 0, path
            check_document(document, {})
            kept += 1
    assert kept >= 5


def test_kept_games_state_their_ratios(run):
    """Equal prompts give 1.85 on seven requests and 2 on at most twelve."""

    def ratio(name):
        p, q = json.loads((KEPT / name).read_text("utf-8"))["ratio"]
        return p / q

    assert ratio("equal_prompts_7_requests.json") >= 1.85
    assert ratio("equal_prompts_9_requests.json") >= 2
    assert ratio("free_prompts_3_requests.json") >= 2
    assert ratio("restarts_5_requests.json") >= 1.85
    assert ratio("randomised_free_prompts_7_requests.json") >= 1.8
