"""``kvopt simulate``: clocks, predictors, seeds, records, bad input."""

import csv
import importlib.util
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from kvopt.analysis.metrics import metrics_of
from kvopt.cli.simulate_figure import Drawing
from kvopt.model import InputError, Instance, write_trace
from kvopt.simulation import simulate
from kvopt.simulation.clocks import PRESETS
from kvopt.workloads import library

HEADER = "arrival_s,prompt_tokens,output_tokens\n"
PRESET = "llama-2-70b-2xa100"


@pytest.fixture
def trace(tmp_path):
    """Twelve requests of the packaged sample, with their own seconds."""
    write_trace(library.sample_trace().take(np.arange(12)), tmp_path / "t.csv")
    return "t.csv"


def test_clock_uses_the_seconds_of_the_trace(run, trace):
    """Arrivals in seconds, latencies in seconds, exactly the library's."""
    done = run("simulate", trace, "mc-sf", "--clock", PRESET, "--json")
    assert done.status == 0
    document = done.document
    part = library.sample_trace()
    seconds = part.arrival_s[:12]
    instance = Instance(
        16492,
        np.rint((seconds - seconds[0]) * 1e6).astype(int),
        part.prompt[:12],
        part.output[:12],
    )
    result = simulate(instance, "mc-sf", clock=PRESETS[PRESET])
    metrics = metrics_of(result)
    (row,) = document["policies"]
    assert document["unit"] == "s" and document["lower_bound"] is None
    assert document["instance"] == instance.hash
    assert row["mean"] == metrics.latency.mean
    assert row["energy_per_token"] == metrics.energy.per_token
    table = run("simulate", trace, "mc-sf", "--clock", PRESET, "--more").out
    assert "J/token" in table and "TPOT" in table and PRESET in table


def test_rate_means_poisson(run, trace):
    """--rate alone asks for Poisson arrivals; a second with a clock."""
    words = ("simulate", trace, "fcfs", "--rate", 5, "--json")
    assert "5 a round" in run(*words).document["source"]
    document = run(*words, "--clock", "affine:d0=10").document
    assert "5 a second" in document["source"]


def test_clock_on_an_instance_needs_the_unit(run, instance):
    """Arrivals in rounds are seconds only once somebody says so."""
    path = instance()
    words = ("simulate", path, "mc-sf", "--clock", "affine:d0=1000")
    done = run(*words)
    assert done.status == 2
    assert "--round-seconds" in done.err
    done = run(*words, "--round-seconds", 2, "--json")
    (row,) = done.document["policies"]
    # Due at 0 and 6 s, two seconds each.
    assert row["total_latency"] == 4
    assert row["makespan"] == 8
    at_zero = run("simulate", "library:small-15", *words[2:], "--json")
    assert at_zero.status == 0


def test_predictors_by_name(run):
    """What A_max is told comes from the predictor, point and interval."""
    words = ("simulate", "library:small-15", "a-max", "mc-sf:lengths=point")
    done = run(*words, "--predictor", "common:lower=1,upper=30")
    assert done.status == 2
    assert "point predictions" in done.err
    both = ("--predictor", "buckets:width=5")
    both += ("--predictor", "noisy-point:epsilon=0.2")
    rows = run(*words, *both, "--json").document["policies"]
    assert [row["policy"] for row in rows] == [*words[2:]]
    assert rows == [
        {**row, "seconds": ours["seconds"]}
        for row, ours in zip(
            run(*words, *both, "--json").document["policies"],
            rows,
            strict=True,
        )
    ]


def test_seeds_are_averaged(run):
    """With several seeds a row is the mean, and each run is in the JSON."""
    words = ("simulate", "library:small-15", "alpha-beta-clearing", "--seed")
    document = run(*words, 4, "--seeds", 3, "--json").document
    single = [
        run(*words, seed, "--json").document["policies"][0]["total_latency"]
        for seed in (4, 5, 6)
    ]
    assert [r["total_latency"] for r in document["runs"]] == single
    (row,) = document["policies"]
    assert row["seeds"] == 3
    assert row["total_latency"] == pytest.approx(sum(single) / 3)


