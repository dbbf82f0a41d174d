"""Time and memory limits hold in every phase, on instances made to break them.

Nothing is asserted about seconds: the limit is tiny, and a phase that did not
look at the clock would run into the timeout of the process.
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from kvopt.check import verify
from kvopt.exact import names, run_bound, solve
from kvopt.exact.milp import model as program
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import count_states
from kvopt.exact.search.levels import levels
from kvopt.model import Instance, SearchParams

SOLVERS = [name for name in names() if name != "auto"]
# Long outputs, many requests, a long wait, a large memory: by what they hurt.
HOSTILE = """
import sys
import numpy as np
from kvopt.check import verify
from kvopt.exact import lower_bound, solve
from kvopt.model import InputError, Instance

many = 2_000
rng = np.random.default_rng(0)
cases = [
    Instance.of(10**6, [(0, 0, 10**6)] * 3),
    Instance.of(10**9, [(0, 0, 5 * 10**8), (0, 1, 7 * 10**8)]),
    Instance.of(10**9, [(0, 10**8, 5), (0, 9 * 10**8, 4)] * 4),
    Instance(
        2000,
        np.zeros(many, np.int64),
        rng.integers(0, 500, many),
        rng.integers(1, 1000, many),
    ),
    Instance.of(6, [(0, 1, 2), (10**9, 1, 3), (10**9, 2, 3), (10**9, 3, 3)]),
]
kind, name = sys.argv[1:]
for instance in cases:
    try:
        if kind == "bound":
            assert lower_bound(instance, name, 0.2).value > 0
            continue
        result = solve(instance, name, 0.2)
    except InputError as error:
        print(str(error).replace(chr(10), "/"))
        continue
    assert verify(instance, result.schedule).ok
    assert 0 < result.lower_bound <= result.objective
print("came back")
"""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("solver", name) for name in SOLVERS),
        ("bound", "lp-cuts"),
        ("bound", "lagrangian"),
    ],
)
def test_hostile_instances_come_back(kind, name):
    """A tiny limit leaves a feasible schedule and a bound, always."""
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, kind, name],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.stdout.endswith("came back\n"), done.stdout + done.stderr


@pytest.mark.parametrize("solver", ["search", "semi-online"])
def test_the_least_memory_is_enough(solver):
    """A sixteenth of a GiB ends with a schedule and a bound, and says why."""
    rng = np.random.default_rng(2)
    rows = [
        (0, int(rng.integers(0, 40)), int(rng.integers(1, 60)))
        for _ in range(24)
    ]
    instance = Instance.of(240, rows)
    result = solve(instance, solver, 3.0, memory_limit=0.0625)
    assert verify(instance, result.schedule).ok
    assert result.certificate.value <= result.lower_bound <= result.objective


def test_a_stopped_session_stops_each_bound(monkeypatch):
    """Methods that take time look at the session before they finish."""
    from kvopt.exact.control.session import Session

    instance = Instance.of(12, [(0, 1, o) for o in (3, 5, 6, 2, 7, 4)])
    monkeypatch.setattr(Session, "over", lambda session: True)
    for method in ("lp", "lp-cuts", "lagrangian"):
        assert run_bound(instance, method).ended == "time limit"


def test_huge_memories_are_not_counted_state_by_state():
    """Few states are counted exactly, and levels are found, at any M."""
    for memory in (40, 300, 10**9):
        for threshold in (memory // 2, memory - 3):
            count = count_states(memory, threshold, 10**6)
            if memory - threshold < 255:
                assert count == 1 + memory - threshold
    huge = Instance.of(10**9, [(0, 9 * 10**8, 4), (0, 5, 10**6)])
    assert levels(Groups(huge), 10**6, 4 << 30, SearchParams()) == []


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_a_tolerance_is_not_an_error(solver, monkeypatch):
    """At large M a schedule that breaks a row by a hair is passed over."""
    sizes = [(0, 10**8, 5), (0, 9 * 10**8, 4), (0, 8 * 10**8, 7)]
    instance = Instance.of(10**9, sizes * 3)
    result = solve(instance, solver, 5.0)
    assert verify(instance, result.schedule).ok
    assert result.lower_bound <= 147 <= result.objective
    assert instance.memory >= program.COARSE
