"""Bad input: one line with file, field and value, status 2, no files."""

import json
from importlib import import_module

import pytest

from kvopt.exact.control.session import Session

HEADER = "arrival_s,prompt_tokens,output_tokens\n"


@pytest.fixture
def compiles_nothing(monkeypatch):
    """Fail where a solver or a bound would have numba compile something."""

    def prepare(*args):
        raise AssertionError("was compiled")

    monkeypatch.setattr(Session, "prepare", prepare)


def refused(done, tmp_path, *parts):
    """Check one line on stderr with all parts, status 2, nothing written."""
    assert done.status == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert done.err.endswith("\n")
    assert "Traceback" not in done.err
    for part in parts:
        assert part in done.err
    assert not list(tmp_path.glob("made*"))
    assert not list(tmp_path.glob(".made*"))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"request": {"prompt": -1}}, ["requests[0].prompt", "-1"]),
        ({"request": {"output": 0}}, ["requests[0].output", "0"]),
        ({"request": {"output": 2.5}}, ["requests[0].output", "2.5"]),
        ({"request": {"prompt": True}}, ["requests[0].prompt", "True"]),
        ({"request": {"output": 6}}, ["requests[0].prompt + output", "7"]),
        ({"memory": 0}, ["memory", "0"]),
        ({"requests": []}, ["requests", "[]"]),
        ({"request": {"arrival": 4}}, ["requests[1].arrival", "3"]),
        (
            {"requests": [{"prompt": 1, "output": 1}]},
            ["requests[0].arrival", "None"],
        ),
        ({"format": "kvopt/9"}, ["format", "kvopt/9"]),
        ({"request": {"lower": 3, "upper": 2}}, ["requests[0].lower", "3"]),
        ({"request": {"size": 3}}, ["requests[0].size", "3"]),
    ],
)
@pytest.mark.parametrize("command", ["solve", "simulate", "bound", "verify"])
def test_bad_instances(run, instance, tmp_path, command, change, parts):
    """Every command names the file, the field and the value."""
    path = instance("broken.json", **change)
    words = {
        "solve": ["--out", "made.json"],
        "simulate": ["mc-sf", "--out", "made.json", "--records", "made.csv"],
        "bound": ["--out", "made.json"],
        "verify": [path],
    }[command]
    refused(run(command, path, *words), tmp_path, "broken.json", *parts)