def test_seeds_give_intervals_and_paired_differences(run):
    """Means come with intervals; a seed that changes nothing is told."""
    words = ("simulate", "library:small-15", "mc-sf", "alpha-beta-clearing")
    done = run(*words, "--seeds", 4)
    assert "95 % interval" in done.out and "minus mc-sf" in done.out
    assert done.err.count("\n") == 1
    assert "the seed changes nothing for mc-sf:" in done.err
    document = run(*words, "--seeds", 4, "--json").document
    same, random = document["intervals"]
    assert not same["varies"] and same["interval"] is None
    means = [r["mean"] for r in document["runs"]]
    apart = [b - a for a, b in zip(means[:4], means[4:], strict=True)]
    assert random["difference"] == pytest.approx(sum(apart) / 4)
    low, high = random["difference_interval"]
    assert low < random["difference"] < high
    (alone,) = run(*words[:2], "fcfs", "--json").document["policies"]
    assert alone["policy"] == "fcfs"


def test_a_failed_seed_has_no_mean(run):
    """No mean over the seeds that happened to end."""
    words = ("simulate", "library:small-15", "alpha-greedy", "--seeds", 2)
    done = run(*words, "--json")
    assert done.status == 1
    (row,) = done.document["policies"]
    assert "livelock" in row["failed"] and "mean" not in row


# What a run is killed in: before the call so-and-so of a function.
KILLED = """
import os, signal, sys
from importlib import import_module
from kvopt.cli import main
name, number = sys.argv[1], int(sys.argv[2])
module = import_module(name.rpartition(".")[0])
real, calls = getattr(module, name.rpartition(".")[2]), [0]
def counted(*args, **kwargs):
    calls[0] += 1
    if calls[0] == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **kwargs)
setattr(module, name.rpartition(".")[2], counted)
sys.exit(main(sys.argv[3:]))
"""
POLICIES = ("fcfs", "mc-benchmark", "alpha-beta-clearing", "sf")


@pytest.mark.parametrize(
    ("function", "call", "finished"),
    [
        # In the middle of the third policy.
        ("kvopt.simulation.reference.run", 3, 2),
        # Records of the first, or the second, are written, the journal is
        # not (it is written once before).
        ("kvopt.analysis.records.save_json", 2, 0),
        ("kvopt.analysis.records.save_json", 3, 1),
    ],
)
def test_kill_loses_no_finished_policy(
    run, tmp_path, function, call, finished
):
    """What had finished is on disk, is kept, and the rest is added."""
    words = ["simulate", "library:small-15", *POLICIES]
    words += ["--engine", "reference", "--records", "r.csv"]
    code = [sys.executable, "-c", KILLED, function, str(call)]
    killed = subprocess.run([*code, *words], cwd=tmp_path, check=False)
    assert killed.returncode == -signal.SIGKILL
    with open("r.csv", newline="") as file:
        held = {row["policy"] for row in csv.DictReader(file)}
    assert set(POLICIES[:finished]) <= held
    done = run(*words, "--resume", "--json")
    assert done.status == 0
    assert done.document["kept"] == finished
    for policy in POLICIES[:finished]:
        assert f"{policy} (seed 0)" in done.err
    assert [r["policy"] for r in done.document["policies"]] == [*POLICIES]
    resumed = (tmp_path / "r.csv").read_bytes()
    words[-1] = "whole.csv"
    assert run(*words).status == 0
    assert resumed == (tmp_path / "whole.csv").read_bytes()
    # Everything is kept the next time.
    words[-1] = "r.csv"
    assert run(*words, "--resume", "--json").document["kept"] == len(POLICIES)
    assert (tmp_path / "r.csv").read_bytes() == resumed


