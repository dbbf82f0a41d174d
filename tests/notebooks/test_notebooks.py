"""Notebooks run from top to bottom, and are what their sources say."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from kvopt.check import check_witness_file

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
# Some of what each says, and a file that it writes.
SAID = {
    "first_hour": (
        "mc-sf         total latency 16, starts [0, 0, 2, 4]",
        "OPTIMAL 15 bound 15",
        "MC-SF / optimum = 1.0667, proved: True",
        "witness accepted",
        "REFUTED - s=1, M=6, o=(2,2,3,3): MC-SF 16",
    ),
    "solving_exactly": (
        "on the solver's word 15, re-derived 13",
        "REJECTED: 14 is 1 more than the 13",
        "REJECTED: 1 violation",
        "ratio ",
        "dynamic program for few types",
    ),
    "finding_a_bad_instance": (
        "witness accepted: the algorithm costs",
        "REJECTED",
        "fcfs   5/2 = 2.5000 over 1,771 instances",
        "stands behind one that does not fit",
    ),
    "are_the_regret_claims_true": (
        "120 of 120 hindsight optima proved",
        "P1v2-regret-total: REFUTED",
    ),
    "your_own_policy": (
        "the policy keeps the contract",
        "minus mc-sf",
        "look at out",
    ),
    "trace_to_decision": (
        "least mean latency: svf",
        "serve with svf and ",
    ),
}


def test_every_notebook_is_tested():
    """A new source has a line above."""
    sources = {p.stem for p in FOLDER.glob("*.py")} - {"__main__"}
    assert sources == set(SAID)


@pytest.mark.parametrize("name", sorted(SAID))
def test_the_notebook_is_made_of_its_source(name):
    """The .ipynb is what ``python -m notebooks`` writes, without outputs."""
    made = import_module("notebooks.__main__")
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert text == made.notebook(source)
    document = json.loads(text)
    code = [c for c in document["cells"] if c["cell_type"] == "code"]
    assert len(code) >= 5
    assert not any(c["outputs"] or c["execution_count"] for c in code)
    # Nothing of the source is lost: text and code, line by line.
    kept = "".join("".join(c["source"]) for c in document["cells"])
    for line in source.split("\n"):
        if not line.startswith("# %%"):
            plain = line.removeprefix("# ").removeprefix("#").strip()
            assert plain in kept
    # Prose leads to each step.
    assert document["cells"][0]["cell_type"] == "markdown"


@pytest.mark.parametrize("name", sorted(SAID))
def test_the_notebook_runs_as_printed(name, tmp_path):
    """Every cell runs in an empty folder, and says what it should."""
    answer = subprocess.run(
        [sys.executable, "-m", f"notebooks.{name}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stderr
    for line in SAID[name]:
        assert line in answer.stdout
    for picture in (tmp_path / "out").glob("*.png"):
        assert picture.stat().st_size > 5000
    for witness in (tmp_path / "out").glob("*witness.json"):
        assert check_witness_file(witness).ok
