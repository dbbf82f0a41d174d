"""The regret laboratory: rows, pairing, intervals, growth."""

import dataclasses
import itertools

import numpy as np
import pytest

from kvopt.analysis import read_rows
from kvopt.exact import solve
from kvopt.exact.few_types.online import hindsight
from kvopt.experiments import run_experiment
from kvopt.experiments.regret.resolving import ReSolving
from kvopt.experiments.regret.runs import (
    OPTIMUM,
    POLICIES,
    RegretRow,
    RegretTask,
    Setting,
    policy_called,
    regret_instance,
    regret_sweep_task,
    regret_tasks,
    run_regret_task,
)
from kvopt.experiments.regret.table import (
    exponent_range,
    exponents,
    regret_growth,
    regret_table,
)
from kvopt.model import InputError, Instance
from kvopt.simulation import simulate
from kvopt.workloads import generate

HORIZONS = (10, 20, 40)


@pytest.fixture(scope="module")
def rows():
    """Return the rows of 12 runs at three horizons, all policies."""
    tasks = regret_tasks([Setting(rate=0.5)], HORIZONS, 12, seed=4)
    return [run_regret_task(task) for task in tasks]


def test_no_policy_is_below_the_optimum_and_rows_repeat(rows):
    """Optima are proved, and equal to those of another solver."""
    best = {(r.horizon, r.index): r for r in rows if r.policy == OPTIMUM}
    assert len(best) == 36
    for row in rows:
        optimum = best[row.horizon, row.index]
        assert optimum.status == "PROVED"
        assert row.instance == optimum.instance
        assert row.low >= optimum.high
    for (horizon, index), row in itertools.islice(best.items(), 12):
        task = RegretTask(rate=0.5, horizon=horizon, index=index, seed=4)
        again = run_regret_task(task)
        assert dataclasses.replace(again, runtime=row.runtime) == row
        found = solve(regret_instance(task), time_limit=60, workers=1)
        assert found.objective == found.lower_bound == row.high


def test_the_arrivals_can_be_generated_again(rows):
    """A task's recipe is that of ``kvopt generate few-types``."""
    task = RegretTask(rate=0.5, horizon=20, index=3, seed=4)
    values, seed = task.recipe
    assert generate("few-types", values, seed) == regret_instance(task)


def test_kept_and_run_once(tmp_path, rows):
    """As a sweep the rows are the same, and are read back from CSV."""
    tasks = regret_tasks([Setting(rate=0.5)], (10,), 2, ["mc-sf"], 4)
    path = tmp_path / "rows.csv"
    done = run_experiment(regret_sweep_task, tasks, RegretRow, path)
    plain = {(r.index, r.policy): r for r in rows if r.horizon == 10}
    for row in done:
        twin = plain[row.index, row.policy]
        assert dataclasses.replace(row, runtime=twin.runtime) == twin
    assert read_rows(RegretRow, path) == done
    calls = []
    again = run_experiment(
        regret_sweep_task,
        tasks,
        RegretRow,
        path,
        progress=lambda *state: calls.append(state),
    )
    assert again == done
    assert not calls


def test_table_adds_up(rows):
    """Means, counts and intervals of a cell are those of its rows."""
    cells = regret_table(rows)
    assert len(cells) == len(HORIZONS) * len(POLICIES)
    for cell in cells:
        mine = [
            r
            for r in rows
            if (r.policy, r.horizon) == (cell.policy, cell.horizon)
        ]
        best = {
            r.index: r.high
            for r in rows
            if r.policy == OPTIMUM and r.horizon == cell.horizon
        }
        gaps = [r.low - best[r.index] for r in mine]
        assert cell.runs == cell.proved == 12
        assert cell.failed == 0
        assert cell.optimal == gaps.count(0)
        assert cell.total_low == cell.total_high == np.mean(gaps)
        assert cell.total_from <= cell.total_low <= cell.total_to
        each = [gap / r.requests for gap, r in zip(gaps, mine, strict=True)]
        assert cell.each_low == pytest.approx(np.mean(each))
        assert cell.each_from <= cell.each_low <= cell.each_to
        if cell.total_low < 1000:
            shown = f"{cell.total_low:.3g} ["
            assert cell.text("total").startswith(shown)


def test_an_open_optimum_enters_as_an_interval(rows):
    """Lower and upper mean differ by what is not proved, and no less."""
    opened = [
        dataclasses.replace(row, low=row.low - 3, status="OPEN")
        if row.policy == OPTIMUM and row.index < 4
        else row
        for row in rows
    ]
    for cell, exact in zip(
        regret_table(opened), regret_table(rows), strict=True
    ):
        assert cell.proved == 8
        assert cell.total_low == exact.total_low
        assert cell.total_high == pytest.approx(exact.total_high + 1)
        assert cell.optimal <= exact.optimal
        assert cell.total_to >= exact.total_to
    for fit in regret_growth(opened):
        assert fit.from_ <= fit.low < fit.high <= fit.to
        assert fit.text.startswith(f"{fit.low:.2f} to {fit.high:.2f} [")


