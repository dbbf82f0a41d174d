import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvopt.analysis import read_rows, write_rows
from kvopt.model import InputError


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    count: int
    share: float | None
    ok: bool


ROWS = st.builds(
    Row,
    name=st.text().map(lambda text: " ".join(text.split())),
    count=st.integers(),
    share=st.none() | st.floats(allow_nan=False),
    ok=st.booleans(),
)


@given(rows=st.lists(ROWS, max_size=5))
def test_rows_read_back_as_they_were(tmp_path_factory, rows):
    """Every value survives the way through CSV, floats to the last bit."""
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    write_rows(rows, Row, path)
    assert read_rows(Row, path) == rows


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name,count\n", "header"),
        ("name,count,share,ok\na,1,,yes\n", "line 2, ok"),
        ("name,count,share,ok\na,1.5,,true\n", "line 2, count"),
        ("name,count,share,ok\na,1,,true\nb,2\n", "line 3"),
    ],
)
def test_a_bad_cell_is_named(tmp_path, text, names):
    """A fault names the file, the line and the column."""
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_rows(Row, path)
    assert names in str(error.value)
    assert str(path) in str(error.value)


def test_a_message_of_two_lines_stays_in_its_row(tmp_path):
    """An error message with a line break does not break the table."""
    path = tmp_path / "rows.csv"
    write_rows([Row("one\ntwo", 1, 0.5, False)], Row, path)
    assert read_rows(Row, path) == [Row("one two", 1, 0.5, False)]
