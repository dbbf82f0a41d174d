"""Speed of simulation: engine, process, planners, growth, token budgets.

Run ``python -m benchmarks.simulate``; it takes some minutes and writes
``benchmarks/results/simulate.csv``. Requests are LMSYS-like (synthetic), the
capacity is 16492. Times are CPU seconds of the best of some repetitions, so
that a busy machine matters little; wall time is beside them. Compiling is
measured apart, in a process with an empty cache.

``growth`` doubles the number of requests at a fixed load, which is arrivals
times mean volume over the capacity (with a clock: over what full iterations
serve); at 1.5 the queue grows without end. There prompt + output is at most
2048, so that the rare giants, which cause storms of cancellations, do not
decide how two sizes compare. ``system_s`` is the part that the operating
system takes, mostly for the ``faults``: pages of fresh memory.

``doubling`` is the quick variant, of about two minutes: every policy at the
load of 0.5, from 125,000 to 250,000 requests and from there to half a million,
the sizes in turn, so that a busy machine slows down all of them.

``budget`` runs 100,000 requests with prompts in chunks, a minute: the fast
engine, and the reference engine where that takes less than a minute.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.provenance import stamp
from kvopt.model import (
    Instance,
    PolicyError,
    Trace,
    write_atomically,
    write_trace,
)
from kvopt.model.serving import PLAIN, ServingRules, serving_spec
from kvopt.policies import names, parse_policy
from kvopt.policies.base import Arrivals
from kvopt.policies.choices import Planned
from kvopt.policies.composed import ComposedPolicy
from kvopt.simulation import fast, simulate
from kvopt.simulation.clocks import PRESETS, UNIT_ROUNDS, AffineClock, Clock
from kvopt.simulation.engine import engine_of
from kvopt.workloads import (
    instance_from_trace,
    lmsys_like_lengths,
    lmsys_like_trace,
    with_interval_predictions,
    with_noisy_predictions,
)

OUT = Path(__file__).parent / "results" / "simulate.csv"
MEMORY = 16_492
PRESET = "llama-2-70b-2xa100"
SIZES = [15_625 * 2**k for k in range(7)]
DOUBLING = (125_000, 250_000, 500_000)
LOADS = (0.5, 1.5)
CLOCKS: dict[str, Clock] = {"unit": UNIT_ROUNDS, PRESET: PRESETS[PRESET]}
COLUMNS = (
    "part",
    "policy",
    "clock",
    "load",
    "requests",
    "cpu_s",
    "system_s",
    "faults",
    "ratio",
    "wall_s",
    "peak_mib",
    "cancelled",
    "note",
    "load_before",
)
Row = dict[str, Any]


def main() -> None:
    """Measure what is asked for and write the table."""
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "compile": compiling,
        "engine": engine,
        "process": process,
        "planners": planners,
        "growth": growth,
        "doubling": doubling,
        "budget": budget,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", default=parts, choices=parts)
    parser.add_argument(
        "--policies",
        nargs="+",
        help="of growth, doubling; other rows stay",
    )
    asked = parser.parse_args()
    for part in (growth, doubling):
        parts[part.__name__] = partial(part, asked.policies)
    fast.warm_up()
    provenance = stamp()
    rows = []
    if OUT.exists():
        with OUT.open() as file:
            old = list(csv.DictReader(file))
        rows = [
            row
            for row in old
            if row["part"] not in asked.parts
            or (asked.policies and row["policy"] not in asked.policies)
        ]
    for part in asked.parts:
        for found in parts[part]():
            load = round(os.getloadavg()[0], 1)
            row = dict.fromkeys(COLUMNS) | found | {"load_before": load}
            rows.append({**row, "part": part, **provenance})
            print(part, *(row[key] for key in COLUMNS[1:]), flush=True)
    with write_atomically(OUT) as new, new.open("w") as file:
        writer = csv.DictWriter(
            file, [*COLUMNS, *provenance], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def child(words: list[str], **env: str) -> Row:
    """Run a process to its end; return CPU and wall seconds, peak memory.

    Its bytecode is written and read, as an installation has it, even where
    PYTHONDONTWRITEBYTECODE is set: else all sources would be compiled anew
    each time. So the first of several runs takes longer than the others.
    """
    bytecode = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": _bytecode_folder().name,
    }
    began = time.perf_counter()
    running = subprocess.Popen(
        words,
        env={**os.environ, **bytecode, **env},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, words
    return {
        "cpu_s": round(used.ru_utime + used.ru_stime, 3),
        "wall_s": round(time.perf_counter() - began, 3),
        "peak_mib": used.ru_maxrss // 1024,
    }


@cache
def _bytecode_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that lives as long as this process."""
    return tempfile.TemporaryDirectory()