def test_too_narrow_a_program_gives_an_open_row():
    """With one state a round the row says OPEN, around the optimum."""
    seen = set()
    for index in range(10):
        task = RegretTask(rate=0.7, horizon=40, index=index)
        row = run_regret_task(dataclasses.replace(task, width=1))
        best = hindsight(regret_instance(task))[0]
        assert row.low <= best.low == best.high <= row.high
        seen.add(row.status)
    assert "OPEN" in seen


def test_a_policy_that_does_not_finish_has_no_mean():
    """alpha-greedy at 0.3 repeats itself for ever on this worker."""
    tasks = regret_tasks([Setting()], (40, 80), 2, ["alpha-greedy"])
    rows = [run_regret_task(task) for task in tasks]
    failed = [row for row in rows if row.status == "FAILED"]
    assert failed
    assert all("livelock" in row.error for row in failed)
    assert any(cell.failed for cell in regret_table(rows))
    for cell in regret_table(rows):
        assert (cell.total_low is None) == bool(cell.failed)
    assert all(fit.low is None for fit in regret_growth(rows))


def test_missing_runs_are_refused(rows):
    """Means over different runs are not compared."""
    short = [r for r in rows if not (r.policy == OPTIMUM and r.index == 5)]
    with pytest.raises(InputError, match="run 5 of"):
        regret_table(short)


def test_exponents_of_powers():
    """A power of the horizon has its exponent; zeros are no obstacle."""
    horizons = [20, 40, 80, 160]
    true = [0.0, 0.5, 1.0, 2.3]
    means = np.array([0.3 * np.array(horizons, float) ** b for b in true])
    assert exponents(horizons, means) == pytest.approx(true, abs=1e-6)
    odd = exponents(horizons, np.array([[0.0, 0, 0, 0], [0, 0, 0, 1]]))
    assert np.isnan(odd[0])
    assert odd[1] == pytest.approx(20)


def test_exponent_range_covers_every_mean_between_the_ends():
    """No exponent of means between the ends lies outside, some touch it."""
    rng = np.random.default_rng(0)
    horizons = [10, 20, 40]
    for _ in range(50):
        low = rng.random((1, 3))
        high = low + rng.random((1, 3))
        least, most = exponent_range(horizons, low, high)
        between = low + (high - low) * rng.integers(0, 3, (200, 3)) / 2
        found = exponents(horizons, between)
        assert found.min() == pytest.approx(least[0], abs=1e-9)
        assert found.max() == pytest.approx(most[0], abs=1e-9)


def test_re_solving_is_optimal_when_all_are_there():
    """With all requests at 0 its schedule is an optimal one."""
    rng = np.random.default_rng(3)
    for _ in range(60):
        k = int(rng.integers(1, 8))
        rows = [(0, 1, int(o)) for o in rng.choice([1, 3, 5], k)]
        instance = Instance.of(9, rows)
        found = simulate(instance, ReSolving())
        assert found.objective == hindsight(instance)[0].high


def test_re_solving_does_not_look_ahead():
    """What comes later does not change what it did before."""
    for index in range(20):
        long = regret_instance(RegretTask(rate=0.5, horizon=80, index=index))
        short = regret_instance(RegretTask(rate=0.5, horizon=40, index=index))
        starts = [
            simulate(i, ReSolving()).schedule.starts(i)[: len(short)]
            for i in (short, long)
        ]
        before = starts[0] < 40
        assert (starts[0][before] == starts[1][before]).all()
        assert (starts[1][~before] >= 40).all()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"runs": 0}, "runs"),
        ({"horizons": ()}, "settings, horizons, policies"),
        ({"horizons": (0,)}, "horizon"),
        ({"settings": [Setting(rate=0)]}, "rate"),
        ({"settings": [Setting(output="1,x")]}, "output"),
        ({"policies": ["guess"]}, "policy"),
    ],
)
def test_refusals(change, field):
    """What means nothing names its field before anything is run."""
    given = {
        "settings": [Setting()],
        "horizons": (20,),
        "runs": 2,
        "policies": ["mc-sf"],
    }
    with pytest.raises(InputError) as error:
        regret_tasks(**(given | change))
    assert error.value.field == field


def test_policies_by_name():
    """The re-solving policy is known beside the registry's."""
    assert policy_called("re-solving") == ReSolving()
    assert policy_called("svf").info.name == "svf"
