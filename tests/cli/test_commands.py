"""Each command: what it writes is read back, what it says is true."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import kvopt
from kvopt.check import check_files, check_witness_file
from kvopt.cli.app import app
from kvopt.exact import lower_bound, solve
from kvopt.model import load_instance, load_json, load_schedule, write_trace
from kvopt.policies import infos, parse_policy
from kvopt.policies.staged import parse_staged, staged_infos
from kvopt.simulation import simulate
from kvopt.workloads import GENERATORS, generate, library

# The table as a terminal of 80 columns shows it.
NARROW = """
from unittest import mock
from rich.console import Console
from kvopt.cli import main, terminal
with mock.patch.object(
    terminal, "_console", lambda: Console(width=80, color_system=None)
):
    main(["policies"])
"""

COMMANDS = (
    "generate",
    "solve",
    "simulate",
    "staged",
    "verify",
    "bound",
    "adversary",
    "game",
    "policies",
    "solvers",
    "versions",
)


def test_help_names_every_command(run):
    """``kvopt`` alone is its help, with all commands; status 0."""
    done = run()
    assert done.status == 0
    assert done.out == run("--help").out
    for command in COMMANDS:
        assert f" {command} " in done.out
        assert run(command, "--help").status == 0


def test_generate(run):
    """The written instance is the generator's, in JSON and on paper."""
    words = ("generate", "model-2", "--param", "requests=7", "--seed", 3)
    done = run(*words, "--out", "made.json")
    expected = generate("model-2", {"requests": "7"}, 3)
    assert done.status == 0
    assert load_instance("made.json") == expected
    assert expected.hash in done.out
    assert "made.json" in done.out
    assert run(*words, "--json").document == expected.document()


def test_generate_repeats_its_source(run):
    """The command in an instance's source makes the instance again."""
    first = run("generate", "trap", "--param", "memory=9", "--json").document
    command = first["source"].rpartition("; ")[2]
    again = run(*command.split()[1:], "--json").document
    assert again == first


def test_generate_list(run):
    """All generators and all examples are listed, twice over."""
    document = run("generate", "--list", "--json").document
    assert [g["name"] for g in document["generators"]] == list(GENERATORS)
    assert document["library"] == list(library.names())
    shown = run("generate", "--list").out
    assert all(name in shown for name in GENERATORS)
    assert all(f"library:{name}" in shown for name in library.names())


def test_generate_from_trace(run):
    """``--trace`` is the generator ``trace``, with the same options."""
    write_trace(library.sample_trace(), "sample.csv")
    options = {"memory": 5000, "sample": 20, "rate": 0.5}
    words = [f"--{key}={value}" for key, value in options.items()]
    words += ["--arrivals=poisson", "--drop-oversize", "--contiguous"]
    done = run("generate", "--trace", "sample.csv", *words, "--json")
    values = {key: str(value) for key, value in options.items()}
    values |= {"drop_oversize": "yes", "contiguous": "yes"}
    values |= {"arrivals": "poisson", "path": "sample.csv"}
    expected = generate("trace", values, 0).document()
    # The command in the source may name the parameters in another order.
    assert {**done.document, "source": ""} == {**expected, "source": ""}


def test_generate_library(run):
    """``library:NAME`` is the packaged example."""
    done = run("generate", "library:online-6", "--json")
    assert done.document == library.load("online-6").document()


def test_solve(run):
    """Schedule and bound are written, verified and proved optimal."""
    done = run(
        *("solve", "library:mcsf-16-15", "--out", "s.json"),
        *("--bound-out", "b.json", "--export", "model.lp"),
    )
    assert done.status == 0
    assert "OPTIMAL" in done.out
    instance = library.load("mcsf-16-15")
    assert load_schedule("s.json", instance).total_latency(instance) == 15
    run("generate", "library:mcsf-16-15", "--out", "i.json")
    assert check_files("i.json", "s.json").ok
    assert check_files("i.json", "b.json").ok
    with open("model.lp") as file:
        assert "memory_1" in file.read()


