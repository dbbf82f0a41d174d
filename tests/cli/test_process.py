"""What only a process shows: signals, pipes, terminals, statuses."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Event, Thread

import pytest

from kvopt.check import check_files, check_witness_file
from kvopt.workloads import generate as make

KVOPT = [sys.executable, "-c", "import sys; from kvopt.cli import main\n"]
KVOPT[-1] += "sys.exit(main())"
# MC-Benchmark takes a second for each decision.
SLOW = """
import sys, time
from kvopt.cli import main
from kvopt.policies.mc_benchmark import MCBenchmark

session = MCBenchmark.session

def slow(policy, setup):
    decide = session(policy, setup)
    def slowly(view):
        time.sleep(1)
        return decide(view)
    return slowly

MCBenchmark.session = slow
sys.exit(main())
"""
# A signal comes as soon as the runs are made.
LATE = """
import contextlib, importlib, signal, sys
from kvopt.cli import main

module = importlib.import_module(f"kvopt.cli.{sys.argv[1]}")
noting = module.noting_interrupts

@contextlib.contextmanager
def late(keeper):
    with noting(keeper):
        signal.raise_signal(signal.SIGINT)
        yield

module.noting_interrupts = late
sys.exit(main())
"""
# A runaway child is ended; no test waits as long as that, even where the
# machine is busy.
PATIENCE = 600


@pytest.fixture
def interrupted(child):
    """Send a signal once a sign is on the terminal; return the output."""

    def call(words, folder, sign, number=signal.SIGINT, program=KVOPT[-1]):
        ours, theirs = pty.openpty()
        process = child(
            [sys.executable, "-c", program, *words],
            stdout=subprocess.PIPE,
            stderr=theirs,
            cwd=folder,
            text=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
        )
        os.close(theirs)
        shown = bytearray()
        seen = Event()

        def watch():
            with suppress(OSError):  # raised when the process has gone
                while True:
                    shown.extend(os.read(ours, 4096))
                    if re.search(sign, shown):
                        seen.set()

        watcher = Thread(target=watch)
        watcher.start()
        try:
            assert seen.wait(PATIENCE), shown.decode()
            process.send_signal(number)
            out, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            process.wait()
            watcher.join()
            os.close(ours)
        assert process.returncode == 128 + number, shown.decode()
        return out

    return call


@pytest.fixture
def hard(tmp_path):
    """Write an instance that is found in seconds, proved in minutes."""
    path = tmp_path / "hard.json"
    document = make("model-1", {"requests": "12", "memory": "20"}).document()
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
)
def test_interrupted_solve(tmp_path, hard, interrupted, number):
    """A signal saves and prints the best schedule and bound; status 128+."""
    words = ("solve", hard, "--time-limit", 6000, "--json", "--out", "s.json")
    words += ("--bound-out", "b.json", "--solver", "cpsat")
    # A second remark is the backend's: it is at work by then.
    again = rb"(?s)latency ([\d,]+, at least \d+).*latency (?!\1)"
    out = interrupted(words, tmp_path, again, number)
    document = json.loads(out)
    assert document["reason"] == "interrupted"
    assert document["objective"] > document["lower_bound"]
    verdict = check_files(hard, tmp_path / "s.json")
    assert verdict.ok
    assert verdict.total_latency == document["objective"]
    assert check_files(hard, tmp_path / "b.json").ok


@pytest.mark.parametrize("method", ["lp-cuts", "lagrangian"])
def test_interrupted_bound(tmp_path, method, interrupted):
    """Ctrl-C saves and prints the best bound and certificate; status 130."""
    path = tmp_path / "i.json"
    document = make("model-1", {"requests": "60", "memory": "50"}).document()
    path.write_text(json.dumps(document))
    words = ("bound", path, "--method", method, "--out", "b.json")
    out = interrupted(words, tmp_path, rb"at least [\d,]+")
    assert "interrupted; this is the best bound until then" in out
    assert check_files(path, tmp_path / "b.json").ok


def test_interrupted_adversary(tmp_path, interrupted):
    """Ctrl-C saves and prints the best witness; status 130."""
    words = ("adversary", "fcfs", "--budget", 10**9, "--out", "w.json")
    words = (*words, "--max-n", 6, "--max-memory", 12)
    out = interrupted(words, tmp_path, rb"ratio (1\.0*[1-9]|[2-9])")
    assert "witness accepted" in out
    assert check_witness_file(tmp_path / "w.json").ok


def test_interrupted_simulate(tmp_path, interrupted):
    """Ctrl-C reports and saves the policies that had finished."""
    document = make("lmsys-like", {"requests": "400"}).document()
    (tmp_path / "i.json").write_text(json.dumps(document))
    # It is still at work when the signal comes, however late that is.
    words = ("simulate", "i.json", "fcfs", "mc-benchmark", "--json")
    words += ("--engine", "reference", "--records", "r.csv")
    out = interrupted(words, tmp_path, b"mc-benchmark", program=SLOW)
    document = json.loads(out)
    assert document["interrupted"]
    assert [row["policy"] for row in document["policies"]] == ["fcfs"]
    with (tmp_path / "r.csv").open() as file:
        assert len(file.readlines()) == 401


@pytest.mark.parametrize(
    ("command", "runs"), [("simulate", "policies"), ("compare", "runs")]
)
def test_signal_after_the_last_run(command, runs):
    """Ctrl-C when all policies have run costs nothing of what is printed."""
    words = f"{command} library:small-15 fcfs mc-sf --json".split()
    done = subprocess.run(
        [sys.executable, "-c", LATE, *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    document = json.loads(done.stdout)
    assert document["interrupted"]
    assert {row["policy"] for row in document[runs]} == {"fcfs", "mc-sf"}


def test_end_collects_nothing():
    """A process of ours ends with its objects frozen; a caller's does not."""
    code = "import gc, sys\nfrom kvopt.cli import main\n"
    code += "usual = gc.get_threshold()\nmain(['versions'])\n"
    code += "assert not gc.get_freeze_count()\n"
    code += "assert gc.get_threshold() == usual\nmain()\n"
    code += "assert gc.isenabled() and gc.get_freeze_count()"
    done = subprocess.run(
        [sys.executable, "-c", code, "versions"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_solver_that_does_not_stop():
    """A solver's thread that goes on cannot hold up or change the end."""
    code = "import threading, time\nfrom kvopt.cli import main\n"
    code += "wait = threading.Thread(target=time.sleep, args=[1e6])\n"
    code += "wait.name = 'kvopt-test'\nwait.start()\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, "versions", "--json"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["kvopt"]


def call(*words, **kwargs):
    """Run a command to its end."""
    return subprocess.run(
        [*KVOPT, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **kwargs,
    )


def test_statuses(tmp_path):
    """0 when done, 1 when a check fails, 2 for bad input."""
    library = "library:small-15"
    assert call("bound", library, "--out", tmp_path / "b").returncode == 0
    text = (tmp_path / "b").read_text()
    (tmp_path / "b").write_text(text.replace('"value": ', '"value": 9'))
    assert call("verify", library, tmp_path / "b").returncode == 1
    done = call("verify", library, tmp_path / "c")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_no_progress_without_a_terminal():
    """Nothing is on standard error when it is not a terminal."""
    done = call("solve", "library:online-6", "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)["status"] == "OPTIMAL"


def test_tables_are_not_broken_in_pipes():
    """A row of a table is one line, however narrow the terminal."""
    env = {**os.environ, "COLUMNS": "20"}
    lines = call("policies", env=env).stdout.splitlines()
    (row,) = [line for line in lines if line.startswith("mc-sf ")]
    assert "the whole future fits" in row


def test_reader_that_leaves(child):
    """A reader that closes the pipe early gets no traceback."""
    words = ("generate", "lmsys-like", "--param", "requests=20000", "--json")
    process = child(
        [*KVOPT, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "{\n"
    process.stdout.close()
    assert process.wait(timeout=PATIENCE) == 1
    assert process.stderr.read() == ""


@pytest.mark.parametrize("words", [("policies",), ("policies", "--json")])
def test_full_disk(words, tmp_path):
    """Output that cannot be written is one line and status 1."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*KVOPT, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
    assert done.returncode == 1
    assert done.stderr == "kvopt: No space left on device\n"


def test_closed_streams(tmp_path):
    """Without any stream to write to there is a status all the same."""
    for words, status in (("policies", 0), ("bound none.json", 2)):
        line = f"{words} >&- 2>&-"
        done = subprocess.run(
            ["bash", "-c", f'"$0" "$1" "$2" {line}', *KVOPT], cwd=tmp_path
        )
        assert done.returncode == status


def test_terminals_without_unicode(tmp_path):
    """What an encoding has no sign for is escaped."""
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    (tmp_path / "i.json").write_text(
        '{"format": "kvopt-instance/1", "memory": 3, "name": "\\u03bb",'
        '"requests": [{"arrival": 0, "prompt": 1, "output": 1}]}'
    )
    done = subprocess.run(
        [*KVOPT, "simulate", "i.json", "fcfs"],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert r"\u03bb" in done.stdout


def test_figures_run_those_of_the_checkout(tmp_path):
    """``kvopt figures`` passes options and exit status through."""
    words = [*KVOPT, "figures", "p1v2_counterexample", "--out"]
    done = subprocess.run(
        [*words, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "p1v2_counterexample.png").exists()
    done = subprocess.run(
        [*KVOPT, "figures", "nonsense", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_claims_run_the_ledger_of_the_checkout():
    """``kvopt claims`` passes options and exit status through."""
    words = [*KVOPT, "claims", "--quick", "--only"]
    done = subprocess.run(
        [*words, "P1-const-9216"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "PROVED HERE     P1-const-9216" in done.stdout
    done = subprocess.run(
        [*words, "nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr == "--only: unknown claim 'nonsense'\n"
