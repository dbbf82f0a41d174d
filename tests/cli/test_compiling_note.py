"""Whoever waits for numba is told so, in one line, and nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kvopt.model.compilation import (
    COMPILING,
    Compiled,
    compilation_begins,
    compilation_ended,
    noting_compilation,
)
from kvopt.simulation import fast

NOTE = f"kvopt: {COMPILING}\n"
MAIN = "import sys; from kvopt.cli import main; sys.exit(main())"
SWEEP = """
name = "small"
[[instances]]
generator = "model-1"
params = { requests = 70, memory = 20 }
seeds = "0..2"
[[run]]
policy = "mc-sf"
"""
COMMANDS = {
    "simulate": (
        *("simulate", "library:online-6", "mc-sf", "fcfs", "--json"),
        *("--engine", "fast"),
    ),
    "adversary": (
        *("adversary", "mc-sf", "--budget", "2", "--max-n", "12"),
        *("--max-memory", "1000", "--json"),
    ),
    "sweep": ("sweep", "sweep.toml", "--store", "s.sqlite"),
}


@pytest.fixture
def compiles(monkeypatch):
    """Have the fast engine's ``warm_up`` compile two functions, it says."""

    def warm_up():
        for name in ("advance", "open_"):
            compilation_begins()
            compilation_ended(Compiled(name, 1.0))

    monkeypatch.setattr(fast, "warm_up", warm_up)


def test_simulate_says_once_that_it_compiles(run, compiles):
    """However many functions are compiled, there is one line."""
    done = run(*COMMANDS["simulate"])
    assert (done.status, done.err) == (0, NOTE)
    assert done.document["policies"]


def test_nothing_is_said_where_nothing_is_compiled(run):
    """What is loaded from the cache is not compiled: no line."""
    fast.warm_up()
    done = run(*COMMANDS["simulate"])
    assert (done.status, done.err) == (0, "")


def test_adversary_and_solvers_say_it_too(run, compiles, monkeypatch):
    """The note is the command line's, not that of one command."""
    monkeypatch.setattr("kvopt.simulation.engine.SMALL_REQUESTS", 0)
    words = ("adversary", "fcfs", "--budget", "5", "--json")
    assert run(*words).err == NOTE


def test_who_notes_it_is_told_until_the_end():
    """Nested notes are all told, and none after it has ended."""
    outer, inner = [], []
    with noting_compilation(lambda: outer.append(1), outer.append):
        with noting_compilation(lambda: inner.append(1)):
            compilation_begins()
        compilation_ended(Compiled("f", 2.0))
        compilation_begins()
    compilation_begins()
    assert outer == [1, Compiled("f", 2.0), 1]
    assert inner == [1]


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_cache_is_said_and_a_warm_one_is_not(tmp_path, command):
    """Whole processes: the first says that it compiles, the second nothing."""
    (tmp_path / "sweep.toml").write_text(SWEEP)
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for said in (1, 0):
        (tmp_path / "s.sqlite").unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *COMMANDS[command]],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 3), done.stderr
        assert done.stderr.count(NOTE) == said
