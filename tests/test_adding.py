"""The pages on adding things, followed literally in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "adding").glob("*.md"))
ROOMS = ("kvopt", "proofs_check", "paper_figures", "docs", "tests")

# A file's path and its text, an edit of the file named last, or commands.
STEP = re.compile(
    r"^`(?P<path>[\w/]+\.py)`:\n\n```python\n(?P<text>.*?)```"
    r"|in `(?P<edited>[\w/]+\.py)`:$"
    r"|^```diff\n(?P<diff>.*?)```"
    r"|^```console\n(?P<commands>.*?)```",
    re.S | re.M,
)


@pytest.fixture
def copy(tmp_path):
    """A copy of the rooms that the pages touch."""
    for room in ROOMS:
        shutil.copytree(
            ROOT / room,
            tmp_path / room,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def edit(path, diff):
    """Replace the old lines of a change by the new ones; they occur once."""
    lines = [(line[:1], line[1:]) for line in diff.splitlines()]
    old = "".join(f"{text}\n" for sign, text in lines if sign != "+")
    new = "".join(f"{text}\n" for sign, text in lines if sign != "-")
    before = path.read_text(encoding="utf-8")
    assert before.count(old) == 1, f"{path}: {old}"
    path.write_text(before.replace(old, new), encoding="utf-8")


def follow(page, folder):
    """Do what a page says, in the order in which it says it."""
    scripts = str(Path(sys.executable).parent)
    env = {
        **os.environ,
        "PATH": scripts + os.pathsep + os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    edited, commands = None, 0
    for step in STEP.finditer(page.read_text(encoding="utf-8")):
        if step["path"]:
            (folder / step["path"]).write_text(step["text"], encoding="utf-8")
        elif step["edited"]:
            edited = folder / step["edited"]
        elif step["diff"]:
            edit(edited, step["diff"])
        else:
            for line in step["commands"].splitlines():
                assert line.startswith("$ "), line
                done = subprocess.run(
                    line[2:],
                    shell=True,
                    cwd=folder,
                    env=env,
                    capture_output=True,
                    text=True,
                )
                said = f"{line}\n{done.stdout}\n{done.stderr}"
                assert done.returncode == 0, said
                commands += 1
    return commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_can_be_followed(page, copy):
    """Files as printed, edits as printed, and each command ends with 0."""
    assert follow(page, copy) >= 2


def test_there_is_a_page_for_each_thing():
    """Policies, solvers, families, claims and figures can be added."""
    named = {page.stem for page in PAGES}
    assert named == {"policy", "solver", "family", "claim", "figure"}
