"""Policies from a file, from another package, and what is refused."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path

import pytest

from kvopt.cli import main
from kvopt.model import InputError
from kvopt.policies import TEMPLATE, names, outside, parse_policy, policy_spec
from kvopt.sweep.kinds.simulate import SIMULATE
from kvopt.sweep.versions import fingerprint
from kvopt.workloads import library

HEAD = """
from dataclasses import dataclass
from kvopt.policies.base import Decision
from kvopt.policies.TEMPLATE import MyPolicy as Base
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A copy of the template in the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(TEMPLATE.__file__, tmp_path / "mine.py")
    return "mine.py:MyPolicy"


def refusal(capsys, *words):
    """The one line that a command says when it ends with 2."""
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_file_on_the_command_line(mine, capsys):
    """``simulate`` and ``adversary`` take ``path.py:Class:parameters``."""
    words = ["simulate", "library:small-15", "mc-sf", f"{mine}:margin=0.1"]
    assert main(words) == 0
    assert f"{mine}:margin=0.1" in capsys.readouterr().out
    assert main(["adversary", mine, "--budget", "20", "--max-n", "3"]) == 0


def test_file_in_a_sweep(mine):
    """Worker processes find the class again by its text."""
    Path("sweep.toml").write_text(
        f"""
name = "mine"
[[instances]]
generator = "model-1"
seeds = 2
params = {{ requests = 4, memory = "20" }}
[[run]]
policy = ["{mine}"]
"""
    )
    words = ["sweep", "sweep.toml", "--workers", "1"]
    assert main(words) == 0


def test_an_edited_file_is_another_task(mine, tmp_path):
    """The source of a policy from outside enters the key of its tasks."""
    versions = SIMULATE.versions(mine)
    assert versions["code"] != SIMULATE.versions("mc-sf")["code"]
    module = type(parse_policy(mine)).__module__
    before = fingerprint.__wrapped__((module,))
    text = Path("mine.py").read_text()
    Path("mine.py").write_text(text.replace("smallest", "least"))
    assert fingerprint.__wrapped__((module,)) != before


def test_text_reads_back(mine):
    """The text of a policy from a file names the same policy."""
    policy = parse_policy(f"{mine}:margin=0.25")
    assert policy.margin == 0.25
    assert policy_spec(policy) == f"{mine}:margin=0.25"
    assert parse_policy(policy_spec(policy)) == policy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "does not import: ZeroDivisionError"),
        ("def f(:", "does not import: SyntaxError"),
        ("import nowhere", "does not import: ModuleNotFoundError"),
        ("raise SystemExit('bye')", "does not import: SystemExit: bye"),
        ("", "has no class 'P'"),
        ("P = 3", "it is no class"),
        ("class P: pass", "info must be a PolicyInfo"),
        (
            f"{HEAD}@dataclass(frozen=True)\nclass P(Base):\n"
            " 'Fails.'\n def __post_init__(self): raise KeyError(1)",
            "cannot be made: KeyError",
        ),
        (
            f"{HEAD}@dataclass(frozen=True)\nclass P(Base):\n"
            " 'Starts all.'\n"
            " def session(self, setup):\n"
            "  return lambda view: Decision(list(view.waiting))",
            "smallest instance found: memory 3, requests (arrival, prompt, "
            "output) (0, 0, 2) (0, 0, 2)",
        ),
    ],
)
def test_a_bad_file_is_one_line(text, said, tmp_path, capsys):
    """A file that is no policy is refused in one line, with status 2."""
    path = tmp_path / "bad.py"
    path.write_text(text)
    tiny = "library:small-15"
    assert said in refusal(capsys, "simulate", tiny, f"{path}:P")


def test_unknown_file_and_parameter(mine, capsys):
    """The name of the file, or of the parameter, is said."""
    tiny = "library:small-15"
    assert "no.py" in refusal(capsys, "simulate", tiny, "no.py:P")
    said = refusal(capsys, "simulate", tiny, f"{mine}:size=3")
    assert "size" in said and "margin" in said


class Entry:
    """An entry point as far as it is looked at."""

    def __init__(self, name, load):
        self.name, self.load = name, load
        self.value = f"somewhere:{name}"


def test_entry_points(monkeypatch, capsys):
    """Another package's policy is found by name; kvopt's own name wins."""

    def fail():
        raise ImportError("no such thing")

    offered = [
        Entry("theirs", lambda: TEMPLATE.MyPolicy),
        Entry("mc-sf", fail),
        Entry("broken", fail),
    ]
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group: offered
    )
    monkeypatch.setattr(outside, "_ORIGINS", {})
    policy = parse_policy("theirs:margin=0.5")
    assert policy == TEMPLATE.MyPolicy(0.5)
    assert policy_spec(policy) == "theirs:margin=0.5"
    assert parse_policy("mc-sf").info.name == "mc-sf"
    assert "theirs" not in names()
    with pytest.raises(InputError, match=r"broken.*does not import"):
        parse_policy("broken")
    assert main(["policies"]) == 0
    assert "theirs" in capsys.readouterr().out
    assert library.names()