@pytest.mark.parametrize("command", ["solve", "bound", "verify"])
def test_truncated_json(run, instance, tmp_path, command):
    """Half a file is refused with the place where it ends."""
    path = instance("broken.json")
    path.write_text(path.read_text()[:40])
    words = ["made.json"] if command == "verify" else ["--out", "made.json"]
    done = run(command, path, *words)
    refused(done, tmp_path, "broken.json", "not valid JSON", "column")


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ("0,1,2\n1,NaN,2\n", ["line 3", "prompt_tokens", "NaN"]),
        ("0,1,2\nnan,1,2\n", ["line 3", "arrival_s", "nan"]),
        ("0,1,2\n1,1,\n", ["line 3", "output_tokens", "''"]),
        ("0,1,2\n1,,3\n", ["line 3", "prompt_tokens", "''"]),
        ("0,1,2\n1,1.5,3\n", ["line 3", "prompt_tokens", "1.5"]),
        ("0,1,2\n1,1,-3\n", ["line 3", "output_tokens", "-3"]),
        ("5,1,2\n1,1,3\n", ["line 3", "arrival_s", "1"]),
        (",1,2\n,1,3\n", ["arrivals", "trace"]),
        # Files that end in the middle of a line.
        ("0,1,2\n1,3", ["line 3", "row", "1,3", "3 cells"]),
        ("0,1,2\n1,3,", ["line 3", "output_tokens", "''"]),
        ("0,1,2\n1.", ["line 3", "row", "1."]),
        ("0,1,99999\n", ["requests[0].prompt + output", "100000"]),
        ("", ["no requests"]),
    ],
)
@pytest.mark.parametrize("command", ["generate", "simulate"])
def test_bad_traces(run, tmp_path, command, rows, parts):
    """A fault of a trace is named by file, line, column and value."""
    (tmp_path / "broken.csv").write_text(HEADER + rows)
    words = {
        "generate": ["--trace", "broken.csv"],
        "simulate": ["broken.csv", "mc-sf"],
    }[command]
    out = ["--round-seconds", "1", "--out", "made.json"]
    refused(run(command, *words, *out), tmp_path, "broken.csv", *parts)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("solve {} --solver magic", ["--solver", "magic", "cpsat"]),
        ("solve {} --time-limit 0", ["--time-limit", "0"]),
        ("solve {} --time-limit nan", ["--time-limit", "nan"]),
        ("solve {} --time-limit soon", ["--time-limit", "soon"]),
        ("solve {} --workers 0", ["--workers", "0"]),
        ("solve {} --export made.txt", ["made.txt", ".lp"]),
        (
            "solve {} --export made.lp --solver semi-online --time-limit -1",
            ["--time-limit", "-1"],
        ),
        ("solve {} --export made.lp --solver magic", ["magic"]),
        ("solve {} --seed=-1", ["--seed", "-1"]),
        (
            "solve {} --memory-limit 0.001",
            ["--memory-limit", "0.001", "0.0625"],
        ),
        (
            "solve {} --solver cbc --workers 2",
            ["--workers", "2", "cbc runs one thread"],
        ),
        (
            "solve {} --solver semi-online --levels 1",
            ["--levels", "1", "semi-online has no rows"],
        ),
        ("solve {} --levels 1,x --solver cpsat", ["--levels", "1,x"]),
        ("solve {} --levels 0 --solver cpsat", ["levels", "0"]),
        ("solve {} --levels 1 --solver search", ["levels", "search"]),
        ("solve {} --warm-start none.json", ["none.json", "No such file"]),
        ("solve {} --warm-start {}", ["instance.json", "kvopt-schedule/1"]),
        ("solve missing.json", ["missing.json", "No such file"]),
        ("solve library:magic", ["library:magic", "online-6"]),
        ("simulate {} magic", ["policy", "magic", "mc-sf"]),
        ("simulate {} fcfs mc-sf:magic=1", ["magic", "1.0", "misfit"]),
        ("simulate {} mc-sf:misfit=magic", ["misfit", "magic", "skip"]),
        ("simulate {} mc-sf:margin=2", ["margin", "2"]),
        ("simulate {} mc-sf:magic", ["mc-sf:magic"]),
        ("simulate {} fcfs mc-sf:lengths=point", ["predictions", "point"]),
        ("simulate {} fcfs --engine magic", ["engine", "magic", "auto"]),
        ("simulate {} fcfs --memory 9", ["--memory", "9", "trace"]),
        ("simulate {} fcfs sf --out made.json", ["--out", "made.json"]),
        ("simulate {}", ["POLICY"]),
        ("bound {} --method magic", ["method", "magic", "area"]),
        ("bound {} --method lp --time-limit 0", ["--time-limit", "0"]),
        ("bound {} --time-limit nan", ["--time-limit", "nan"]),
        ("generate magic", ["generator", "magic", "model-1"]),
        ("generate", ["NAME"]),
        ("generate trap --param magic=1", ["magic", "1", "memory"]),
        ("generate trap --param memory", ["--param", "memory"]),
        ("generate trap --param memory=x", ["memory", "x"]),
        ("generate trap --param memory=2", ["memory", "2"]),
        ("generate trap --rate 3", ["--rate", "3", "--trace"]),
        ("generate trap --trace t.csv", ["NAME", "trap"]),
        ("generate library:online-6 --param a=1", ["--param", "a=1"]),
        ("adversary magic", ["policy", "magic"]),
        ("adversary mc-sf --budget 0", ["budget", "0"]),
        ("adversary mc-sf --budget 5m", ["budget", "5m"]),
        ("adversary mc-sf --max-n 0", ["requests", "0"]),
        ("adversary mc-sf --keep 2", ["--keep", "2"]),
        ("adversary mc-sf --strategy luck", ["strategy", "luck"]),
        ("adversary mc-sf --reference luck", ["policy", "luck"]),
        ("adversary mc-sf --conditions luck", ["conditions", "luck"]),
        (
            "adversary mc-sf --conditions at-0,arrivals<=5",
            ["contradicts at-0", "arrivals<=5"],
        ),
        (
            "adversary mc-sf --conditions peak<=1/9 --max-memory 8",
            ["no room", "peak", "1/9"],
        ),
        (
            "adversary sps --conditions arrivals<=5",
            ["all present at 0", "arrivals<=5"],
        ),
        ("adversary mc-sf --max-memory 1", ["memory", "1"]),
        ("verify {}", ["instance.json", "format", "kvopt-instance/1"]),
        ("verify {} {}", ["instance.json", "format", "kvopt-instance/1"]),
        ("magic", ["magic"]),
        ("solve {} --magic", ["--magic"]),
    ],
)
def test_bad_words(run, instance, tmp_path, line, parts):
    """Options and names that mean nothing are named with their value."""
    path = str(instance())
    done = run(*line.replace("{}", path).split())
    refused(done, tmp_path, *parts)


