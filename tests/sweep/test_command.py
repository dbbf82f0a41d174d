"""``kvopt sweep``: its forms, its exit statuses, one line for bad input."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kvopt.cli import main
from kvopt.sweep import Store
from tests.sweep.helpers import ROOT, eventually, family, fixed_rows, gone

CONFIG = """
name = "small"
[[instances]]
generator = "model-1"
seeds = "0..2"
params = { memory = "10", prompt = "1..3", requests = 5 }
[[run]]
bound = ["area", "trivial"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of six tasks."""
    path = tmp_path / "small.toml"
    path.write_text(CONFIG)
    return path


def _json(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    assert main(["sweep", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_run_status_show_export(config: Path, capsys) -> None:
    """The forms of the command, on the configuration and on the store."""
    store = config.with_suffix(".sqlite")
    dry = _json(capsys, config, "--dry-run", "--workers", 1)
    assert not store.exists()
    assert (dry["tasks"], len(dry["groups"])) == (6, 2)

    ran = _json(capsys, config, "--workers", 1)
    expected = {"sweep": "small", "store": str(store)}
    expected |= {"done": 6, "failed": 0, "remaining": 0}
    assert ran == {**expected, "tasks": 6}
    for given in (config, store):
        assert _json(capsys, "status", given) == {**expected, "errors": {}}
    rows = _json(capsys, "show", store)["rows"]
    assert len(rows) == 6
    assert _json(capsys, "export", config)["rows"] == rows
    assert _json(capsys, "show", config, "--failed")["rows"] == []

    out = config.with_name("rows.csv")
    assert main(["sweep", "export", str(config), "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["sweep", "export", str(store)]) == 0
    assert capsys.readouterr().out == out.read_text()
    with out.open(newline="") as file:
        assert [r["key"] for r in csv.DictReader(file)] == [
            row["key"] for row in rows
        ]


def test_tables_for_people(config: Path, capsys) -> None:
    """Without --json every form prints a table."""
    for words, shown in [
        ([config, "--dry-run", "--workers", "1"], "about"),
        (["run", config, "--workers", "1"], "done"),
        (["status", config], "remaining"),
        (["show", config, "--limit", "2"], "4 more rows"),
    ]:
        assert main(["sweep", *map(str, words)]) == 0
        assert shown in capsys.readouterr().out


def _refused(capsys, *words: object) -> str:
    assert main(["sweep", *map(str, words)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("kvopt: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_bad_input(config: Path, capsys) -> None:
    """One line on standard error, exit 2, and nothing is overwritten."""
    nix = config.with_name("nix.toml")
    assert f"{nix}: cannot be read" in _refused(capsys, nix)
    assert "there is no such store" in _refused(capsys, "status", config)
    assert "is not a store" in _refused(
        capsys, "run", config, "--store", config
    )
    assert config.read_text() == CONFIG
    _refused(capsys, config, "--workers", 0)
    _refused(capsys, config, "--workers", 1, "--cluster", "local:1")
    _refused(capsys, config, "--cluster", "nowhere")

    store = config.with_suffix(".sqlite")
    store.unlink(missing_ok=True)
    with Store(store, write=True):
        assert "another sweep is writing" in _refused(capsys, config)
    before = store.read_bytes()
    config.write_text(CONFIG.replace("small", "other"))
    assert "is of the sweep 'small'" not in before.decode(errors="ignore")
    assert main(["sweep", str(config), "--workers", "1"]) == 0
    capsys.readouterr()
    config.write_text(CONFIG)
    assert "is of the sweep 'other'" in _refused(capsys, config)
    assert "an input or another output" in _refused(
        capsys, "export", config, "--out", store
    )


def test_interrupted(tmp_path: Path, child) -> None:
    """Ctrl-C: exit 130, one line that says how to go on, no orphan."""
    config = tmp_path / "long.toml"
    config.write_text(
        """
        name = "long"
        [[instances]]
        generator = "two-point"
        params = { short = 400, memory = 300 }
        [[run]]
        policy = "mc-sf"
        engine = "reference"
        seeds = "0..999"
        """
    )
    code = "import sys; from kvopt.cli import main; sys.exit(main())"
    sweep = child(
        [sys.executable, "-c", code, "sweep", str(config)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    store = config.with_suffix(".sqlite")

    def some_rows() -> bool:
        if not store.exists():
            return False
        with Store(store) as rows:
            return rows.counts().done > 0

    assert eventually(some_rows)
    below = family(sweep.pid)
    os.kill(sweep.pid, signal.SIGINT)
    out, err = sweep.communicate()
    assert sweep.returncode == 130
    assert out == ""
    assert err.count("\n") == 1
    assert f"go on with: kvopt sweep {config}" in err
    assert gone(below)
    assert fixed_rows(store)