def test_solve_from_a_schedule(run):
    """A warm start is never lost: the result is at least as good."""
    words = ("solve", "library:mcsf-16-15", "--solver", "cpsat")
    run(*words, "--out", "s.json")
    more = ("--warm-start", "s.json", "--levels", "1,2", "--json")
    document = run(*words, *more).document
    assert document["objective"] == 15
    assert document["status"] == "OPTIMAL"


@pytest.mark.parametrize("solver", ["cpsat", "cbc", "brute-force"])
def test_solve_json(run, solver):
    """One JSON object carries everything that a result always has."""
    done = run("solve", "library:mcsf-16-15", "--solver", solver, "--json")
    document = done.document
    assert done.status == 0
    assert document["objective"] == document["lower_bound"] == 15
    assert document["status"] == "OPTIMAL"
    assert document["gap"] == 0
    assert document["solver"] == solver
    assert document["seed"] == 0
    assert document["runtime"] > 0
    assert document["instance"] == document["schedule"]["instance"]
    assert solver in document["checked"]["bound"]


def test_solve_semi_online(run):
    """The semi-online solver is one of the solvers."""
    done = run("solve", "library:trap-60", "--solver", "semi-online", "--json")
    assert done.status == 0
    assert done.document["solver"] == "semi-online"


def test_simulate(run):
    """Every policy is a row with the numbers of its simulation."""
    done = run("simulate", "library:small-15", "mc-sf", "fcfs", "--json")
    assert done.status == 0
    document = done.document
    instance = library.load("small-15")
    bound = lower_bound(instance).value
    assert document["lower_bound"] == bound
    for row, name in zip(document["policies"], ["mc-sf", "fcfs"], strict=True):
        result = simulate(instance, name)
        assert row["policy"] == name
        assert row["total_latency"] == result.objective
        assert row["mean"] == pytest.approx(result.objective / 15)
        assert row["makespan"] == result.schedule.makespan
        assert row["ratio_to_lower_bound"] == result.objective / bound
        latencies = sorted(result.records["latency"].tolist())
        assert row["p50"] == latencies[7]
        assert row["p99"] == latencies[-1]


def test_simulate_table(run):
    """The table for people has the same totals."""
    done = run("simulate", "library:small-15", "mc-sf:misfit=skip", "sf")
    assert done.status == 0
    instance = library.load("small-15")
    for name in ("mc-sf:misfit=skip", "sf"):
        (row,) = [x for x in done.out.splitlines() if x.startswith(name)]
        assert row.split()[1] == str(simulate(instance, name).objective)


