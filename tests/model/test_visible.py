"""Text of strangers: nothing that a terminal acts upon is printed."""

import pytest

from kvopt.model import InputError, KvoptError, PolicyError, visible

HOSTILE = (
    "\x1b[2J\x1b[1;1Hwitness accepted",
    "\rfeasible",
    "a\nb",
    "\u202eevil",
    "lone \ud800 surrogate",
    "\x00\x07\x7f\x9b",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_only_printable_characters_are_left(text):
    """Every other character becomes an escape, and twice is like once."""
    shown = visible(text)
    assert shown.isprintable()
    shown.encode("utf-8")
    assert visible(shown) == shown


def test_what_is_printable_stays():
    """Letters of every script are themselves."""
    text = "Größe \\ 大きさ λ_i ≤ 3"
    assert visible(text) == text


def test_long_text_is_shortened():
    """A text above the limit ends in dots at the limit."""
    assert visible("x" * 200_000, 10) == "x" * 7 + "..."


@pytest.mark.parametrize("text", HOSTILE)
def test_errors_are_printable(text):
    """Place, field, value and problem of an error are made visible."""
    error = InputError(text, field=text, value=text, where=text)
    assert str(error).isprintable()
    for kind in (KvoptError, PolicyError):
        assert str(kind(f"the policy {text} fails")).isprintable()


def test_keys_and_values_of_any_size_make_a_short_error():
    """Nothing of a file makes an error long, or fails while it is shown."""
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    for value in ("x" * 200_000, 10**5000, deep):
        assert len(str(InputError("is bad", field="f", value=value))) < 200
    error = InputError("is bad", field="x" * 200_000, value=1)
    assert len(str(error)) < 400
    while deep:
        deep = deep.pop()
