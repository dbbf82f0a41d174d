"""The independent checker: alone, against kvopt, and against mutations."""

import ast
import hashlib
import json
import random
import shutil
import subprocess
import sys
from math import inf

import pytest

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem, Task
from kvopt.check.methods import METHODS
from proofs_check.checker import check_document, check_folder, rules
from proofs_check.checker.bounds import check_bound
from proofs_check.checker.files import read_instance
from proofs_check.checker.rules import RejectedError, Request, least_latency
from proofs_check.ledger import WITNESSES
from proofs_check.tools.instance import Instance
from proofs_check.tools.instance import Request as Plain
from proofs_check.tools.optimum import optimum

CHECKER = WITNESSES.parent / "checker"


def code_lines(path):
    """Return the number of lines that are no blanks, comments or docs."""
    text = path.read_text("utf-8")
    docs = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    return sum(
        bool(line.strip())
        and not line.strip().startswith("#")
        and number not in docs
        for number, line in enumerate(text.splitlines(), 1)
    )


def test_alone_it_verifies_everything(tmp_path):
    """Checker and witnesses alone in a directory are enough for plain Python.

    No package is installed there: ``-I`` leaves out everything but the
    standard library and what the directory has.
    """
    shutil.copytree(
        CHECKER,
        tmp_path / "checker",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copytree(WITNESSES, tmp_path / "witnesses")
    code = (
        "import runpy, sys; sys.path.insert(0, '.'); "
        "sys.argv = ['checker', 'witnesses']; "
        "runpy.run_module('checker', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(list(WITNESSES.glob("*.json"))) - 1
    assert f"{count} files verified, 0 faults" in done.stdout


def test_it_stays_small():
    """The checker has fewer than 600 lines that are not documentation."""
    assert sum(map(code_lines, CHECKER.glob("*.py"))) < 600


def random_problem(rng):
    """Return the same random instance in three forms."""
    memory = rng.randint(3, 12)
    rows = []
    for _ in range(rng.randint(1, 5)):
        o = rng.randint(1, memory)
        rows.append((rng.randint(0, 4), rng.randint(0, memory - o), o))
    rows.sort()
    problem = Problem(memory, tuple(Task(*row) for row in rows), "")
    return problem, [Request(*row) for row in rows], rows


@pytest.mark.parametrize(
    "method", ["trivial", "area", "mean-busy-time", "lp-dual", "lagrangian"]
)
def test_bounds_are_those_of_the_other_checker(method):
    """Both checkers derive the same bound, and refuse one unit more."""
    rng = random.Random(method)
    for _ in range(60):
        problem, requests, rows = random_problem(rng)
        data = {}
        if method == "lp-dual":
            rounds = rng.sample(range(1, 12), 3)
            data = {
                "scale": 4,
                "memory": [[t, rng.randint(0, 3)] for t in rounds],
                "levels": [
                    [rng.randint(1, 3), t, rng.randint(0, 4)] for t in rounds
                ],
            }
        if method == "lagrangian":
            horizon = 4 + sum(o for _, _, o in rows)
            data = {
                "scale": 3,
                "threshold": rng.randint(0, 2),
                "horizon": horizon,
                "width": rng.randint(1, 4),
                "multipliers": [
                    rng.randint(0, 3 * (horizon + 1 - a)) for a, _, _ in rows
                ],
                "prices": [],
            }
            data["prices"] = [
                [b, e, rng.randint(-4, 4)]
                for b in range(horizon // data["width"] + 1)
                for e in range(data["threshold"], problem.memory)
                if rng.random() < 0.3
            ]
        bound = METHODS[method](problem, data, Budget())
        if bound < 0:
            continue
        stated = {"method": method, "data": data, "value": bound}
        assert check_bound(problem.memory, requests, stated) == bound
        stated["value"] = bound + 1
        with pytest.raises(RejectedError):
            check_bound(problem.memory, requests, stated)


def test_least_latency_is_the_optimum():
    """Two exact searches with nothing in common agree, with arrivals."""
    rng = random.Random(7)
    for _ in range(120):
        problem, requests, rows = random_problem(rng)
        instance = Instance(problem.memory, tuple(Plain(*row) for row in rows))
        assert least_latency(problem.memory, requests, 0) == optimum(instance)


def numbers(value, path=()):
    """Yield the place of every integer in a document."""
    if isinstance(value, dict):
        for key in value:
            yield from numbers(value[key], (*path, key))
    elif isinstance(value, list):
        for key, item in enumerate(value):
            yield from numbers(item, (*path, key))
    elif type(value) is int:
        yield path


def changed(document, path, by):
    """Return the document with one number changed."""
    copy = json.loads(json.dumps(document))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] += by
    return copy


@pytest.mark.parametrize("name", sorted(p.name for p in WITNESSES.glob("*")))
def test_any_number_changed_is_a_fault(name, tmp_path):
    """The manifest notices every number of a file, whatever it means."""
    if name == "manifest.json":
        return
    document = json.loads((WITNESSES / name).read_text("utf-8"))
    rng = random.Random(name)
    places = list(numbers(document))
    hashed = hashlib.sha256((WITNESSES / name).read_bytes()).hexdigest()
    manifest = json.dumps({name: hashed})
    (tmp_path / "manifest.json").write_text(manifest)
    for place in rng.sample(places, min(3, len(places))):
        text = json.dumps(changed(document, place, rng.choice((-1, 1))))
        (tmp_path / name).write_text(text)
        first = check_folder(tmp_path, set())[1][0]
        assert first == f"{name}: not the file of the manifest"


def test_a_number_that_matters_is_noticed_without_the_manifest():
    """Costs, starts, sizes: each change of a small witness is rejected.

    Only the name of a request's run can be exchanged with an equal one.
    """
    document = json.loads((WITNESSES / "semi_online_2.json").read_text())
    kept = rejected = 0
    for place in numbers(document):
        for by in (-1, 1):
            try:
                check_document(changed(document, place, by), {})
                kept += 1
            except RejectedError:
                rejected += 1
    assert kept == 0
    assert rejected > 60


def test_formats_of_another_version_are_said(tmp_path):
    """A file of an unknown version is named, and the others are verified."""
    for k, version in enumerate(("1", "2")):
        text = (WITNESSES / f"semi_online_{k + 1}.json").read_text("utf-8")
        text = text.replace("kvopt-witness/1", f"kvopt-witness/{version}")
        (tmp_path / f"{k}.json").write_text(text)
    manifest = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in tmp_path.glob("*.json")
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    facts, faults = check_folder(tmp_path)
    assert list(facts) == ["0.json"]
    assert faults == ["1.json: format 'kvopt-witness/2'"]


def test_a_missing_or_extra_file_is_a_fault(tmp_path):
    """Deleting a witness is noticed, and so is one that nobody signed."""
    (tmp_path / "manifest.json").write_text('{"gone.json": "00"}')
    (tmp_path / "new.json").write_text("{}")
    assert check_folder(tmp_path)[1] == [
        "new.json: not in the manifest",
        "gone.json: missing",
    ]


HOSTILE = {
    "a request of a billion rounds": {
        "format": "kvopt-witness/1",
        "instance": {
            "format": "kvopt-instance/1",
            "memory": 10**9,
            "requests": [{"arrival": 0, "prompt": 0, "output": 10**9}],
        },
        "algorithm_schedule": {"runs": "one"},
    },
    "a release of a billion requests": {
        "format": "kvopt-game/1",
        "game": "clairvoyant",
        "memory": 10,
        "types": [[0, 1]],
        "ratio": [1, 1],
        "requests": 10**9,
        "horizon": 0,
        "nodes": [{"release": [10**9], "next": []}],
    },
    "many completions": {
        "format": "kvopt-game/1",
        "game": "randomised",
        "memory": 40,
        "types": [[s, 1] for s in range(12)],
        "ratio": [1, 1],
        "instances": [
            {
                "weight": 1,
                "released": [[0, [6] * 12]],
                "offline": [[k, k // 6] for k in range(72)],
            }
        ],
    },
    "many rests": {
        "format": "kvopt-game/1",
        "game": "restarts",
        "memory": 100,
        "prompt": 0,
        "lengths": [9],
        "ratio": [1, 1],
        "requests": 20,
        "nodes": [
            {
                "outputs": [9] * 20,
                "offline": [[9 * k, 0] for k in range(20)],
            }
        ],
    },
    "long products": {
        "format": "kvopt-identity/1",
        "products": [[[1] * 100_000] * 2],
        "polynomial": [],
        "identity": "",
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_takes_too_long_is_rejected(monkeypatch, name):
    """A file of some kilobytes ends in one line that says why."""
    monkeypatch.setattr(rules, "STEPS", 20_000)
    document = dict(HOSTILE[name])
    if "instance" in document:
        _, _, hashed = read_instance(document["instance"])
        run = {"request": 0, "start": 0, "stop": 10**9, "completed": True}
        runs = {"instance": hashed, "runs": [run]}
        document["algorithm_schedule"] = runs
    with pytest.raises(RejectedError, match="more than 20,000 steps"):
        check_document(document, {})
    assert rules.LEFT[0] == inf
