"""``kvopt play``: tables, files and refusals."""

import pytest


def test_play_reports_draws_and_writes_a_witness(run, tmp_path):
    """The worst play is a witness that verify accepts, and a picture."""
    words = ("--param", "memory=64", "--out", "w.json", "--figure", "p.png")
    done = run("play", "deterministic-lower-bound", "mc-sf", "fcfs", *words)
    assert done.status == 0, done.err
    assert "mc-sf" in done.out
    assert (tmp_path / "p.png").stat().st_size > 1000
    assert run("verify", "w.json").status == 0


def test_play_all_says_who_is_left_out(run):
    """Without a policy all online ones are played, the others named."""
    words = ("--param", "memory=64", "--json")
    document = run("play", "deterministic-lower-bound", *words).document
    assert len(document["plays"]) >= 11
    assert "a-min" in document["left_out"]
    assert document["parameters"] == {"memory": 64}


def test_a_policy_that_never_starts_is_a_failure(run):
    """Alpha-greedy never admits the large prompt: status 1, and why."""
    done = run("play", "large-prompt", "alpha-greedy")
    assert done.status == 1
    assert "stuck" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "FAMILY"),
        (("large-prompt", "a-min"), "all there at 0"),
        (("large-prompt", "--param", "size"), "KEY=VALUE"),
        (("large-prompt", "--param", "size=0"), "size"),
        (("large-prompt", "--figure", "x.gif"), "--figure"),
        (("large-prompt", "--out", "no/such/w.json"), "no/such"),
    ],
)
def test_bad_input_is_one_line(run, words, said):
    """One line that names what is wrong, and status 2."""
    done = run("play", *words)
    assert done.status == 2
    assert said in done.err
    assert done.err.count("\n") == 1