def test_simulate_files(run):
    """The schedule and the records of a simulation are written."""
    words = ("simulate", "library:online-6", "mc-sf")
    run("generate", "library:online-6", "--out", "i.json")
    assert run(*words, "--out", "s.json", "--records", "r.csv").status == 0
    assert check_files("i.json", "s.json").ok
    with open("r.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    result = simulate(library.load("online-6"), "mc-sf")
    assert [int(row["latency"]) for row in rows] == (
        result.records["latency"].tolist()
    )
    assert {row["policy"] for row in rows} == {"mc-sf"}


def test_simulate_livelock(run):
    """A policy without progress is a row that says so; the rest is there."""
    words = ("simulate", "library:small-15", "alpha-greedy", "fcfs")
    done = run(*words, "--records", "r.csv")
    assert done.status == 1
    assert "livelock" in done.out
    failed, fine = run(*words, "--json").document["policies"]
    assert "livelock" in failed["failed"]
    assert fine["total_latency"] == 236
    with open("r.csv") as file:
        assert len(file.readlines()) == 16


def test_simulate_trace(run):
    """A trace becomes an instance by the options for traces."""
    write_trace(library.sample_trace(), "sample.csv")
    words = ("--sample", 50, "--arrivals", "zero", "--memory", 9000)
    done = run("simulate", "sample.csv", "fcfs", *words, "--json")
    assert done.status == 0
    assert done.document["requests"] == 50
    assert done.document["memory"] == 9000
    assert "all at 0" in done.document["source"]


def test_engines_agree(run):
    """Both engines give the same row, but for the seconds."""
    rows = [
        run(
            *("simulate", "library:small-15", "alpha-beta-clearing"),
            *("--engine", engine, "--seed", 5, "--json"),
        ).document["policies"][0]
        for engine in ("fast", "reference")
    ]
    for row in rows:
        del row["seconds"], row["engine"]
    assert rows[0] == rows[1]


def test_verify_rejects(run):
    """A schedule that starts too early is rejected with status 1."""
    run("solve", "library:online-6", "--out", "s.json")
    document = load_json("s.json")
    late = max(document["runs"], key=lambda row: row["start"])
    late["stop"] -= late["start"]
    late["start"] = 0
    with open("bad.json", "w") as file:
        json.dump(document, file)
    done = run("verify", "library:online-6", "bad.json")
    assert done.status == 1
    assert f"request {late['request']}" in done.out
    verdict = run("verify", "library:online-6", "bad.json", "--json")
    assert verdict.status == 1
    assert not verdict.document["ok"]
    assert run("verify", "library:online-6", "s.json").status == 0


def test_verify_bound(run):
    """A bound is accepted, and rejected once it claims one unit more."""
    run("bound", "library:small-15", "--out", "b.json")
    assert run("verify", "library:small-15", "b.json").status == 0
    document = load_json("b.json")
    document["value"] += 1
    with open("b.json", "w") as file:
        json.dump(document, file)
    assert run("verify", "library:small-15", "b.json").status == 1


@pytest.mark.parametrize(
    "method", ["best", "area", "trivial", "lp", "lagrangian"]
)
def test_bound(run, method):
    """The bound printed is the bound of that method."""
    words = ("bound", "library:small-15", "--method", method)
    expected = lower_bound(library.load("small-15"), method)
    assert run(*words, "--json").document == expected.document()
    done = run(*words)
    assert done.status == 0
    assert f"at least {expected.value} rounds" in done.out


@pytest.mark.parametrize("method", ["lp", "lp-cuts", "lagrangian"])
def test_bound_at_its_time_limit(run, method):
    """Without any time the best instant bound is there, said plainly."""
    words = ("bound", "library:small-15", "--method", method)
    done = run(*words, "--time-limit", 1e-9, "--out", "b.json")
    assert done.status == 0
    assert "time limit; this is the best bound until then" in done.out
    best = lower_bound(library.load("small-15"))
    assert load_json("b.json") == best.document()
    assert f"method         {best.method}" in done.out
    assert run("verify", "library:small-15", "b.json").status == 0


SMALL = ("--max-n", 6, "--max-memory", 20)


def test_adversary(run):
    """The witness that is written is accepted, and as bad as it says."""
    words = ("adversary", "mc-sf", "--budget", 1000, "--seed", 1, *SMALL)
    done = run(*words, "--out", "w.json", "--figure", "f.png")
    assert done.status == 0
    assert "witness accepted" in done.out
    assert check_witness_file("w.json").ok
    assert Path("f.png").stat().st_size > 10_000
    verify = run("verify", "w.json")
    assert verify.status == 0
    document = run(*words, "--json").document
    assert document["ratio"] >= 1.2
    assert document["witness"] == load_json("w.json")
    assert document["verdict"]["ok"]
    assert document["evaluations"] == 1000
    assert document["locally_minimal"]


def test_adversary_keeps_conditions(run):
    """The options limit the instance."""
    document = run(
        *("adversary", "fcfs", "--budget", 500, "--max-n", 4, "--json"),
        *("--max-memory", 7, "--conditions", "arrivals<=5,equal-prompts"),
    ).document
    instance = document["witness"]["instance"]
    rows = instance["requests"]
    assert len(rows) <= 4
    assert instance["memory"] <= 7
    assert len({row["prompt"] for row in rows}) == 1


def test_adversary_finds_nothing(run):
    """Where the policy is optimal there is no witness, and no file."""
    words = ("adversary", "svf", "--budget", 5, "--max-n", 2)
    done = run(*words, "--max-memory", 2, "--out", "w.json")
    assert done.status == 0
    assert "nothing" in done.out
    assert run("verify", "w.json").status == 2


def test_adversary_goes_on(run):
    """A search in two parts ends as one that was never stopped."""
    words = ("adversary", "mc-sf", "--seed", 1, *SMALL, "--json")
    run(*words, "--budget", 300, "--state", "s.json")
    parts = run(*words, "--budget", 900, "--state", "s.json").document
    whole = run(*words, "--budget", 900).document
    for name in ("evaluations", "ratio", "witness", "recipe", "steps_tried"):
        assert parts[name] == whole[name]
    other = run("adversary", "svf", "--state", "s.json")
    assert other.status == 2
    assert "policy" in other.err and other.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", ""),
        ("[]", "format"),
        ('{"format": "kvopt-search/1"}', "format = 'kvopt-search/1'"),
        ('{"format": "kvopt-search/3"}', "settings"),
    ],
)
def test_a_state_that_is_none_is_refused(run, text, field):
    """A file that keeps no search is named in one line, with the field."""
    Path("s.json").write_text(text)
    done = run("adversary", "mc-sf", "--state", "s.json")
    assert done.status == 2
    assert "s.json" in done.err and done.err.count("\n") == 1
    assert field in done.err


