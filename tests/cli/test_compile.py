"""``kvopt compile``."""

from __future__ import annotations

import pytest

from kvopt.cli import ahead
from kvopt.model import KvoptError


def test_it_says_what_it_compiled(run):
    """Every unit is named once, with its seconds; there is no other output."""
    done = run("compile", "--json")
    assert (done.status, done.err) == (0, "")
    rows = done.document["compiled"]
    assert sorted(row["name"] for row in rows) == sorted(ahead.units())
    assert all(row["seconds"] > 0 for row in rows)
    table = run("compile")
    assert table.status == 0
    assert all(name in table.out for name in ahead.units())


def test_what_cannot_be_compiled_is_one_line(monkeypatch):
    """The unit and the last line of the error are named."""
    program = "raise SystemExit('no compiler here')"
    monkeypatch.setattr(ahead, "_PROGRAM", program)
    with pytest.raises(KvoptError, match="compiled: no compiler here"):
        list(ahead.compile_ahead())


@pytest.mark.long
def test_an_empty_cache_is_filled(run, monkeypatch, tmp_path):
    """The second time nothing is left to compile."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    first, second = (
        run("compile", "--json").document["compiled"] for _ in range(2)
    )
    assert all(
        row["functions"] for row in first if row["name"] != "lagrangian bound"
    )
    assert not any(row["functions"] for row in second)
