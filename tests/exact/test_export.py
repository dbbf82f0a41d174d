"""LP and MPS files of the integer program."""

from __future__ import annotations

import pytest

from kvopt.exact import export_model
from kvopt.model import InputError, Instance

FOUR = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_exported_program_has_the_optimum(suffix, tmp_path):
    """Read back and solved by HiGHS alone, the file's optimum is OPT."""
    highspy = pytest.importorskip("highspy")
    path = tmp_path / f"four.{suffix}"
    export_model(FOUR, path)
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.readModel(str(path))
    model.run()
    assert round(model.getInfo().objective_function_value) == 15


def test_unknown_suffix_is_refused(tmp_path):
    """Another suffix is an InputError, and nothing is written."""
    with pytest.raises(InputError, match=r"must end in \.lp or \.mps"):
        export_model(FOUR, tmp_path / "four.txt")
    assert not list(tmp_path.iterdir())


def test_unwritable_path_is_named(tmp_path):
    """A folder that does not exist is an InputError with the path."""
    with pytest.raises(InputError, match=r"four\.lp: cannot be written"):
        export_model(FOUR, tmp_path / "no" / "four.lp")
