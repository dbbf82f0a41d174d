"""The README's session, exactly as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def session(text):
    """The commands of the ``console`` blocks, with what they print."""
    steps = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            steps.append((command, output))
    return steps


def without_times(text):
    """The text, with run times and the widths that follow taken out."""
    lines = (line.rstrip() for line in text.splitlines())
    text = "\n".join(lines).strip()
    text = re.sub(r"\d+\.\d+ s\b", "T s", text)
    text = re.sub(r" +\d+\.\d{3}$", " T", text, flags=re.MULTILINE)
    return re.sub(r"─+", "─", re.sub(r" +", " ", text))


def test_session_runs_as_printed(tmp_path):
    """Each command prints what the README says, run times aside."""
    steps = session(README.read_text(encoding="utf-8"))
    assert len(steps) >= 8
    scripts = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}
    env.pop("COLUMNS", None)
    for command, printed in steps:
        run = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        assert without_times(run.stdout) == without_times(printed), command


def test_first_result(capsys):
    """The Python lines at the top print the numbers in their comments."""
    text = README.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
    promised = re.findall(r"# (\d+)", code)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.split() == promised


def test_links_lead_somewhere():
    """Every relative link and picture of README and docs exists."""
    root = README.parent
    for page in [README, *root.glob("docs/**/*.md")]:
        for link in re.findall(
            r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()
        ):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("runtime  0.74 s", "runtime T s"), ("a  1  0.001", "a 1 T")],
)
def test_without_times(text, expected):
    """Only run times and widths are taken out."""
    assert without_times(text) == expected