def test_adversary_against_another_policy(run):
    """Against a policy, the reference is that policy's schedule."""
    words = ("--budget", 300, *SMALL, "--conditions", "equal-prompts")
    document = run(
        *("adversary", "a-min", "--reference", "h-sf", *words, "--json")
    ).document
    assert document["ratio"] > 1
    assert not document["witness"]["reference_optimal"]
    assert document["verdict"]["ok"]


def test_policies(run):
    """Every policy is listed, and says everything when asked by name."""
    rows = run("policies", "--json").document["policies"]
    paused = [info.name for info in staged_infos()]
    assert [row["name"] for row in rows] == [
        *(info.name for info in infos()),
        *paused,
    ]
    shown = run("policies").out
    for row in rows:
        assert f"{row['name']} " in shown
        alone = run("policies", row["name"])
        assert row["paper"] in alone.out
        assert row["ratio"] in alone.out
        assert run("policies", row["name"], "--json").document == {
            "policies": [row]
        }
        staged = row["engine"] == "staged"
        assert staged == (row["name"] in paused)
        (parse_staged if staged else parse_policy)(row["name"])


def test_the_table_of_policies_fits_a_screen(run):
    """At 80 columns no name is cut, and the table is short."""
    width = max(len(info.name) for info in (*infos(), *staged_infos()))
    table = subprocess.run(
        [sys.executable, "-c", NARROW], capture_output=True, text=True
    ).stdout
    lines = table.splitlines()
    assert len(lines) < 80
    assert max(map(len, lines)) <= 80
    starts = {line[:width].strip() for line in lines}
    assert {i.name for i in (*infos(), *staged_infos())} <= starts


def test_an_unknown_policy_is_refused(run):
    """``kvopt policies NAME`` of no policy is bad input."""
    done = run("policies", "mc-fs")
    assert done.status == 2
    assert "mc-fs" in done.err


def test_version_and_short_help(run):
    """``--version`` prints one line; ``-h`` is ``--help``, everywhere."""
    assert run("--version").out == f"kvopt {kvopt.__version__}\n"
    assert run("-h").out == run("--help").out
    for command in COMMANDS:
        assert run(command, "-h").out == run(command, "--help").out


