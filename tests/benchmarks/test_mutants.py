"""Mutants of files: no traceback, hang or flood; the harness sees them."""

from __future__ import annotations

import random

import pytest

from benchmarks import mutants
from kvopt.cli import main


def test_good_files_are_good(tmp_path, monkeypatch, capsys):
    """Before it is changed, every file is read without a word of refusal."""
    monkeypatch.chdir(tmp_path)
    files = mutants.good_files()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for kind in mutants.kinds(files).values():
        for command in kind.commands:
            words = command.replace("{}", kind.name).split()
            if words[0] == "plan":
                assert mutants._read_plan(kind.name) == 0
            else:
                assert main(words) == 0, capsys.readouterr().err


def test_mutants_differ_and_can_be_made_again():
    """A seed makes the same mutant each time, and seeds differ."""
    for name, good in mutants.good_files().items():
        made = {
            mutants.mutant(random.Random(seed), good, name)
            for seed in range(50)
        }
        assert len(made) > 30
        again = mutants.mutant(random.Random(3), good, name)
        assert again == mutants.mutant(random.Random(3), good, name)


@pytest.mark.parametrize(
    ("count", "seed"),
    [(540, 1), pytest.param(100_000, 0, marks=pytest.mark.long)],
)
def test_no_mutant_is_a_fault(count, seed, tmp_path):
    """Every mutant ends in a status and at most a line, within the limits."""
    faults = mutants.run_mutants(count, seed, tmp_path)
    assert faults == []


def _crash(path):
    raise ZeroDivisionError("not foreseen")


def _flood(path):
    return len("x" * 10**12)


def _forever(path):
    while True:
        pass


def _rude(path):
    print("\x1b[2J")
    return 0


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (_crash, "ZeroDivisionError: 'not foreseen'"),
        (_flood, "MemoryError"),
        (_forever, "takes more than"),
        (_rude, "prints '\\x1b[2J'"),
    ],
)
def test_the_harness_sees_faults(monkeypatch, reader, words):
    """A reader that crashes, floods, hangs or prints raw text is found."""
    monkeypatch.setattr(mutants, "_read_plan", reader)
    monkeypatch.setattr(mutants, "SECONDS", 0.05)
    every = mutants.kinds
    monkeypatch.setattr(
        mutants,
        "kinds",
        lambda files: {"sweep.toml": every(files)["sweep.toml"]},
    )
    (fault,) = mutants.run_mutants(1, 0)
    assert words in fault.problem
