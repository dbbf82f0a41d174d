"""Clocks: exact times, readable forms, refused nonsense."""

from __future__ import annotations

import pytest

from kvopt.model import InputError
from kvopt.simulate.clocks import (
    PRESETS,
    AffineClock,
    UnitRounds,
    clock_spec,
    parse_clock,
)

MS = 10**9


def test_iteration_time_is_the_formula():
    """Every term counts, and prompt tokens only beyond the free ones."""
    clock = PRESETS["llama-2-70b-2xa100"]
    decode = clock.iteration(10, 5000)
    assert decode == round((56.20 + 1.696 + 0.565) * MS)
    assert clock.iteration(10, 5000, prefill=149) == decode
    more = clock.iteration(10, 5000, prefill=249) - decode
    assert more == 37 * MS
    assert UnitRounds().iteration(10, 5000, 9) == 1


def test_prefill_alone_is_flat_then_linear():
    """A prefill takes about 55 ms up to 149 tokens, then 0.37 ms a token."""
    clock = PRESETS["llama-2-70b-2xa100"]
    times = [clock.iteration(1, n, n) / MS for n in (1, 100, 1000, 4000)]
    assert times[1] == pytest.approx(times[0], rel=0.01)
    assert times[0] == pytest.approx(55, rel=0.05)
    assert times[2] == pytest.approx(0.37 * 1000, rel=0.02)
    assert times[3] == pytest.approx(0.37 * 4000, rel=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "unit",
        "llama-2-70b-2xa100",
        "affine:d0=10",
        "affine:d0=0.1,d1=0.000000001,d2=0.25,prefill=1.5,free=7",
    ],
)
def test_text_forms_read_back(text):
    """What is printed is read as the same clock."""
    clock = parse_clock(text)
    assert clock_spec(clock) == text
    assert parse_clock(clock_spec(clock)) == clock


def test_the_form_of_p5():
    """``d0 + d1 * sum(l + s)``: no cost a request, none a prompt token."""
    clock = parse_clock("p5:d0=10,d1=0.002")
    assert clock == AffineClock(d0=10 * MS, d2=2 * MS // 1000)
    assert clock.iteration(3, 500, 100) == 11 * MS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sundial", ["clock", "sundial", "llama-2-70b-2xa100"]),
        ("unit:d0=1", ["clock", "unit:d0=1"]),
        ("affine", ["clock", "affine", "d0"]),
        ("affine:d1=3", ["clock", "affine:d1=3", "d0"]),
        ("affine:d0=-1", ["clock.d0", "-1"]),
        ("affine:d0=0", ["clock.d0", "0"]),
        ("affine:d0=5,d1=-0.5", ["clock.d1", "-0.5"]),
        ("affine:d0=5,d2=-1e-6", ["clock.d2", "-1e-06"]),
        ("affine:d0=5,prefill=-1", ["clock.prefill", "-1"]),
        ("affine:d0=5,free=-1", ["clock.free", "-1"]),
        ("affine:d0=5,free=1.5", ["clock.free", "1.5"]),
        ("affine:d0=nan", ["clock.d0", "nan"]),
        ("affine:d0=soon", ["clock.d0", "soon"]),
        ("affine:d0=1e30", ["clock.d0", "1e+30"]),
        ("affine:d0=5,d2=1e-12", ["clock.d2", "1e-12"]),
        ("affine:d0=5,d3=1", ["clock.d3", "prefill"]),
        ("p5:d0=5,d2=1", ["clock.d2", "d1"]),
    ],
)
def test_nonsense_is_refused(text, parts):
    """One line with the parameter and its value."""
    with pytest.raises(InputError) as caught:
        parse_clock(text)
    for part in parts:
        assert part in str(caught.value)


def test_ticks_are_whole_numbers():
    """A clock built by hand takes integers only."""
    with pytest.raises(InputError, match=r"clock\.d0 = 1\.5"):
        AffineClock(d0=1.5)
    with pytest.raises(InputError, match=r"clock\.arrival_unit = 0"):
        AffineClock(d0=1, arrival_unit=0)
    with pytest.raises(InputError, match="memory = 1000000000"):
        PRESETS["llama-2-70b-2xa100"].check_range(10**9)
    PRESETS["llama-2-70b-2xa100"].check_range(10**5)