def test_help_keeps_what_is_in_brackets(run):
    """No help text has brackets, which would be eaten as markup."""
    pending = [typer.main.get_command(app)]
    shown = 0
    while pending:
        command = pending.pop()
        pending += getattr(command, "commands", {}).values()
        for parameter in command.params:
            assert "[" not in (getattr(parameter, "help", "") or "")
            shown += isinstance(getattr(parameter, "show_default", None), str)
    assert shown >= 10
    text = run("simulate", "--help").out
    assert "[default: (16492)]" in text


def test_a_witness_stands_for_its_instance(run):
    """Commands that take an instance take a witness; Python loads it."""
    run("adversary", "mc-sf", "--budget", 500, "--max-n", 4, "--out", "w.json")
    witness = kvopt.load_witness("w.json")
    assert witness.document() == load_json("w.json")
    document = run("simulate", "w.json", "mc-sf", "--json").document
    assert document["instance"] == witness.instance.hash
    (row,) = document["policies"]
    assert row["total_latency"] == witness.algorithm_cost
    bound = run("bound", "w.json", "--json")
    assert bound.status == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("algorithm_cost", 10**6),
        ("algorithm_cost", True),
        ("reference_optimal", "yes"),
        ("claim", 3),
        ("surplus", 1),
    ],
)
def test_a_witness_that_is_none_is_refused(run, field, value):
    """File, field and value of the first fault, in one line."""
    run("adversary", "mc-sf", "--budget", 500, "--max-n", 4, "--out", "w.json")
    document = {**load_json("w.json"), field: value}
    Path("bad.json").write_text(json.dumps(document))
    done = run("simulate", "bad.json", "mc-sf")
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert field in done.err and "bad.json" in done.err
    with pytest.raises(kvopt.InputError, match=field):
        kvopt.load_witness("bad.json")


def test_solvers(run):
    """Every solver is listed, the semi-online one too."""
    rows = run("solvers", "--json").document["solvers"]
    names = [row["name"] for row in rows]
    assert {"auto", "cpsat", "highs", "cbc", "semi-online"} <= set(names)
    shown = run("solvers").out
    assert all(name in shown for name in names)
    cpsat = rows[names.index("cpsat")]
    assert cpsat["available"]
    assert "ortools" in cpsat["version"]


def test_versions(run):
    """Versions of kvopt and Python are in the table and in the object."""
    document = run("versions", "--json").document
    shown = run("versions").out
    for name in ("kvopt", "python", "numpy", "ortools", "pulp", "machine"):
        assert document[name] in shown


def test_every_instance_of_the_library_round_trips(run):
    """Generate, bound, simulate and verify work on every example."""
    for name in library.names():
        text = f"library:{name}"
        assert run("simulate", text, "mc-sf", "--out", "s.json").status == 0
        assert run("verify", text, "s.json").status == 0


def test_solver_gap_is_said(run):
    """Without a proof the status is not OPTIMAL and the gap is printed."""
    instance = library.load("trap-60")
    result = solve(instance, time_limit=1e-6)
    words = ("solve", "library:trap-60", "--time-limit", 1e-6)
    document = run(*words, "--json").document
    assert document["status"] == "TIME_LIMIT"
    assert document["gap"] == pytest.approx(result.gap)
    assert document["gap"] > 0
    assert "TIME_LIMIT" in run(*words).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("solve", "library:mcsf-16-15"),
            "kvopt view library:mcsf-16-15 FILE",
        ),
        (("simulate", "library:mcsf-16-15", "mc-sf"), "--report FILE.html"),
    ],
)
def test_a_terminal_is_told_how_to_see_the_schedule(
    run, monkeypatch, words, said
):
    """Nothing is drawn unasked; at a terminal a line says what draws it."""
    quiet = run(*words)
    assert quiet.status == 0 and said not in quiet.out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert said in run(*words).out
