"""Signals at every stage of a command, and what they leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from kvopt.check import check_files
from kvopt.cli import main
from kvopt.interrupts import Interruption, noting_interrupts
from kvopt.workloads import generate
from tests.conftest import ENDING
from tests.sweep.helpers import eventually, family, gone

MAIN = "import sys; from kvopt.cli import main; sys.exit(main())"

# While numpy is imported the signal comes.
LOADING = """
import importlib.abc, signal, sys
class Signalling(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            signal.raise_signal(int(sys.argv.pop()))
sys.meta_path.insert(0, Signalling())
"""


@pytest.fixture
def cbc(child, tmp_path):
    """Start a solve by CBC, and return it when CBC is at work."""

    def start():
        made = generate("model-1", {"requests": "30", "memory": "30"})
        (tmp_path / "i.json").write_text(json.dumps(made.document()))
        folder = tmp_path / "temporary"
        folder.mkdir(exist_ok=True)
        words = ("solve", "i.json", "--solver", "cbc", "--out", "s.json")
        process = child(
            [sys.executable, "-c", MAIN, *words, "--time-limit", 6000],
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(folder)},
            stdout=subprocess.DEVNULL,
        )

        def at_work():
            for pid in family(process.pid):
                try:
                    if psutil.Process(pid).name() == "cbc":
                        return True
                except psutil.NoSuchProcess:
                    pass
            return process.poll() is not None

        assert eventually(at_work) and process.poll() is None
        return process, folder

    return start


@pytest.mark.parametrize("number", [*ENDING, signal.SIGKILL])
def test_cbc_ends_and_its_files_go(cbc, tmp_path, number):
    """However the parent ends, CBC ends too, and its folder goes."""
    process, folder = cbc()
    below = family(process.pid)
    assert len(below) >= 2 and len(list(folder.iterdir())) == 1
    process.send_signal(number)
    status = process.wait()
    assert gone(below)
    assert eventually(lambda: not list(folder.iterdir()))
    if number == signal.SIGKILL:
        assert status == -number
        return
    assert status == 128 + number
    assert check_files(tmp_path / "i.json", tmp_path / "s.json").ok


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG")
def test_cbc_ends_with_its_keeper(cbc):
    """CBC does not outlive the process between it and kvopt."""
    process, _ = cbc()
    below = family(process.pid)
    (keeper,) = psutil.Process(process.pid).children()
    os.kill(keeper.pid, signal.SIGKILL)
    assert gone(below)
    assert process.wait() == 1


@pytest.mark.parametrize("number", ENDING)
def test_signals_while_the_command_loads(child, number):
    """A signal during the first second: its status, and no traceback."""
    process = child(
        [sys.executable, "-c", LOADING + MAIN, "versions", int(number)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.communicate() == (b"", b"")
    assert process.returncode == 128 + number


def test_signals_that_the_parent_ignores_stay_ignored():
    """Under nohup a hang-up changes nothing."""
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + LOADING + MAIN, "versions", "1"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0


def test_a_note_reaches_those_inside_and_those_that_come_later():
    """One signal is told to all who are noting; the second raises."""
    outer, inner, later = Interruption(), Interruption(), Interruption()
    with noting_interrupts(outer):
        with noting_interrupts(inner):
            signal.raise_signal(signal.SIGINT)
            assert outer.interrupted and inner.interrupted
        with noting_interrupts(later):
            assert later.interrupted
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_main_leaves_the_handlers_of_its_caller(capsys):
    """Called from Python, a command line changes no handler for good."""
    before = [signal.getsignal(number) for number in ENDING]
    assert main(["versions"]) == 0
    assert [signal.getsignal(number) for number in ENDING] == before
