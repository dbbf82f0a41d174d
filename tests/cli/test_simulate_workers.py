"""Runs of ``kvopt simulate`` side by side in processes."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from kvopt.cli.simulate_plan import CommandPlan, CommandSetup
from kvopt.cli.simulate_runs import workers_for
from kvopt.model import Instance, save_instance
from kvopt.workloads import generate
from tests.cli.test_simulate import FULL
from tests.sweep.helpers import eventually, family, gone

MAIN = "import sys; from kvopt.cli import main; sys.exit(main())"
TRACE = {
    "memory": None,
    "arrivals": None,
    "rate": None,
    "round_seconds": None,
    "sample": None,
    "contiguous": False,
    "prompt": None,
    "drop_oversize": False,
}


def without_seconds(row):
    """Return a row without what differs from run to run."""
    return {k: v for k, v in row.items() if k != "seconds"}


@pytest.mark.parametrize(
    "words",
    [
        ("library:small-15", "sf", "mc-sf", "alpha-greedy", "gsa"),
        # Tiny: the reference engine, unless one run wants the other.
        ("library:online-6", "fcfs", "mc-sf", "--clock", "p5:d0=9"),
        ("library:online-6", "fcfs", "svf", "--explain"),
        ("library:online-6", "fcfs", "svf", "--engine", "fast"),
    ],
)
def test_processes_change_nothing(run, tmp_path, words):
    """Rows, failures and records are those of one process, in its order."""
    words = ("simulate", *words, "--seeds", 2, "--json")
    if "--clock" in words:
        words += ("--round-seconds", 0.01)
    found = []
    for workers in (1, 3):
        name = f"{workers}.csv"
        done = run(*words, "--workers", workers, "--records", name)
        with open(name + ".json") as file:
            journal = json.load(file)["runs"]
        found.append(
            (
                done.status,
                list(map(without_seconds, done.document["runs"])),
                (tmp_path / name).read_bytes(),
                [without_seconds(entry["row"]) for entry in journal],
            )
        )
    assert found[0] == found[1]
    assert found[0][1] and found[0][0] == ("gsa" in words)


def test_pictures_and_resumed_records(run, tmp_path):
    """Figure and page take the results of workers; kept runs stay kept."""
    words = ("simulate", "library:small-15", "sf", "mc-sf", "fcfs")
    words += ("--records", "r.csv", "--workers", 2)
    assert run(*words[:3], *words[5:]).status == 0
    more = ("--figure", "f.pdf", "--report", "p.html", "--resume", "--json")
    done = run(*words, *more)
    assert done.status == 0 and done.document["kept"] == 1
    assert (tmp_path / "f.pdf").exists() and (tmp_path / "p.html").exists()
    assert len(done.document["policies"]) == 3


def test_compare_in_processes(run):
    """``kvopt compare`` says the same with workers."""
    words = ("compare", "library:small-15", "mc-sf", "alpha-beta-clearing")
    words += ("--seeds", "0..2", "--json", "--workers")
    one, two = (run(*words, n).document for n in (1, 2))
    assert one["comparison"] == two["comparison"]


def test_what_a_run_refuses_is_bad_input(run, tmp_path):
    """An instance that does not go with the clock: one line, status 2."""
    save_instance(Instance.of(10**9, [(0, 1, 1)]), tmp_path / "i.json")
    words = ("simulate", "i.json", "mc-sf", "fcfs", "--clock", "p5:d0=9")
    one, two = (run(*words, "--workers", n) for n in (1, 2))
    assert one == two
    assert two.status == 2 and two.err.count("\n") == 1


def test_a_full_disk_is_one_line(tmp_path):
    """What a worker cannot write: one line, status 2, no folder is left."""
    words = ["simulate", "library:small-15", "fcfs", "sf", "--workers", "2"]
    full = subprocess.run(
        [sys.executable, "-c", FULL, "2000", *words],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (full.returncode, full.stdout) == (2, "")
    assert full.stderr.count("\n") == 1
    assert "cannot be written" in full.stderr
    assert not list(tmp_path.iterdir())


def test_processes_only_where_runs_take_long(tmp_path, monkeypatch):
    """Some seconds of work are shared; a tiny instance is not."""
    monkeypatch.setattr("kvopt.sweep.default_workers", lambda: 4)
    save_instance(Instance.of(6, [(0, 1, 2)]), tmp_path / "tiny.json")

    def plan(problem, *policies):
        name = str(tmp_path / "tiny.json")
        words = (name, TRACE, "unit", "plain", [], "auto")
        setup = CommandSetup(*words, explain=False)
        made = CommandPlan.of(setup, policies, [0])
        made.problems[:] = [problem]
        return made

    n = 600_000
    column = np.ones(n, np.int64)
    large = Instance(9, np.arange(n), column, column)
    small = Instance(9, np.arange(9), column[:9], column[:9])
    monkeypatch.setattr("psutil.virtual_memory", Memory)
    assert workers_for(plan(large, "mc-sf", "fcfs"), [0, 1]) == 4
    assert workers_for(plan(large, "mc-sf", "fcfs"), [1]) == 1
    assert workers_for(plan(small, "mc-sf", "fcfs"), [0, 1]) == 1
    Memory.available = 25 * 10**8
    assert workers_for(plan(large, "mc-sf", "fcfs"), [0, 1]) == 2
    Memory.available = 0
    assert workers_for(plan(large, "mc-sf", "fcfs"), [0, 1]) == 1


class Memory:
    """A machine's memory in bytes."""

    available = 10**12
    total = 10**12


# A policy that does not end, beside two that do.
ENDLESS = """
import sys
import time
from dataclasses import dataclass, replace
from typing import ClassVar
from kvopt.policies.gsa import GSA

@dataclass(frozen=True)
class Endless(GSA):
    info: ClassVar = replace(GSA.info, name="endless")

    def session(self, setup):
        # Not while the contract is checked, before anything runs.
        if "kvopt.sweep.worker" in sys.modules:
            time.sleep(6000)
        return super().session(setup)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_was_finished(child, tmp_path, number):
    """Children end, the folder goes, finished runs are in the records."""
    made = generate("model-1", {"requests": "40", "memory": "30"})
    (tmp_path / "i.json").write_text(json.dumps(made.document()))
    folder = tmp_path / "temporary"
    folder.mkdir()
    (tmp_path / "endless.py").write_text(ENDLESS)
    words = ["simulate", "i.json", "endless.py:Endless", "fcfs", "mc-sf"]
    words += ["--workers", 2, "--records", "r.csv", "--json"]
    process = child(
        [sys.executable, "-c", MAIN, *words],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
    )
    assert eventually(lambda: list(folder.glob("*/run-2")))
    below = family(process.pid)
    assert below
    process.send_signal(number)
    out, _ = process.communicate()
    assert process.returncode == 128 + number
    assert gone(below)
    assert not list(folder.iterdir())
    names = [row["policy"] for row in json.loads(out)["policies"]]
    assert names == ["fcfs", "mc-sf"]
    with open(tmp_path / "r.csv.json") as file:
        runs = json.load(file)["runs"]
    assert [entry["row"]["policy"] for entry in runs] == names