# Files may be no longer than a few runs: as a disk that fills.
FULL = """
import resource, sys
from kvopt.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("limit", [0, 700, 1500, 2500])
def test_a_disk_that_fills_keeps_finished_policies(run, tmp_path, limit):
    """One line and status 2; --resume goes on with what was written."""
    words = ["simulate", "library:small-15", *POLICIES]
    words += ["--engine", "reference", "--records", "r.csv"]
    code = [sys.executable, "-c", FULL, str(limit)]
    full = subprocess.run(
        [*code, *words],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (full.returncode, full.stdout) == (2, "")
    assert full.stderr.count("\n") == 1
    assert "r.csv" in full.stderr and "cannot be written" in full.stderr
    assert not list(tmp_path.glob(".r.csv*"))
    done = run(*words, "--resume", "--json")
    assert done.status == 0
    assert done.document["kept"] == {0: 0, 700: 0, 1500: 1, 2500: 2}[limit]
    words[-1] = "whole.csv"
    assert run(*words).status == 0
    resumed = (tmp_path / "r.csv").read_bytes()
    assert resumed == (tmp_path / "whole.csv").read_bytes()


def test_a_new_run_replaces_the_old_file(run, tmp_path):
    """Without --resume the file is of this run alone, and so its journal."""
    words = ("simulate", "library:small-15", "--records", "r.csv")
    assert run(*words, "fcfs", "sf").status == 0
    assert run(*words, "mc-sf").status == 0
    with open("r.csv", newline="") as file:
        assert {row["policy"] for row in csv.DictReader(file)} == {"mc-sf"}
    with open("r.csv.json") as file:
        (entry,) = json.load(file)["runs"]
    assert entry["row"]["policy"] == "mc-sf"
    assert entry["bytes"] == (tmp_path / "r.csv").stat().st_size


def test_only_the_same_run_is_resumed(run, tmp_path):
    """Records of another seed, or without a journal, are not touched."""
    words = ("simulate", "library:small-15", "fcfs", "--records", "r.csv")
    assert run(*words).status == 0
    before = (tmp_path / "r.csv").read_bytes()
    done = run(*words, "--resume", "--seed", 1)
    assert done.status == 2
    assert "fcfs with seed 0" in done.err
    for broken in ("[]", '{"format": "kvopt-records/1"}', "{"):
        (tmp_path / "r.csv.json").write_text(broken)
        done = run(*words, "--resume")
        assert (done.status, done.err.count("\n")) == (2, 1)
        assert "r.csv.json" in done.err
    os.unlink("r.csv.json")
    done = run(*words, "--resume")
    assert done.status == 2
    assert "r.csv.json" in done.err
    assert (tmp_path / "r.csv").read_bytes() == before


def test_parquet_without_pyarrow_is_refused(run, monkeypatch):
    """The message says what to install, and that CSV needs nothing."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    words = ("simulate", "library:small-15", "fcfs")
    done = run(*words, "--records", "r.parquet")
    assert done.status == 2
    for part in ("--records", "r.parquet", "pyarrow", "kvopt[parquet]"):
        assert part in done.err


@pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="needs pyarrow"
)
def test_parquet_holds_what_csv_holds(run):
    """The same rows, run after run."""
    import pyarrow.parquet as parquet

    words = ("simulate", "library:small-15", "fcfs", "alpha-beta-clearing")
    for name in ("r.parquet", "r.csv"):
        assert run(*words, "--records", name).status == 0
    rows = parquet.read_table("r.parquet").to_pylist()
    with open("r.csv", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [{k: str(v) for k, v in row.items()} for row in rows] == expected


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("{} mc-sf --clock sundial", ["clock", "sundial", PRESET]),
        ("{} mc-sf --clock affine:d0=-3", ["clock.d0", "-3", "at least 0"]),
        ("{} mc-sf --clock affine:d0=5,d1=-1", ["clock.d1", "-1"]),
        ("{} mc-sf --clock p5:d0=5,d1=-1", ["clock.d2", "-1"]),
        ("{} alpha-greedy:alpha=1.2", ["alpha", "1.2", "[0, 1)"]),
        ("{} alpha-greedy:alpha=-0.1", ["alpha", "-0.1"]),
        ("{} alpha-beta-clearing:beta=1.5", ["beta", "1.5"]),
        ("{} alpha-beta-clearing:beta=-1", ["beta", "-1"]),
        ("{} a-max --predictor common:lower=3,upper=2", ["upper", "2"]),
        ("{} a-max --predictor common:lower=1,upper=1", ["output", "2"]),
        ("{} a-max --predictor magic", ["predictor", "magic", "classes"]),
        ("{} a-max --predictor bands", ["predictor.x", "None"]),
        ("{} wait:thresholds=3", ["policy", "wait", "kvopt staged"]),
        ("{} mc-sf --seeds 0", ["--seeds", "0"]),
        ("{} mc-sf --resume", ["--resume", "--records"]),
        ("{} mc-sf --seeds 2 --out made.json", ["--out", "made.json"]),
        ("t.csv mc-sf --rate 0", ["rate", "0"]),
        ("t.csv mc-sf --rate -5", ["rate", "-5"]),
        ("t.csv mc-sf --rate nan", ["rate", "nan"]),
        ("t.csv mc-sf", ["arrivals", "poisson"]),
        ("t.csv mc-sf --clock affine:d0=1", ["arrivals", "poisson"]),
        (
            "t.csv mc-sf --clock affine:d0=1 --round-seconds 1",
            ["--round-seconds", "1.0", "clock"],
        ),
    ],
)
def test_bad_words(run, instance, tmp_path, line, parts):
    """One line with the option and its value, status 2, nothing written."""
    (tmp_path / "t.csv").write_text(HEADER + ",3,5\n,2,9\n")
    done = run("simulate", *line.replace("{}", str(instance())).split())
    assert done.status == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    for part in parts:
        assert part in done.err
    assert not list(tmp_path.glob("made*"))


