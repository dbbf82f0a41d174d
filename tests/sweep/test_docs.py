"""docs/sweeps.md says what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kvopt import Instance, save_instance
from kvopt.sweep import Store, plan_of
from tests.sweep.helpers import ROOT

TEXT = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")


def test_the_configuration_is_valid(tmp_path: Path) -> None:
    """Every key that the document shows is one that is read."""
    (block,) = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
    (tmp_path / "cases").mkdir()
    save_instance(Instance.of(9, [(0, 1, 2)]), tmp_path / "cases" / "a.json")
    rows = "".join(f"{i},1,2\n" for i in range(500))
    head = "arrival_s,prompt_tokens,output_tokens\n"
    (tmp_path / "day.csv").write_text(head + rows)
    plan = plan_of(tomllib.loads(block), tmp_path)
    assert {task.kind for task in plan.tasks} == {"simulate", "solve", "bound"}


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program in the document computes all its rows."""
    (block,) = re.findall(
        r"```python\n(from[^`]*?run_sweep\(.*?)```", TEXT, re.S
    )
    monkeypatch.chdir(tmp_path)
    exec(block.replace("range(100)", "range(2)"), {})
    with Store("mine.sqlite") as store:
        assert store.counts() == (4, 0, 0)
