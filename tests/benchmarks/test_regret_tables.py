"""The page on constant regret shows what is stored, and nothing else."""

from benchmarks import exact_tables, regret, regret_tables
from kvopt.analysis import read_rows
from kvopt.experiments.regret.table import RegretCell


def test_the_page_is_what_the_results_give():
    """``python -m benchmarks.regret_tables`` writes its tables."""
    page = regret_tables.PAGE.read_text("utf-8")
    assert exact_tables.filled(page, regret_tables.tables()) == page


def test_the_stored_table_is_as_large_as_asked_for():
    """At least 200 runs a cell, up to 640 rounds, every run accounted for."""
    cells = read_rows(RegretCell, regret_tables.RESULTS / "regret.csv")
    for rate in (0.25, 0.4):
        mine = [
            c
            for c in cells
            if (c.policy, c.rate, c.process) == ("mc-sf", rate, "poisson")
        ]
        assert {20, 40, 80, 160, 320, 640} <= {c.horizon for c in mine}
        assert all(c.runs >= 200 and not c.failed for c in mine)
    for cell in cells:
        if cell.failed:
            assert cell.total_low is None
            continue
        if cell.proved == cell.runs:
            assert cell.total_low == cell.total_high
        assert cell.total_from <= cell.total_low <= cell.total_high
        assert cell.total_high <= cell.total_to


def test_small_run_writes_every_table(tmp_path, monkeypatch, capsys):
    """The command, at two runs a cell; unstable loads are refused."""
    rows = tmp_path / "rows.csv"
    base = ["regret.py", "--rows", str(rows), "--out", str(tmp_path)]
    small = ["--runs", "2", "--horizons", "20", "40", "--long", "80", "160"]
    argv = [*base, *small, "--processes", "1"]
    monkeypatch.setattr("sys.argv", argv)
    assert regret.main() == 0
    assert "hindsight optima proved" in capsys.readouterr().out
    for name in (
        "regret",
        "regret_growth",
        "regret_loads",
        "disagreements",
        "disagreement_rates",
    ):
        assert (tmp_path / f"{name}.csv").read_text().count("\n") > 1
    for bad, said in (
        (["--stable", "0.8"], "rate = 0.8: must be stable"),
        (["--stable", "0"], "rate = 0.0: must be at least"),
        (["--horizons", "0"], "horizon = 0: must be at least 1"),
    ):
        monkeypatch.setattr("sys.argv", [*base, *bad])
        assert regret.main() == 2
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1