def best(rows: list[Row]) -> Row:
    """Return the row of the least CPU time."""
    return min(rows, key=lambda row: row["cpu_s"])


def compiling() -> Iterator[Row]:
    """The first use on a machine, and any later one."""
    code = "from kvopt.simulation import fast; fast.warm_up()"
    words = [sys.executable, "-c", code]
    with tempfile.TemporaryDirectory() as cache:
        for note in ("cache empty", "cache warm"):
            yield {"note": note, **child(words, NUMBA_CACHE_DIR=cache)}


def spent() -> tuple[float, float, int]:
    """Return this process's CPU seconds, user and system, and page faults."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime, used.ru_stime, used.ru_minflt


def timed(
    instance: Instance,
    spec: str,
    clock: Clock,
    repeat: int,
    engine: str = "auto",
    serving: ServingRules = PLAIN,
) -> Row:
    """Simulate several times; return the best, without metrics or files."""
    rows: list[Row] = []
    for _ in range(repeat):
        began, wall = spent(), time.perf_counter()
        try:
            result = simulate(
                instance, spec, engine, clock=clock, serving=serving
            )
        except PolicyError as error:
            return {"note": str(error)[:60]}
        user, system, faults = np.subtract(spent(), began).tolist()
        row = {
            "cpu_s": round(user + system, 4),
            "system_s": round(system, 4),
            "faults": round(faults),
            "wall_s": round(time.perf_counter() - wall, 4),
            "cancelled": int((~result.schedule.completed).sum()),
        }
        rows.append(row)
    return best(rows)


def poisson(
    n: int, clock: Clock, load: float, longest: int = MEMORY
) -> Instance:
    """Return LMSYS-like requests with Poisson arrivals and predictions."""
    rng = np.random.default_rng(0)
    s, o = lmsys_like_lengths(rng, n, longest)
    volume = float(np.mean(s * o + o * (o + 1) // 2))
    rate, seconds = load * MEMORY / volume, None
    if isinstance(clock, AffineClock):
        seconds = 1e-6
        batch = round(MEMORY * float(o.mean()) / volume)
        rate *= 1e12 / clock.iteration(batch, MEMORY)
    instance = instance_from_trace(
        Trace(o, s, source="lmsys-like"),
        MEMORY,
        arrivals="poisson",
        rate=rate,
        round_seconds=seconds,
        rng=rng,
    )
    return predicted(instance, rng)


def at_zero(n: int, longest: int = MEMORY) -> Instance:
    """Return LMSYS-like requests that are all there at 0."""
    rng = np.random.default_rng(0)
    s, o = lmsys_like_lengths(rng, n, longest)
    return predicted(Instance(MEMORY, np.zeros(n, np.int64), s, o), rng)


def predicted(instance: Instance, rng: np.random.Generator) -> Instance:
    """Add points and intervals with an error of a half."""
    intervals = with_interval_predictions(instance, 0.5, rng)
    return with_noisy_predictions(intervals, 0.5, rng)


def engine() -> Iterator[Row]:
    """10,000 requests, 50 a second, MC-SF: the engine alone."""
    trace = lmsys_like_trace(np.random.default_rng(0), 10_000, 50.0)
    for name, clock in CLOCKS.items():
        # A round of the usual length, where no clock says how long it is.
        seconds = 1e-6 if clock.measures else 0.06
        instance = instance_from_trace(trace, MEMORY, round_seconds=seconds)
        row = timed(instance, "mc-sf", clock, 7)
        yield {"policy": "mc-sf", "clock": name, "requests": 10_000, **row}


def process() -> Iterator[Row]:
    """Start, read CSV, simulate, check, write records: 10,000, a million."""
    kvopt = str(Path(sys.executable).parent / "kvopt")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.csv")
        for n, repeat in ((10_000, 5), (1_000_000, 1)):
            rng = np.random.default_rng(0)
            write_trace(lmsys_like_trace(rng, n, 50.0), path)
            for name in CLOCKS:
                words = [kvopt, "simulate", str(path), "mc-sf"]
                words += ["--records", str(Path(folder, "records.csv"))]
                words += (
                    ["--round-seconds", "0.06"]
                    if name == "unit"
                    else ["--clock", name]
                )
                row = best([child(words) for _ in range(repeat)])
                about = {"policy": "mc-sf", "clock": name, "requests": n}
                yield {**about, "note": "kvopt simulate --records", **row}


def planners() -> Iterator[Row]:
    """Policies that plan the whole queue; not those of a linear program."""
    for spec in (
        "sorted-f",
        "sorted-f:selector=quantile-greedy",
        "sorted-f:selector=local-swap",
    ):
        row = timed(at_zero(10_000), spec, UNIT_ROUNDS, 1)
        yield {"policy": spec, "clock": "unit", "requests": 10_000, **row}
    spec = "receding-horizon"
    for load in LOADS:
        instance = poisson(10_000, UNIT_ROUNDS, load)
        row = timed(instance, spec, UNIT_ROUNDS, 1)
        about = {"policy": spec, "clock": "unit", "load": load}
        yield {**about, "requests": 10_000, **row}


def growth(specs: list[str] | None = None) -> Iterator[Row]:
    """Doubling the requests at a fixed load, every policy of the engine."""
    for name, clock in CLOCKS.items():
        for spec in specs or every_fast():
            online = parse_policy(spec).info.arrivals is Arrivals.ONLINE
            for load in LOADS if online else (None,):
                before = None
                for n in SIZES:
                    instance = (
                        at_zero(n, 2048)
                        if load is None
                        else poisson(n, clock, load, 2048)
                    )
                    row = timed(instance, spec, clock, 3 if n < 200_000 else 2)
                    seconds = row.get("cpu_s")
                    if before and seconds:
                        row["ratio"] = round(seconds / before, 2)
                    about = {"policy": spec, "clock": name, "load": load}
                    yield {**about, "requests": n, **row}
                    before = seconds
                    if not seconds or seconds > 10:
                        break


def doubling(specs: list[str] | None = None) -> Iterator[Row]:
    """Two doublings at half the load, sizes in turn."""
    for name, clock in CLOCKS.items():
        instances = [poisson(n, clock, LOADS[0], 2048) for n in DOUBLING]
        for spec in specs or every_fast():
            if parse_policy(spec).info.arrivals is not Arrivals.ONLINE:
                continue
            turns = [
                [timed(instance, spec, clock, 1) for instance in instances]
                for _ in range(5)
            ]
            before = None
            for n, *rows in zip(DOUBLING, *turns, strict=True):
                about = {"policy": spec, "clock": name, "load": LOADS[0]}
                if "note" in rows[0]:
                    yield {**about, "requests": n, **rows[0]}
                    break
                row = best(rows)
                if before:
                    row["ratio"] = round(row["cpu_s"] / before, 2)
                yield {**about, "requests": n, **row}
                before = row["cpu_s"]


def budget() -> Iterator[Row]:
    """100,000 requests, 50 a second, 512 tokens an iteration."""
    trace = lmsys_like_trace(np.random.default_rng(0), 100_000, 50.0)
    instance = instance_from_trace(trace, MEMORY, round_seconds=1e-6)
    for rules in (
        ServingRules(budget=512),
        ServingRules(block=16, budget=512, restart="recompute"),
    ):
        for spec, engines in (
            ("mc-sf", ("fast",)),
            ("fcfs", ("fast", "reference")),
            ("vllm-like", ("fast", "reference")),
        ):
            for name in engines:
                repeat = 3 if name == "fast" else 1
                row = timed(
                    instance, spec, PRESETS[PRESET], repeat, name, rules
                )
                note = f"{name} engine, {serving_spec(rules)}"
                about = {"policy": spec, "clock": PRESET, "note": note}
                yield {**about, "requests": 100_000, **row}


def every_fast() -> list[str]:
    """Return the policies whose cost is the engine's own."""
    return [*filter(_grows, names()), "mc-sf:misfit=skip"]


def _grows(spec: str) -> bool:
    """Whether the engine's own cost is what a policy takes."""
    policy = parse_policy(spec)
    if not isinstance(policy, ComposedPolicy) or engine_of(policy) != "fast":
        return False
    return not isinstance(policy.composition.order, Planned)


if __name__ == "__main__":
    main()
