"""Do two states of the code give the same objectives, bounds and schedules?

    python -m benchmarks.same_results write after.json
    git archive COMMIT | tar -x -C before
    PYTHONPATH=before python benchmarks/same_results.py write before.json
    python -m benchmarks.same_results compare before.json after.json

``write`` runs every policy, bound and solver of the kvopt that it imports on
random instances. Solvers get one thread and no time limit, so nothing depends
on how fast the machine is. Only functions that kvopt exports are called: the
script runs on the code of older commits too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kvopt import (
    InputError,
    Instance,
    KvoptError,
    Predictions,
    Schedule,
    lower_bound,
    simulate,
    solve,
)
from kvopt.exact.bounds import METHODS
from kvopt.exact.registry import names as solver_names
from kvopt.policies.registry import names as policy_names
from kvopt.sweep.versions import fingerprint

__all__ = ["Rows", "compared", "drawn", "main", "results"]

# What one run gave, by what was run: "seed/kind/name".
Rows = Mapping[str, Any]

# Larger ones would take brute force minutes.
MEMORY = (8, 22)
REQUESTS = (3, 9)
REFUSED = "refused"


def drawn(seed: int) -> Instance:
    """Return a random instance.

    Parameters
    ----------
    seed
        Odd ones have every request at round 0 and predictions of lengths; of
        six in a row, two have few types and two equal prompts.
    """
    rng = np.random.default_rng(seed)
    memory = int(rng.integers(*MEMORY, endpoint=True))
    n = int(rng.integers(*REQUESTS, endpoint=True))
    types = 2 if seed % 6 < 2 else n
    prompt = rng.integers(0, memory // 3, types)
    if seed % 6 in (2, 3):
        prompt[:] = prompt[0]
    output = rng.integers(1, memory // 2, types)
    kind = rng.integers(0, types, n) if types < n else np.arange(n)
    prompt, output = prompt[kind], output[kind]
    if not seed % 2:
        arrival = np.sort(rng.integers(0, n, n, endpoint=True))
        return Instance(memory, arrival, prompt, output)
    longest = memory - int(prompt.max())
    lower, upper = np.ones(n, np.int64), np.full(n, longest)
    point = rng.integers(output, longest, endpoint=True)
    told = Predictions(lower, upper, point)
    return Instance(memory, np.zeros(n, np.int64), prompt, output, told)


def _digest(schedule: Schedule) -> str:
    runs = sorted(
        (r.request, r.start, r.stop, r.completed) for r in schedule.runs
    )
    return hashlib.sha256(json.dumps(runs).encode()).hexdigest()[:16]


def _simulated(instance: Instance, policy: str) -> list[Any]:
    schedule = simulate(instance, policy, seed=0).schedule
    return [schedule.total_latency(instance), _digest(schedule)]


def _bounded(instance: Instance, method: str) -> list[Any]:
    return [lower_bound(instance, method).value]


def _solved(instance: Instance, solver: str) -> list[Any]:
    found = solve(instance, solver, workers=1, seed=0)
    return [
        str(found.status),
        found.objective,
        found.lower_bound,
        _digest(found.schedule),
    ]


_KINDS: Mapping[str, Callable[[Instance, str], list[Any]]] = {
    "policy": _simulated,
    "bound": _bounded,
    "solver": _solved,
}


def _all_names() -> Iterator[tuple[str, str]]:
    yield from (("policy", name) for name in policy_names())
    yield from (("bound", name) for name in METHODS)
    yield from (("solver", name) for name in solver_names())


def results(seed: int, chosen: frozenset[str] = frozenset()) -> Rows:
    """Run everything on one instance.

    Parameters
    ----------
    seed
        Of :func:`drawn`.
    chosen
        Names of policies, bounds and solvers; empty for all.

    Returns
    -------
    Rows
        The instance's hash and what each gave, or ``"refused"`` where it does
        not take the instance; how that is worded may change.
    """
    instance = drawn(seed)
    rows: dict[str, Any] = {f"{seed}/instance/hash": instance.hash}
    for kind, name in _all_names():
        if chosen and name not in chosen:
            continue
        try:
            row: Any = _KINDS[kind](instance, name)
        except KvoptError:
            row = REFUSED
        rows[f"{seed}/{kind}/{name}"] = row
    return rows


def compared(before: Rows, after: Rows) -> tuple[list[str], int]:
    """Compare what two states of the code gave.

    Parameters
    ----------
    before, after
        Rows of :func:`results`.

    Returns
    -------
    lines : list of str
        For each policy, bound and solver how many rows are equal, differ in
        the schedule alone or in a value, were refused by both, and are in
        one of the two only; then each row that differs.
    different : int
        Rows of both that differ in the schedule or a value.
    """
    counts: dict[str, Counter[str]] = {}
    changed = []
    for key in sorted({*before, *after}):
        count = counts.setdefault(key.partition("/")[2], Counter())
        if key not in after or key not in before:
            count["before only" if key in before else "after only"] += 1
        elif before[key] != after[key]:
            count[_difference(before[key], after[key])] += 1
            changed.append(f"{key}: {before[key]} -> {after[key]}")
        else:
            count["refused" if before[key] == REFUSED else "equal"] += 1
    columns = ["equal", "schedule", "value", "refused"]
    columns += ["before only", "after only"]
    lines = [f"{'':28}" + "".join(f"{c:>13}" for c in columns)]
    lines += [
        f"{name:28}" + "".join(f"{count[c]:>13}" for c in columns)
        for name, count in sorted(counts.items())
    ]
    return lines + changed, len(changed)


def _difference(before: Any, after: Any) -> str:
    # A schedule's digest is the last of a row.
    values = REFUSED not in (before, after) and before[:-1] == after[:-1]
    return "schedule" if values and len(before) > 1 else "value"


def _read(path: Path) -> Rows:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"is no file of results: {error}", field="file", value=str(path)
        ) from None
    if not isinstance(rows, dict):
        raise InputError("rows is no object", field="file", value=str(path))
    return rows


def _write(out: Path, instances: int, only: frozenset[str]) -> None:
    known = {name for _, name in _all_names()}
    for name in sorted(only - known):
        raise InputError("is unknown", field="only", value=name)
    try:
        out.touch()
    except OSError as error:
        raise InputError(
            f"cannot be written: {error}", field="out", value=str(out)
        ) from None
    rows: dict[str, Any] = {}
    for seed in range(instances):
        rows.update(results(seed, only))
    document = {"code": fingerprint(("kvopt",)), "rows": rows}
    text = json.dumps(document, indent=0, sort_keys=True)
    out.write_text(text + "\n", encoding="utf-8")
    print(f"{len(rows)} rows of kvopt {document['code']} in {out}")


def main(arguments: list[str] | None = None) -> int:
    """Write or compare; return 1 if a row differs, 2 for bad input."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="run everything")
    write.add_argument("out", type=Path)
    write.add_argument("--instances", type=int, default=200)
    write.add_argument("--only", nargs="+", default=[], metavar="NAME")
    compare = commands.add_parser("compare", help="two files of write")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    given = parser.parse_args(arguments)
    try:
        if given.command == "write":
            _write(given.out, given.instances, frozenset(given.only))
            return 0
        lines, different = compared(_read(given.before), _read(given.after))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
