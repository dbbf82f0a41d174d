"""Traces: round trips, two readers that agree, and faults by line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.model import InputError, Trace, read_trace, write_trace
from kvopt.model.traces import _read_fast, _read_slowly

HEADER = "arrival_s,prompt_tokens,output_tokens\n"


def columns(trace):
    """Return the three columns as lists, None where there is none."""
    values = (trace.arrival_s, trace.prompt, trace.output)
    return [None if v is None else v.tolist() for v in values]


@st.composite
def traces(draw):
    """Draw a trace with or without prompts and arrivals."""
    n = draw(st.integers(1, 8))
    times = st.floats(0, 1e9, allow_nan=False)
    lengths = st.integers(0, 10**9)

    def column(elements):
        return st.lists(elements, min_size=n, max_size=n)

    return Trace(
        output=draw(column(st.integers(1, 10**9))),
        prompt=draw(st.none() | column(lengths)),
        arrival_s=draw(st.none() | column(times).map(sorted)),
    )


@settings(max_examples=80, deadline=None)
@given(trace=traces())
def test_round_trip_and_both_readers(trace, tmp_path_factory):
    """A written trace is read back to the bit, by either reader."""
    path = tmp_path_factory.getbasetemp() / "trace.csv"
    write_trace(trace, path)
    again = read_trace(path)
    assert columns(again) == columns(trace)
    assert again.source == str(path)
    header, _, body = path.read_text().partition("\n")
    assert header + "\n" == HEADER
    for read in (_read_fast, _read_slowly):
        assert columns(read(body, "w")) == columns(trace)


NUMBERS = ("0", "1", "7", " 6 ", "+3", "1_0", '"5"', "99999999999999999999")
FAULTS = ("", " ", "2.5", "1e3", "-1", "nan", "inf", "x", "#", "7 # c")
CELLS = st.sampled_from((*NUMBERS, *FAULTS, "3,4", "\n"))


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=3))
def test_fast_reader_accepts_nothing_that_the_slow_one_refuses(rows):
    """Where the fast reader has an answer, the slow one has the same."""
    body = "".join(",".join(row) + "\n" for row in rows)
    try:
        fast = columns(_read_fast(body, "w"))
    except ValueError:
        return
    assert columns(_read_slowly(body, "w")) == fast


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("0,1,\n", "line 2, output_tokens = '': must not be empty"),
        ("0,1,2\n1,,2\n", "line 3, prompt_tokens = '': must be empty in ev"),
        ("0,,2\n1,5,2\n", "line 3, prompt_tokens = 5: must be empty in ev"),
        (",1,2\n3,1,2\n", "line 3, arrival_s = 3.0: must be empty in every"),
        ("0,1,2\n,1,2\n", "line 3, arrival_s = '': must be empty in every"),
        ("0,1,NaN\n", "line 2, output_tokens = 'NaN': must be an integer"),
        ("nan,1,2\n", "line 2, arrival_s = 'nan': must be a time"),
        ("-1,1,2\n", "line 2, arrival_s = '-1': must be a time"),
        ("x,1,2\n", "line 2, arrival_s = 'x': must be a number"),
        ("5,1,2\n4,1,2\n", "line 3, arrival_s = '4': requests must be in o"),
        ("0,-1,2\n", "line 2, prompt_tokens = '-1': must be an integer"),
        ("0,1,0\n", "line 2, output_tokens = '0': must be an integer"),
        ("0,1,2.5\n", "line 2, output_tokens = '2.5': must be an integer"),
        ("0,1,2\n0,1.5,2\n", "line 3, prompt_tokens = '1.5': must be an int"),
        ("0,1,2000000000\n", "line 2, output_tokens = '2000000000': must"),
        ("0,1\n", "line 2, row = '0,1': must have 3 cells"),
        ("0,1,2,3\n", "line 2, row = '0,1,2,3': must have 3 cells"),
        ("0,1,2\n1,2,3,4\n", "line 3, row = '1,2,3,4': must have 3 cells"),
        (",1,2\n#,1,2\n", "line 3, arrival_s = '#': must be a number"),
        ("0,1,2\n\n1,1,2\n", "line 3, row = '': must have 3 cells"),
        ("1_0,1,2\n", "line 2, arrival_s = '1_0': must be a number"),
        ("0,1_0,2\n", "line 2, prompt_tokens = '1_0': must be an int"),
        ("0,1,\u0663\n", "line 2, output_tokens = '\u0663': must be an i"),
        ("\u0661,1,2\n", "line 2, arrival_s = '\u0661': must be a number"),
        ("0,1,\u00a02\n", "line 2, output_tokens = '\\xa02': must be an in"),
        (f"0,1,{'9' * 200_000}\n", "line 2, output_tokens = '99999999"),
        (f"{'x' * 200_000},1,2\n", "line 2, arrival_s = 'xxxxxxxxxxx"),
        ('0,1,"2\n1,1,2\n', "line 2, output_tokens = '\"2': must be an in"),
        ("", "the trace has no requests"),
        ("\n", "the trace has no requests"),
    ],
)
def test_fault_is_named_by_line_and_column(body, line, tmp_path):
    """Each fault is one line with file, line, column and value."""
    path = tmp_path / "t.csv"
    path.write_text(HEADER + body)
    with pytest.raises(InputError) as caught:
        read_trace(path)
    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


def test_quoted_cells_are_read(tmp_path):
    """Quotes around a cell, and any end of line, change nothing."""
    path = tmp_path / "t.csv"
    path.write_bytes(HEADER.encode() + b'0,"1",2\r\n1,1,"3"\r\n')
    assert read_trace(path).output.tolist() == [2, 3]


@pytest.mark.parametrize("header", ["", "a,b,c\n", HEADER.upper(), "0,1,2\n"])
def test_wrong_header_is_named(header, tmp_path):
    """A file with other columns, or none, is refused by its header."""
    path = tmp_path / "t.csv"
    path.write_text(header + "0,1,2\n" * bool(header))
    with pytest.raises(InputError, match=r"t\.csv: header = .*arrival_s"):
        read_trace(path)


def test_line_ends_and_last_line(tmp_path):
    """Windows line ends and a missing last line end change nothing."""
    path = tmp_path / "t.csv"
    path.write_bytes((HEADER + "0,1,2\n1,3,4").replace("\n", "\r\n").encode())
    assert columns(read_trace(path)) == [[0.0, 1.0], [1, 3], [2, 4]]


def test_take_keeps_what_the_trace_has():
    """Rows are taken in the order given, from the columns there are."""
    trace = Trace(output=np.array([1, 2, 3]), prompt=np.array([4, 5, 6]))
    assert columns(trace.take(np.array([2, 0]))) == [None, [6, 4], [3, 1]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"output": []},
        {"output": [0]},
        {"output": [1.0]},
        {"output": [1], "prompt": [-1]},
        {"output": [1], "prompt": [1, 2]},
        {"output": [1, 1], "arrival_s": [1.0, 0.0]},
        {"output": [1], "arrival_s": [float("nan")]},
        {"output": [1], "arrival_s": [0.0, 1.0]},
    ],
)
def test_bad_trace_cannot_be_built(wrong):
    """The constructor refuses what the reader would refuse."""
    with pytest.raises(InputError):
        Trace(**wrong)
