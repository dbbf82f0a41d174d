"""``benchmarks.mc_sf_ratio``: parts, resuming, the table."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks import exact_tables, mc_sf_ratio
from benchmarks.exact_rows import MeasuredRatio
from kvopt.analysis import read_rows
from kvopt.check import verify
from kvopt.experiments.ratio import RatioTask, draw_instance
from kvopt.simulation import simulate

ROW = MeasuredRatio(
    model="model-1",
    seed=0,
    index=0,
    policy="mc-sf",
    instance="sha256:0",
    requests=45,
    memory=36,
    objective=120,
    best=100,
    lower_bound=96,
    checked_bound=80,
    status="TIME_LIMIT",
    solver="search",
    time_limit=10.0,
    runtime=10.0,
    verified=True,
    ratio_low=1.2,
    ratio_high=1.25,
    checked_ratio_high=1.5,
    load=0.5,
    peak_mib=300,
    code="abc",
    versions="kvopt 0.1.0",
    machine="a machine",
)


def test_parts_make_the_whole(tmp_path, capsys):
    """Part after part, and again; each row is as its task says."""
    out = tmp_path / "ratios.csv"
    arguments = ["--instances", "2", "--time-limit", "0.3", "--out", str(out)]
    arguments += ["--store", str(tmp_path / "ratios.sqlite")]
    part = [*arguments, "--models", "model-1", "--first", "1"]
    assert mc_sf_ratio.main([*part, "--count", "5"]) == 0
    assert [row.index for row in read_rows(MeasuredRatio, out)] == [1]
    capsys.readouterr()
    assert mc_sf_ratio.main([*arguments, "--workers", "2"]) == 0
    said = capsys.readouterr()
    assert "4 measurements, 3 to be made" in said.err
    rows = read_rows(MeasuredRatio, out)
    assert [(row.model, row.index) for row in rows] == [
        ("model-1", 0),
        ("model-1", 1),
        ("model-2", 0),
        ("model-2", 1),
    ]
    for row in rows:
        instance = draw_instance(RatioTask(row.model, row.index))
        assert row.instance == instance.hash
        mc_sf = simulate(instance, "mc-sf").schedule
        assert row.objective == verify(instance, mc_sf).total_latency
        assert row.checked_bound <= row.lower_bound <= row.best
        assert 1 <= row.ratio_low <= row.ratio_high <= row.checked_ratio_high
        assert row.ratio_high == pytest.approx(row.ratio.high, abs=1e-6)
    assert said.out.strip() == exact_tables.ratio_table(rows)


def test_a_dry_run_does_nothing(tmp_path, capsys):
    """It says how long the published table takes at most."""
    paths = [f"--{n}={tmp_path / n}" for n in ("store", "out")]
    assert mc_sf_ratio.main([*paths, "--workers", "2", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "400 measurements, 400 to be made; at most about 35 min" in said
    assert not list(tmp_path.iterdir())


def test_bad_input_is_one_line(tmp_path, capsys):
    """Exit 2, with the field and the value."""
    paths = [f"--{n}={tmp_path / n}" for n in ("store", "out")]
    assert mc_sf_ratio.main([*paths, "--time-limit", "-1"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "time_limit = -1.0" in line


def test_the_table():
    """Intervals by both bounds, shares, and what P1 reports."""
    proved = dataclasses.replace(
        ROW, index=1, memory=40, objective=110, lower_bound=100
    )
    lines = exact_tables.ratio_table([ROW, proved]).splitlines()[2:]
    assert len(lines) == 3
    cells = lines[0].strip("| ").split(" | ")
    assert cells[:5] == ["model-1", "10 s", "all", "2", "[1.1500, 1.1750]"]
    assert cells[6:] == [
        "[1.1500, 1.4375]",
        "[1.2000, 1.2500]",
        "1 (50%)",
        "0 / 2",
        "2.08%",
        "1.005, 1.074",
    ]
    assert "| 37 to 43 | 1 | 1.1000 |" in lines[2]
