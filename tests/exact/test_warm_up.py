"""Warming up compiles all that a backend or a bound calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from kvopt.adversary.exhaustive import Space, worst_ratios
from kvopt.adversary.search.references import (
    ReferenceParams, quickly_bounded, solved
)
from kvopt.exact import lower_bound, solve
from kvopt.cli.ahead import units
from kvopt.model import Instance
from kvopt.policies import parse_policy

name = sys.argv[1]

def compiled():
    return {
        (module, key): len(function.signatures)
        for module in [m for m in sys.modules if m.startswith("kvopt.")]
        for key, function in vars(sys.modules[module]).items()
        if isinstance(function, Dispatcher)
        and not module.startswith("kvopt.policies")
    }

def drawn(rng):
    # Few types at least, so that each part has something to do.
    memory = int(rng.choice([12, 24, 40, 300]))
    kinds = int(rng.integers(1, 6))
    prompt = rng.integers(0, memory // 4, kinds)
    output = rng.integers(1, min(14, memory // 2), kinds)
    kind = rng.integers(0, kinds, int(rng.integers(8, 30)))
    zeros = np.zeros(kind.size, np.int64)
    return Instance(memory, zeros, prompt[kind], output[kind])

units()[name]()
before = compiled()
# What is loaded from the cache brings no signatures of what it calls.
assert sum(before.values()) >= 3
rng = np.random.default_rng(4)
for k in range(12):
    instance = drawn(rng)
    if name == "adversary":
        small = Instance.of(instance.memory, list(instance)[:7])
        bound = quickly_bounded(small)
        solved(small, 10**6, bound, ReferenceParams(), 600)
    elif name == "exhaustive":
        names = ("svf", "sorted-f", "gba", "gsa-spec", "two-point-rule")
        policies = [parse_policy(p) for p in names]
        n = int(rng.integers(1, 4))
        worst_ratios(policies, Space(n, 3, bool(k % 2)))
    elif name == "lagrangian bound":
        if instance.memory < 300:
            lower_bound(instance, "lagrangian", 1.0)
    else:
        solve(instance, name, 1.0, memory_limit=float(rng.choice([0.07, 1])))
after = compiled()
print({k: n for k, n in after.items() if n > before.get(k, 0)})
"""


@pytest.mark.parametrize(
    "unit",
    [
        "search",
        "semi-online",
        "lagrangian bound",
        "adversary",
        "exhaustive",
    ],
)
def test_nothing_is_compiled_after_the_warm_up(unit):
    """Solving random instances adds no signature to any compiled function."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, unit], capture_output=True, text=True
    )
    assert done.stdout == "{}\n", done.stdout + done.stderr