@pytest.mark.parametrize(
    ("interval", "parts"),
    [
        ({"lower": 1, "upper": 1}, ["requests[0].upper", "1", "below", "2"]),
        ({"lower": 3, "upper": 4}, ["requests[0].lower", "3", "above", "2"]),
        ({"lower": 4, "upper": 3}, ["requests[0].lower", "4", "3"]),
    ],
)
def test_intervals_must_hold_the_truth(run, instance, interval, parts):
    """Predictions below the true length are refused, and so is l > u."""
    done = run("simulate", instance(request=interval), "a-max")
    assert done.status == 2
    assert done.err.count("\n") == 1
    for part in parts:
        assert part in done.err


def test_wrong_intervals_may_be_asked_for(run):
    """The predictor of classes errs, and says so by its name."""
    words = ("simulate", "library:small-15", "a-min", "--seeds", 3)
    assert run(*words, "--predictor", "classes").status == 0


def test_livelock_names_round_requests_and_setting(run):
    """An alpha too small is reported with all that one needs to see it."""
    done = run("simulate", "library:small-15", "alpha-greedy:alpha=0.05")
    assert done.status == 1
    (line,) = [x for x in done.out.splitlines() if x.startswith("failed")]
    assert "alpha-greedy:alpha=0.05 is in a livelock" in line
    assert "requests " in line and "(round " in line


def test_policies_say_their_engine(run):
    """Compositions are compiled, plans are played; others go by rounds."""
    rows = run("policies", "--json").document["policies"]
    engines = {row["name"]: row["engine"] for row in rows}
    assert engines["mc-sf"] == engines["a-min"] == "fast"
    assert engines["gsa"] == engines["sps"] == "planned"
    assert engines["gsa-spec"] == engines["a-l"] == "reference"
    assert "engine        fast" in run("policies", "mc-sf").out


def test_interrupted_while_the_records_are_written(run, monkeypatch):
    """Ctrl-C at the worst moment: status 130, what was finished is there."""
    from kvopt.analysis import records

    real, calls = records.save_json, []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(records, "save_json", interrupted)
    words = ("simulate", "library:small-15", *POLICIES, "--records", "r.csv")
    done = run(*words, "--json")
    assert done.status == 130
    rows = done.document["policies"]
    assert done.document["interrupted"]
    assert [row["policy"] for row in rows] == ["fcfs"]
    with open("r.csv.json") as file:
        journal = json.load(file)
    assert [r["row"]["policy"] for r in journal["runs"]] == ["fcfs"]


def test_error_types():
    """A clock's range is an input error for callers of the library, too."""
    with pytest.raises(InputError, match="memory = 1000000000"):
        simulate(
            Instance.of(10**9, [(0, 1, 1)]), "mc-sf", clock=PRESETS[PRESET]
        )


