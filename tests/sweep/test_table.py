"""Rows as columns: numpy, pandas, CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from kvopt.sweep import csv_lines, to_numpy, to_pandas, write_csv

ROWS = [
    {"key": "a", "n": 1, "ok": True, "measured.s": 0.5, "error": ""},
    {"key": "b", "n": 2, "ok": False, "measured.s": 1, "bound": 7},
    {"key": "c", "n": 3, "ok": True, "measured.s": 0.1, "error": 'x,\n"y"'},
]


def test_numpy_columns_have_types() -> None:
    """Integers stay integers unless there are gaps; text has no limit."""
    table = to_numpy(ROWS)
    assert table["n"].dtype == np.int64
    assert table["ok"].tolist() == [True, False, True]
    assert table["measured.s"].tolist() == [0.5, 1.0, 0.1]
    assert np.isnan(table["bound"][[0, 2]]).all() and table["bound"][1] == 7
    assert table["error"].tolist() == ["", "", 'x,\n"y"']
    assert table.dtype.names[-1] == "measured.s"
    assert to_numpy([]).shape == (0,)


def test_csv_reads_back(tmp_path: Path) -> None:
    """Every cell reads back as its text, gaps as empty cells."""
    path = tmp_path / "rows.csv"
    write_csv(ROWS, path)
    assert path.read_text() == "".join(csv_lines(ROWS))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["error"] for row in rows] == ["", "", 'x,\n"y"']
    assert [row["bound"] for row in rows] == ["", "7", ""]
    assert [float(row["measured.s"]) for row in rows] == [0.5, 1.0, 0.1]


def test_pandas() -> None:
    """A data frame has the same columns, in the same order."""
    pytest.importorskip("pandas")
    frame = to_pandas(ROWS)
    assert frame["n"].tolist() == [1, 2, 3]
    assert list(frame.columns) == list(to_numpy(ROWS).dtype.names)
