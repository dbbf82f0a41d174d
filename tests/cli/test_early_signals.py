"""Ctrl-C while the command line loads: the process ends, and says nothing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# Sends itself SIGINT when the k-th module is looked for, from kvopt.cli on.
PROGRAM = """
import signal, sys
class Hook:
    left = None
    def find_spec(self, name, path=None, target=None):
        if self.left is None and name == "kvopt.interrupts":
            self.left = {at}
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)
sys.argv = ["kvopt", "solvers"]
sys.meta_path.insert(0, Hook())
from kvopt.cli import main
sys.exit(main())
"""
# What the command line may load before it looks after signals.
FIRST = """
import sys
before = set(sys.modules)
import kvopt.cli
print(*sorted(set(sys.modules) - before))
"""


def python(*words: str) -> subprocess.Popen:
    """Start an isolated Python, whatever signals the parent ignores."""
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize("at", [1, 2, 5, 12])
def test_a_signal_while_the_handlers_load(at):
    """SIGINT kills, or is status 130; there is no traceback either way."""
    out, err = python("-c", PROGRAM.format(at=at)).communicate()
    assert (out, err) == ("", "")


def test_the_process_ends_by_the_signal():
    """Its parent sees what ended it: SIGINT itself, or 128 and it."""
    process = python("-c", PROGRAM.format(at=1))
    process.communicate()
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT)


def test_nothing_slow_is_loaded_before_signals_are_looked_after():
    """Importing the entry point loads the package, signal, and no more."""
    process = python("-S", "-c", f"import sys; sys.path = {sys.path!r}{FIRST}")
    out, err = process.communicate()
    assert err == ""
    ours = {name for name in out.split() if name.startswith("kvopt")}
    assert ours == {"kvopt", "kvopt.cli"}
    assert not {"typing", "dataclasses", "inspect", "re"} & set(out.split())


def test_the_library_leaves_the_handler_alone():
    """``main`` with words of its own is no process of its own."""
    program = (
        "import signal; from kvopt.cli import main; main(['versions']); "
        "assert signal.getsignal(2) is signal.default_int_handler"
    )
    process = python("-c", program)
    assert "Error" not in process.communicate()[1]
    assert process.returncode == 0
