"""``benchmarks.exact``: its instances, its rows, its tables."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import exact, exact_kind, exact_runs, exact_tables
from benchmarks.exact_kind import METHODS, ROW
from benchmarks.exact_pyjobshop import solve_with_pyjobshop
from benchmarks.exact_rows import ExactRow, exact_row, merge
from benchmarks.exact_runs import most_seconds, seeds_of
from benchmarks.exact_sets import SETS, draw
from kvopt.analysis import read_rows
from kvopt.check import verify
from kvopt.exact import solve
from kvopt.model import InputError, Instance
from kvopt.simulation import simulate
from kvopt.sweep import Store, SweepOutcome
from kvopt.workloads import generate

ROOT = Path(__file__).parents[2]
MEASURED = {"seconds": 1.0, "peak_memory": 2**30}
SEARCH = ExactRow(
    set="model-1",
    seed=0,
    requests=45,
    memory=36,
    instance="sha256:0",
    method="search",
    limit_s=60.0,
    threads=2,
    status="TIME_LIMIT",
    objective=102,
    lower_bound=100,
    gap_percent=2.0,
    checked_bound=80,
    certificate="lagrangian",
    seconds=60.0,
    cpu_seconds=100.0,
    warm_up_seconds=1.0,
    peak_mib=1500,
    load=0.5,
    ended="2026-01-01T00:00:00+00:00",
    reason="the time limit of 60 s was reached",
    code="abc",
    versions="kvopt 0.1.0",
    machine="a machine",
)


def changed(**values) -> ExactRow:
    return dataclasses.replace(SEARCH, **values)


@pytest.mark.parametrize("model", ["model-1", "model-2"])
def test_published_instances_are_those_of_the_generator(model):
    """Seed 3 here is ``kvopt generate --seed 3``."""
    assert draw(model, 3).hash == generate(model, {}, 3).hash


def test_the_other_sets():
    """First requests of model 1, small outputs, and growing sizes."""
    whole, first = draw("model-1", 1), draw("n20", 1)
    assert len(first) == 20
    assert list(first) == list(whole)[:20]
    for name, n in (("n15-small", 15), ("n30-small", 30), ("n50-small", 50)):
        small = draw(name, 0)
        assert (len(small), small.memory) == (n, 30)
        assert set(small.prompt.tolist()) <= set(range(1, 6))
        assert set(small.output.tolist()) <= set(range(2, 9))
    longer, shorter = draw("growth-n", 0, 30), draw("growth-n", 0, 8)
    assert list(shorter) == list(longer)[:8]
    for memory in SETS["growth-m"].sizes:
        assert draw("growth-m", 0, memory).memory == memory
    # Computed once for both.
    assert draw("growth-n", 0, 12).hash == draw("growth-m", 0, 40).hash


def test_pyjobshop_finds_the_optimum():
    """The stack of tasks is the model: brute force agrees."""
    pytest.importorskip("pyjobshop")
    for seed in range(12):
        rng = np.random.default_rng(seed)
        memory, n = int(rng.integers(4, 9)), int(rng.integers(1, 6))
        prompt = rng.integers(0, 3, n)
        instance = Instance(
            memory,
            np.sort(rng.integers(0, 4, n)),
            prompt,
            rng.integers(1, memory - prompt, endpoint=True),
        )
        found = solve_with_pyjobshop(instance, 60.0, 1, 0)
        best = solve(instance, "brute-force").objective
        assert found.objective == found.lower_bound == best
        assert verify(instance, found.schedule).ok


def test_one_command_makes_the_table_and_goes_on(tmp_path):
    """Rows are made once, kept, added to, and never contradict each other."""
    store, out = tmp_path / "a.sqlite", tmp_path / "exact.csv"
    command = [
        sys.executable,
        "-m",
        "benchmarks.exact",
        "--set",
        "n12",
        "--limit",
        "0.5",
    ]
    command += [
        "--limit",
        "0.5",
        "--store",
        str(store),
        "--out",
        str(out),
        "--methods",
    ]

    def run(*more):
        return subprocess.run(
            [*command, *more],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )

    first = run("search", "cpsat-interval", "--workers", "2")
    assert "2 measurements, 2 to be made" in first.stderr
    text = out.read_text()
    assert "2 measurements, 0 to be made" in run(*METHODS[:3:2]).stderr
    assert out.read_text() == text
    run("cbc", "--seeds", "1")
    rows = read_rows(ExactRow, out)
    assert [(row.seed, row.method) for row in rows] == [
        (0, "search"),
        (0, "cpsat-interval"),
        (1, "cbc"),
    ]
    for row in rows:
        assert row.instance == draw("n12", row.seed).hash
        assert row.checked_bound <= row.lower_bound <= row.objective
        assert row.proved == (row.objective == row.lower_bound)
        assert row.peak_mib > 50
        assert row.code == ROW.versions(row.method)["code"]
        assert "numpy" in row.versions


def test_an_estimate_does_nothing(tmp_path, capsys):
    """--dry-run says what it would be at most."""
    paths = [f"--{n}={tmp_path / n}" for n in ("store", "out")]
    arguments = ["--set", "growth", "--seeds", "0..1", "--limit", "10"]
    methods = ["--methods", "search", "highs"]
    assert exact.main([*arguments, *methods, *paths, "--dry-run"]) == 0
    # 6 + 4 sizes, n = 12 at M = 40 being in both, 2 seeds, 2 methods.
    said = capsys.readouterr().err
    assert "36 measurements, 36 to be made; at most about 8 min" in said
    assert not list(tmp_path.iterdir())
    plan = exact.plan_of(exact.parsed([*arguments, *methods]))
    assert len(plan.tasks) == 40
    assert most_seconds(plan.tasks[:7], 2, 5.0) == 7 * 15 / 2
    assert most_seconds(plan.tasks[:1], 2, 5.0) == 10


def test_ctrl_c_keeps_what_is_there(tmp_path, capsys, monkeypatch):
    """Exit 130, the CSV written, and word of how to go on."""

    def interrupted(plan, store, *more, **options):
        with Store(store, write=True) as opened:
            opened.add(
                [SweepOutcome(plan.tasks[1].key, "too long", {}, MEASURED)]
            )
        raise KeyboardInterrupt

    monkeypatch.setattr(exact_runs, "run_sweep", interrupted)
    paths = [f"--{n}={tmp_path / n}" for n in ("store", "out")]
    methods = ["--methods", *METHODS[:2]]
    assert exact.main(["--set", "n12", *methods, *paths]) == 130
    (row,) = read_rows(ExactRow, tmp_path / "out")
    assert (row.method, row.status) == (METHODS[1], "FAILED")
    assert "the same command goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--limit", "0"], "time_limit = 0.0"),
        (["--threads", "0"], "workers = 0"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, arguments, said):
    """Exit 2, with the field and the value."""
    paths = [f"--{n}={tmp_path / n}" for n in ("store", "out")]
    assert exact.main(["--set", "n12", *arguments, *paths]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_without_pyjobshop_one_line_says_how_to_get_it(capsys, monkeypatch):
    """The other methods do not need it."""
    monkeypatch.setattr(exact_kind, "find_spec", lambda name: None)
    command = ["--set", "n12", "--dry-run", "--methods", "cbc"]
    assert exact.main(command) == 0
    assert exact.main([*command, "pyjobshop"]) == 2
    assert "pip install 'kvopt[bench]'" in capsys.readouterr().err


def test_a_measurement_that_failed_is_a_row():
    """Without result, with the time, the memory and the reason."""
    row = exact_row(
        {
            "instance.set": "n12",
            "instance.seed": 0,
            "instance.requests": 12,
            "instance.memory": 40,
            "instance.hash": "sha256:0",
            "subject": "highs",
            "time_limit": 10.0,
            "workers": 1,
            "versions": "kvopt=0.1.0 code=abc",
            "state": "failed",
            "error": "memory limit: 8000 MB",
            "measured.seconds": 3.0,
            "measured.peak_memory": 2**33,
        }
    )
    assert (row.status, row.reason) == ("FAILED", "memory limit: 8000 MB")
    assert (row.seconds, row.peak_mib) == (3.0, 8192)
    assert (row.objective, row.gap_percent, row.proved) == (None, None, False)
    # It counts as not proved, and has no gap.
    table = exact_tables.side_by_side([row, changed(set="n12", limit_s=10.0)])
    assert table == exact_tables.NOTHING
    search = changed(set="n12", limit_s=10.0, threads=1)
    table = exact_tables.side_by_side([row, search])
    assert "| highs | 0/1 |  |  | 3.0 s | 8,192 MiB |" in table


def test_rows_replace_what_they_measure_again(tmp_path):
    """All others stay; the order is that of the sets, seeds and methods."""
    path = tmp_path / "exact.csv"

    def identity(row):
        return row.identity

    later = changed(set="model-2")
    merge(path, ExactRow, [later, SEARCH], identity)
    again = changed(objective=101, gap_percent=1.0)
    cbc = changed(method="cbc")
    rows = merge(path, ExactRow, [cbc, again], identity)
    assert rows == read_rows(ExactRow, path) == [again, cbc, later]


def test_seeds():
    """A number or a range, both ends included."""
    assert seeds_of("7") == [7]
    assert seeds_of("0..3") == [0, 1, 2, 3]
    assert exact_tables.numbers([7, 0, 1, 2]) == "0..2, 7"


def test_tables_say_what_the_rows_say():
    """Proved, gaps to both bounds, bands of M, methods on common seeds."""
    proved = changed(
        seed=1,
        memory=50,
        instance="sha256:1",
        status="OPTIMAL",
        lower_bound=102,
        gap_percent=0.0,
        checked_bound=102,
        seconds=20.0,
    )
    rows = [SEARCH, proved]
    head = "model 1, published size | 0..1 | 60 s | 2"
    assert (
        f"| {head} | 1/2 | 1.00% | 2.00% | 40.0 s | 1,500 MiB | 13.75% |"
        in exact_tables.proved(rows)
    )
    bands = exact_tables.by_memory(rows).splitlines()[2:]
    assert [line.split(" | ")[1] for line in bands] == [
        "30 to 36",
        "44 to 50",
    ]
    assert exact_tables.side_by_side(rows) == exact_tables.NOTHING
    cbc = changed(method="cbc", gap_percent=40.0)
    lines = exact_tables.side_by_side([*rows, cbc]).splitlines()[2:]
    assert [line.split(" | ")[5] for line in lines] == ["0/1", "0/1"]
    growing = [
        changed(set="growth-n", requests=8, status="OPTIMAL", seconds=0.25),
        changed(set="growth-n", requests=10),
    ]
    table = exact_tables.growth(growing, "growth-n", lambda r: r.requests)
    assert table.splitlines()[2:] == [
        "| 8 | 0 | 60 s | 2 | 0.25 s (1/1) |",
        "| 10 | 0 | 60 s | 2 | 2.00% (0/1) |",
    ]


def test_narrow_ratios_take_the_schedules_and_bounds_of_the_search():
    """MC-SF is run anew; failed rows, other methods and sets are left out."""
    own = verify(
        draw("model-1", 0), simulate(draw("model-1", 0), "mc-sf").schedule
    ).total_latency
    row = changed(objective=own // 2, lower_bound=own // 4, checked_bound=1)
    other = changed(set="model-1", seed=1, objective=None, lower_bound=None)
    rows = [row, other, changed(method="cbc", objective=1, lower_bound=1)]
    rows += [changed(set="n20"), changed(threads=1)]
    (line,) = exact_tables.narrow_ratios(rows).splitlines()[2:]
    cells = line.strip("| ").split(" | ")
    low, high = own / (own // 2), own / (own // 4)
    assert cells[:6] == [
        "model 1, published size",
        "0",
        "60 s",
        "2",
        "1",
        f"[{low:.4f}, {high:.4f}]",
    ]
    assert cells[7] == f"[{low:.4f}, {own:.4f}]"
    # A schedule that is worse than MC-SF's says nothing.
    worse = exact_tables.narrow_ratios([changed(objective=2 * own)])
    assert f" | [1.0000, {own / 100:.4f}] | " in worse


def test_the_figure_has_a_curve_a_method(tmp_path):
    """Unproved points stand at the limit; both formats are written."""
    rows = [
        changed(set=name, requests=n, memory=n, method=method, seconds=61.0)
        for name in ("growth-n", "growth-m")
        for n in (20, 30)
        for method in METHODS
    ]
    curves = exact_tables.curves(rows[: 2 * len(METHODS)], lambda r: r.memory)
    assert [curve.label for curve in curves] == list(METHODS)
    assert all((curve.seconds == 60.0).all() for curve in curves)
    exact_tables.draw(rows, tmp_path / "growth")
    assert (tmp_path / "growth.pdf").stat().st_size > 1000
    assert (tmp_path / "growth.png").stat().st_size > 1000


def test_the_page_is_what_the_results_give():
    """docs/exact.md: ``python -m benchmarks.exact_tables`` writes it."""
    page = exact_tables.PAGE.read_text("utf-8")
    made = exact_tables.tables(*exact_tables.stored())
    assert exact_tables.filled(page, made) == page


def test_a_page_without_one_of_the_tables_is_refused():
    """A renamed marker would leave its numbers behind."""
    made = {"proved": "new"}
    page = "<!-- table:proved -->\nold\n<!-- end -->\n"
    new = "<!-- table:proved -->\nnew\n<!-- end -->\n"
    assert exact_tables.filled(page, made) == new
    with pytest.raises(InputError, match="proved once"):
        exact_tables.filled("", made)
    with pytest.raises(InputError, match="proved once"):
        exact_tables.filled(page + page, made)
