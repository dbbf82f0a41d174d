"""What the benchmark of simulation measures."""

import sys

import pytest

from benchmarks.simulate import child


def test_processes_are_measured_with_bytecode(monkeypatch):
    """A measured process writes and reads bytecode, whatever is set."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; sys.exit(sys.dont_write_bytecode)"
    assert child([sys.executable, "-c", code])["cpu_s"] > 0
    with pytest.raises(AssertionError):
        child([sys.executable, "-c", "raise SystemExit(1)"])
