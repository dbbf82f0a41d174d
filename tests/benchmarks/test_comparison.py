"""The comparison of simulators, on peers that do nothing."""

import sys

import pytest

from benchmarks import comparison
from kvopt.model import InputError


def test_a_peer_without_trace_or_program_is_refused():
    """A command that cannot be run is named before anything runs."""
    for text in ("blis=", "=true {trace}", "x=true", "x=no-such-one {trace}"):
        with pytest.raises(InputError, match="--peer"):
            comparison.peers_of([text])


def test_peers_run_in_turn_and_the_table_names_the_others():
    """Medians of each peer's runs; who was not run is said."""
    quiet = [sys.executable, "-c", "pass", "{trace}"]
    rows = comparison.measured({"a": quiet, "b": quiet}, [20], 2)
    assert [row["simulator"] for row in rows] == ["a", "b"]
    made = comparison.table(rows, ["vidur"])
    assert "| a | 20 |" in made and "Not run here: vidur." in made


def test_the_page_has_a_place_for_the_table():
    """The command finds where its table goes."""
    text = comparison.PAGE.read_text(encoding="utf-8")
    assert comparison.BEGIN in text and comparison.END in text
