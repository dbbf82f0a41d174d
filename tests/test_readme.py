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


def pages():
    """The README and every page of the docs, with their texts."""
    root = README.parent
    return {
        page: page.read_text(encoding="utf-8")
        for page in [README, *sorted(root.glob("docs/**/*.md"))]
    }


def links(text):
    """What the relative links of a page lead to: path and anchor."""
    found = re.findall(r"\]\(([^)\s:#]*)(?:#([^)\s]*))?\)", text)
    return [(path, anchor) for path, anchor in found if path or anchor]


def anchors(text):
    """Anchors of the headings of a page, as GitHub makes them."""
    without_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)
    shown = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", h) for h in headings]
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in shown
    }


def test_links_lead_somewhere():
    """Every relative link, picture and anchor of README and docs exists."""
    texts = pages()
    for page, text in texts.items():
        for path, anchor in links(text):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page.name}: {path}"
            if anchor:
                assert anchor in anchors(texts[target]), (
                    f"{page.name}: {path}#{anchor}"
                )


def test_every_picture_is_shown():
    """No file of docs/img lies there without a page that leads to it."""
    shown = {
        (page.parent / path).resolve()
        for page, text in pages().items()
        for path, _ in links(text)
    }
    folder = README.parent / "docs" / "img"
    stored = {path for path in folder.rglob("*") if path.is_file()}
    assert not {path for path in stored if path.resolve() not in shown}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("runtime  0.74 s", "runtime T s"), ("a  1  0.001", "a 1 T")],
)
def test_without_times(text, expected):
    """Only run times and widths are taken out."""
    assert without_times(text) == expected