@pytest.mark.parametrize(
    ("method", "output", "arrival", "part"),
    [
        ("lp", 900_000, 0, "terms, more than"),
        ("lp", 9, 10**12, "rounds = "),
        ("lp-cuts", 900_000, 0, "terms, more than"),
        ("lp-cuts", 9, 10**12, "rounds = "),
        ("lagrangian", 900_000, 0, "rounds = "),
        ("lagrangian", 9, 10**12, "rounds = "),
        ("memory-prices", 9, 10**12, "rounds = "),
    ],
)
def test_bounds_outside_their_conditions(
    run, instance, tmp_path, compiles_nothing, method, output, arrival, part
):
    """An instance too large for a bound is refused, with the size."""
    request = {"arrival": arrival, "prompt": 1, "output": output}
    path = instance(memory=10**6, requests=[request, request])
    done = run("bound", path, "--method", method, "--out", "made.json")
    refused(done, tmp_path, part)


def test_schedule_of_another_instance(run, instance, tmp_path):
    """A schedule is bound to its instance."""
    run("simulate", "library:online-6", "mc-sf", "--out", "other.json")
    done = run("verify", instance(), "other.json")
    refused(done, tmp_path, "other.json", "instance", "sha256:")


def test_warm_start_of_another_instance(run, instance, tmp_path):
    """A warm start is bound to its instance, and must be feasible in it."""
    run("simulate", "library:online-6", "mc-sf", "--out", "other.json")
    words = ("--warm-start", "other.json", "--out", "made.json")
    done = run("solve", instance(), *words)
    refused(done, tmp_path, "other.json", "instance", "sha256:")
    document = json.loads((tmp_path / "other.json").read_text())
    for row in document["runs"]:
        row["stop"] -= row["start"]
        row["start"] = 0
    (tmp_path / "other.json").write_text(json.dumps(document))
    done = run("solve", "library:online-6", *words)
    refused(done, tmp_path, "warm_start", "before its arrival")
    # Files that are read are not written to.
    words = ("--warm-start", "other.json", "--out", "other.json")
    done = run("solve", "library:online-6", *words)
    refused(done, tmp_path, "--out", "other.json")


def test_semi_online_needs_all_at_0(run, tmp_path, compiles_nothing):
    """The first request that arrives later is named, with its round."""
    done = run("solve", "library:online-6", "--solver", "semi-online")
    refused(done, tmp_path, "arrival", "needs every request at round 0")


def test_bound_of_another_instance(run, instance, tmp_path):
    """So is a bound."""
    run("bound", "library:online-6", "--out", "other.json")
    done = run("verify", instance(), "other.json")
    refused(done, tmp_path, "other.json", "instance", "sha256:")