def test_policies_that_do_the_same_share_their_curves():
    """Two names at one curve, where the schedules are the same."""
    drawing = Drawing()
    instance = library.load("mcsf-16-15")
    for policy in ("mc-sf", "svf", "peak-order"):
        drawing.add(simulate(instance, policy), 0)
    labels = [series.label for series in drawing.usage]
    assert labels == ["mc-sf = svf = peak-order"]
    assert len(drawing.completed) == len(drawing.latency) == 1
    # No rate is that of a part of a round.
    assert float(np.diff(drawing.completed[0].x).min()) >= 1


def test_figure(run, tmp_path):
    """Three panels in a PDF and a PNG; the same run, the same bytes."""
    words = ("simulate", "library:online-6", "mc-sf", "fcfs", "--figure")
    for name in ("a.pdf", "b"):
        assert run(*words, name, "--clock", "affine:d0=9").status == 2
        assert run(*words, name).status == 0
    for end in ("pdf", "png"):
        first = (tmp_path / f"a.{end}").read_bytes()
        assert first == (tmp_path / f"b.{end}").read_bytes()


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_the_wait_for_the_engine_is_said(run, monkeypatch, engine):
    """A bar says what is waited for before the first policy runs."""
    from importlib import import_module

    command = import_module("kvopt.cli.simulate_runs")
    real, labels = command.progress, []

    def noted(label, total):
        labels.append(label)
        return real(label, total)

    monkeypatch.setattr(command, "progress", noted)
    run("simulate", "library:online-6", "mc-sf", "gsa", "--engine", engine)
    said = ["loading" in label for label in labels]
    assert said == [True, False, False][engine != "fast" :]


def test_interrupted_while_the_engine_loads(run, monkeypatch):
    """Ctrl-C during imports is not lost there; nothing runs; status 130."""
    from kvopt.simulation import fast

    monkeypatch.setattr(
        fast, "warm_up", lambda: signal.raise_signal(signal.SIGINT)
    )
    done = run("simulate", "library:online-6", "mc-sf", "--json")
    assert done.status == 130
    assert done.document["interrupted"] and not done.document["policies"]


def test_rules_of_a_server(run, trace):
    """--serving runs under blocks and chunks, and says so."""
    rules = "block=16,budget=64,restart=recompute"
    words = ("simulate", trace, "vllm-like", "--rate", 5, "--serving", rules)
    done = run(*words, "--clock", PRESET, "--json")
    assert done.status == 0
    (row,) = done.document["policies"]
    assert row["serving"] == done.document["serving"] == rules
    assert row["engine"] == "fast" and row["energy"] is None
    assert f"serving   {rules}" in run(*words).out
    assert run(*words, "--json").document["lower_bound"] is None


@pytest.mark.parametrize(
    ("policy", "rules", "field"),
    [
        ("fcfs", "block=16500", "serving.block"),
        ("fcfs", "block=0", "serving.block"),
        ("fcfs", "budget=0", "serving.budget"),
        ("fcfs", "pages=3", "serving.pages"),
        ("gsa", "block=2", "serving"),
        ("fcfs:batch=0", "plain", "batch"),
        ("vllm-watermark:reserve=1", "plain", "reserve"),
    ],
)
def test_rules_that_cannot_be(run, trace, policy, rules, field):
    """One line names the field and the value, and the status is 2."""
    done = run("simulate", trace, policy, "--rate", 5, "--serving", rules)
    assert done.status == 2 and not done.out
    assert done.err.count("\n") == 1 and field in done.err


def test_the_engine_loads_without_scipy_linalg():
    """The command leaves scipy.linalg out, and it can be imported later."""
    code = (
        "import sys\n"
        "from kvopt.cli.simulate_runs import without_blas\n"
        "with without_blas():\n"
        "    from kvopt.simulation import fast\n"
        "    fast.warm_up()\n"
        "assert 'scipy.linalg' not in sys.modules\n"
        "import scipy.linalg.cython_blas\n"
        "with without_blas():\n"
        "    import scipy.linalg.cython_blas\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
