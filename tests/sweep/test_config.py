"""Configurations: what they mean, and what is refused, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvopt import InputError, Instance, save_instance
from kvopt.sweep import SweepPlan, read_plan
from kvopt.sweep.kinds.solve import SOLVE
from tests.sweep.helpers import ROOT

INSTANCES = """
[[instances]]
generator = "model-1"
params = { memory = "10", prompt = "1..3", requests = "5" }
"""
RUN = """
[[run]]
policy = "mc-sf"
"""


def _plan(folder: Path, text: str) -> SweepPlan:
    path = folder / "sweep.toml"
    path.write_text(text)
    return read_plan(path)


def _columns(plan: SweepPlan, *names: str) -> set[tuple]:
    rows = [task.columns() for task in plan.tasks]
    return {tuple(row.get(name) for name in names) for row in rows}


def test_lists_are_grids(tmp_path: Path) -> None:
    """Instances times parameters times seeds times what is run."""
    plan = _plan(
        tmp_path,
        """
        name = "grid"
        limits = { seconds = 90, memory = "1.5 GB" }
        [[instances]]
        generator = "model-1"
        seeds = "3..5"
        params = { memory = ["10", 12], prompt = "1..3", requests = 5 }
        [[run]]
        policy = ["mc-sf", "alpha-greedy:alpha=0.1"]
        engine = ["fast", "reference"]
        seeds = [0, 7]
        [[run]]
        policy = "alpha-beta-clearing"
        params = { alpha = [0.1, 0.3], beta = 0.4 }
        [[run]]
        solver = "brute-force"
        time_limit = [1, 2.5]
        """,
    )
    assert plan.name == "grid"
    assert plan.limits.seconds == 90
    assert plan.limits.memory == 1_500_000_000
    assert len(plan.tasks) == 6 * (8 + 2 + 2)
    assert _columns(plan, "instance.seed", "instance.memory") == {
        (seed, memory) for seed in (3, 4, 5) for memory in ("10", "12")
    }
    assert _columns(plan, "subject", "engine", "seed", "time_limit") == {
        *(
            (policy, engine, seed, None)
            for policy in ("mc-sf", "alpha-greedy:alpha=0.1")
            for engine in ("fast", "reference")
            for seed in (0, 7)
        ),
        ("alpha-beta-clearing:alpha=0.1,beta=0.4", "auto", 0, None),
        ("alpha-beta-clearing:alpha=0.3,beta=0.4", "auto", 0, None),
        ("brute-force", None, 0, 1.0),
        ("brute-force", None, 0, 2.5),
    }


def test_params_of_the_search_are_a_grid_of_columns(tmp_path: Path) -> None:
    """Each given field is a column, and the task runs with it."""
    plan = _plan(
        tmp_path,
        """
        name = "params"
        [[instances]]
        library = "online-6"
        [[run]]
        solver = "search"
        params = { beam = [10, 20], models = 1, lns_sizes = [[[2, 3]]] }
        """,
    )
    names = ("params.beam", "params.models", "params.lns_sizes")
    rows = [task.columns() for task in plan.tasks]
    assert [[row[name] for name in names] for row in rows] == [
        [10, 1.0, [[2, 3]]],
        [20, 1.0, [[2, 3]]],
    ]
    assert len({task.key for task in plan.tasks}) == 2
    task = plan.tasks[0]
    instance = task.source.instance
    result, _ = SOLVE.run(instance, "search", task.parameters, 0)
    assert result["status"] == "OPTIMAL"


def test_files_traces_and_the_library(tmp_path: Path) -> None:
    """Paths are relative to the configuration; contents make the key."""
    (tmp_path / "in").mkdir()
    for memory in (10, 11):
        instance = Instance.of(memory, [(0, 1, 2)])
        save_instance(instance, tmp_path / "in" / f"{memory}.json")
    trace = tmp_path / "trace.csv"
    trace.write_text("arrival_s,prompt_tokens,output_tokens\n0,3,4\n1,5,6\n")
    text = """
        name = "files"
        [[instances]]
        files = "in/*.json"
        [[instances]]
        trace = "trace.csv"
        params = { memory = 100, round_seconds = 0.1 }
        [[instances]]
        library = "*"
    """
    plan = _plan(tmp_path, text + RUN)
    files = {name for (name,) in _columns(plan, "instance.file") if name}
    assert files == {"in/10.json", "in/11.json"}
    traces = {
        task.source.hash: task.source.recipe
        for task in plan.tasks
        if task.columns().get("instance.generator") == "trace trace.csv"
    }
    (recipe,) = traces.values()
    assert recipe["document"]["requests"][1]["arrival"] == 10
    assert ("online-6",) in _columns(plan, "instance.library")

    trace.write_text("arrival_s,prompt_tokens,output_tokens\n0,3,4\n1,5,7\n")
    edited = _plan(tmp_path, text + RUN)
    changed = {t.key for t in plan.tasks} - {t.key for t in edited.tasks}
    assert len(changed) == 1


def test_equal_tasks_are_one(tmp_path: Path) -> None:
    """A task that two sections ask for is planned once, with its labels."""
    once = _plan(tmp_path, 'name = "x"\n' + INSTANCES + RUN)
    twice = _plan(tmp_path, 'name = "x"\n' + 2 * INSTANCES + 2 * RUN)
    assert [t.key for t in once.tasks] == [t.key for t in twice.tasks]


def test_the_example_is_valid() -> None:
    """The configuration in docs/examples can be read."""
    folder = ROOT / "docs" / "examples"
    plan = read_plan(folder / "policies-against-optimum.toml")
    assert len(plan.tasks) == 189


BAD = [
    ("name = 1", "name = 1: must be text"),
    ("", "name = None: must be text"),
    ('name = "x"\nsped = 1', "sped = 1: unknown key; known are name, limits"),
    ('name = "x"', "instances = None: needs at least one"),
    ("name =", "is not valid TOML"),
    ("[limits]\nhours = 1", "limits.hours = 1: unknown key"),
    ("[limits]\nseconds = 0", "limits.seconds = 0: must be positive"),
    ('[limits]\nseconds = "1"', "limits.seconds = '1': must be a number"),
    ("[limits]\nmemory = 7", "limits.memory = 7: must be text such as"),
    ('[limits]\nmemory = "x GB"', "limits.memory = 'x GB': must be text"),
    ('[limits]\nmemory = "9 MB"', "limits.memory = 9000000: must be at least"),
    ("[[instances]]", "instances[0] = {}: needs exactly one of generator"),
    (
        '[[instances]]\ngenerator = "modle"',
        "instances[0].generator = 'modle': unknown generator; known",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nparams = { memry = 1 }',
        "instances[0].params.memry = 1: unknown key; known are memory, prompt",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nparams = { memory = "x" }',
        "instances[0].params.memory = 'x': must be a range",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nseeds = "0-9"',
        "instances[0].seeds = '0-9': must be a number, a list",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nseeds = "0..99999999999"',
        "instances[0].seeds = 99999999999: must be at least 0 and at most",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nseeds = "0..2000000000"',
        "instances[0].seeds = '0..2000000000': more than 1,000,000 seeds",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nseeds = "\u0660..\u0663"',
        "must be a number, a list of numbers, or text",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nparams = {memory = []}',
        "instances[0].params.memory = []: has no value",
    ),
    (
        '[[instances]]\nfiles = "a\\u0000b"',
        "instances[0].files = 'a\\x00b': no such file",
    ),
    (
        f"a = {'[' * 5000}",
        "is not valid TOML: nested too deep",
    ),
    (
        f"seconds = {'9' * 5000}",
        "is not valid TOML: Exceeds the limit",
    ),
    (
        f"name = 0x{'f' * 5000}",
        "name = (a value of type int): must be text",
    ),
    (
        '[[instances]]\ngenerator = "model-1"\nseeds = [-1]',
        "instances[0].seeds = -1: must be at least 0",
    ),
    (
        '[[instances]]\nfiles = "nix/*.json"',
        "instances[0].files = 'nix/*.json': no such file in",
    ),
    (
        '[[instances]]\nfiles = "sweep.toml"',
        "sweep.toml: not valid JSON",
    ),
    (
        '[[instances]]\ntrace = "nix.csv"',
        "instances[0].trace = 'nix.csv': no such file in",
    ),
    (
        '[[instances]]\nlibrary = "nix"',
        "instances[0].library = 'nix': unknown example; known are",
    ),
    (
        '[[instances]]\nlibrary = "online-6"\nseeds = 1',
        "instances[0].seeds = 1: unknown key; known are library",
    ),
    ("[[run]]", "run[0] = {}: needs exactly one of policy, solver, bound"),
    ("[run]", "run = {}: needs at least one [[run]]"),
    (
        '[[run]]\npolicy = "mc-fs"',
        "run[0].policy = 'mc-fs': unknown policy; known are mc-sf",
    ),
    (
        '[[run]]\npolicy = "mc-sf:x=1"',
        "run[0].policy.x = 1.0: unknown parameter of mc-sf",
    ),
    (
        '[[run]]\npolicy = "mc-sf"\nengin = 1',
        "run[0].engin = 1: unknown parameter of policy runs; known are eng",
    ),
    (
        '[[run]]\nsolver = ["cbc", "gurobi"]',
        "run[0].solver = 'gurobi': unknown solver; known are",
    ),
    (
        '[[run]]\nsolver = "cbc"\ntime_limit = "1 s"',
        "run[0].time_limit = '1 s': must be a positive number",
    ),
    (
        f'[[run]]\nsolver = "cbc"\ntime_limit = 0x{"f" * 999}',
        "must be a positive number of seconds, at most 1,000,000,000",
    ),
    (
        f"[limits]\nseconds = 0x{'f' * 999}",
        "must be positive, and at most 1,000,000,000",
    ),
    (
        '[[run]]\nsolver = "cbc"\ntime_limit = 601',
        "limits.seconds = 600.0: must be above the solver's time_limit",
    ),
    ("[[run]]\nbound = 1", "run[0].bound = 1: must be text or a list"),
    (
        '[[run]]\nbound = "area"\nparams = { beam = 1 }',
        "run[0].params.beam = 1: unknown parameter of bounds",
    ),
    (
        '[[run]]\nsolver = "search"\nparams = { beem = 1 }',
        "run[0].params.beem = 1: unknown search parameter; did you mean beam",
    ),
    (
        '[[run]]\nsolver = "search"\nparams = { beam = [5, "6"] }',
        "run[0].params.beam = '6': must be an integer",
    ),
    (
        '[[run]]\nsolver = "brute-force"\nparams = { beam = 5 }',
        "run[0].params = {'beam': 5}: brute-force has no search parameters",
    ),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_bad_configurations(tmp_path: Path, text: str, words: str) -> None:
    """One line with the file, the field, the value and what is known."""
    if text not in ("", "name =", "name = 1", 'name = "x"'):
        head = "" if text.startswith("name") else 'name = "x"\n'
        text = head + text + "\n"
        text += "" if "[[instances]]" in text else INSTANCES
        text += "" if "run]" in text else RUN
    with pytest.raises(InputError) as caught:
        _plan(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'sweep.toml'}: ")
    assert words in message
    assert "\n" not in message


def test_a_solver_that_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing package is named before anything is computed."""
    from kvopt.exact import info

    monkeypatch.setattr(
        info.util,
        "find_spec",
        lambda name: None if name == "highspy" else object(),
    )
    run = '[[run]]\nsolver = "highs"\n'
    with pytest.raises(InputError, match="highspy"):
        _plan(tmp_path, 'name = "x"\n' + INSTANCES + run)