OUTPUTS = (
    "solve {} --out {out}",
    "solve {} --bound-out {out}",
    "solve {} --export {out}",
    "simulate {} fcfs --out {out}",
    "simulate {} fcfs --records {out}",
    "bound {} --out {out}",
    "generate trap --out {out}",
    "adversary mc-sf --budget 1 --out {out}",
)


@pytest.mark.parametrize(
    ("line", "out"),
    [
        (x, out)
        for x in OUTPUTS
        for out in ("none/made.json", "folder", "/dev/full")
    ]
    + [(x, "instance.json") for x in OUTPUTS if "{}" in x],
)
def test_outputs_are_probed_first(
    run, instance, tmp_path, monkeypatch, line, out
):
    """An impossible output is refused before any work, inputs are kept."""

    def no_work(*args, **kwargs):
        raise AssertionError("the work was begun")

    for room, name in (
        ("kvopt.exact", "solve"),
        ("kvopt.exact", "run_bound"),
        ("kvopt.exact", "export_model"),
        ("kvopt.simulation", "simulate"),
        ("kvopt.adversary", "run_search"),
        ("kvopt.workloads", "generate"),
    ):
        monkeypatch.setattr(import_module(room), name, no_work)
    path = instance()
    before = path.read_text()
    (tmp_path / "folder").mkdir()
    words = line.replace("{out}", out).replace("{}", str(path)).split()
    option = words[words.index(out) - 1]
    refused(run(*words), tmp_path, option, out, "cannot be written")
    assert path.read_text() == before


def test_same_output_twice(run, instance, tmp_path):
    """Two outputs cannot share a file."""
    words = ("--out", "made.json", "--bound-out", "./made.json")
    done = run("solve", instance(), *words)
    refused(done, tmp_path, "--bound-out", "made.json")


def test_values_with_line_breaks_stay_on_one_line(run, instance, tmp_path):
    """A value cannot break the one line."""
    document = json.loads(instance().read_text())
    document["format"] = "a\nb"
    path = tmp_path / "two\nlines.json"
    path.write_text(json.dumps(document))
    refused(run("bound", path), tmp_path, "format")


LONG = "x" * 5000


@pytest.mark.parametrize(
    "line",
    [
        "bound {long}",
        "bound {i} --out {long}",
        "solve {i} --warm-start {long}",
        "simulate {i} mc-sf --records {long}.csv",
        "generate --trace {long}",
        "verify {i} {long}",
        "sweep {long}",
        "sweep status {long}",
        "sweep made.toml",
    ],
)
def test_names_too_long_for_the_disk(run, instance, tmp_path, line):
    """A name that no file can have is refused, shortened."""
    (tmp_path / "made.toml").write_text(
        f'name = "s"\n[[run]]\nbound = "area"\n[[instances]]\ntrace = "{LONG}"'
    )
    words = line.replace("{long}", LONG).replace("{i}", str(instance()))
    done = run(*words.split())
    (tmp_path / "made.toml").unlink()
    refused(done, tmp_path, "xxx...")
    assert len(done.err) < 600


@pytest.mark.parametrize(
    "line",
    [
        "bound {}",
        "simulate {} mc-sf",
        "solve {}",
        "verify {}",
        "verify library:online-6 {}",
        "generate --trace {}",
        "sweep {}",
    ],
)
def test_files_without_end(run, tmp_path, line):
    """A device that never ends is refused once enough of it was read."""
    done = run(*line.replace("{}", "/dev/zero").split())
    refused(done, tmp_path, "/dev/zero", "bytes")


@pytest.mark.parametrize(
    "line",
    [
        "simulate {} mc-sf --out made.json",
        "solve {} --out made.json",
        "bound {} --method best --out made.json",
    ],
)
def test_arrivals_at_the_last_round(run, instance, tmp_path, line):
    """Requests at round 10^12, one after the other, are no bad input."""
    path = instance(memory=3, request={"arrival": 10**12})
    document = json.loads(path.read_text())
    document["requests"][1]["arrival"] = 10**12
    path.write_text(json.dumps(document))
    words = line.replace("{}", str(path))
    assert run(*words.split()).status == 0
    assert run("verify", path, "made.json").status == 0
