"""What kvopt and Vidur say of the same requests: fit and comparison.

    python -m benchmarks.vidur --folder FOLDER           # the table
    python -m benchmarks.vidur --folder FOLDER --fit     # and the fit
    python -m benchmarks.vidur --folder FOLDER --across  # and other loads

``FOLDER`` holds Vidur's answers, request by request, on two loads of 10,000
requests (its commit and its settings are in the folder's README). For each
load, ``vllm-like`` with the clock ``llama-2-70b-2xa100``, and
``vllm-watermark`` with prompts computed alone, blocks of 16 tokens and
restarts that compute kept tokens as a prompt, run on the same arrivals,
prompts, outputs and memory; every schedule is checked.

The fit chooses two numbers of the clock, ``prefill`` and ``free``, on the
first 2,000 requests of either load alone: the least sum of squared relative
errors of mean, P50, P95 and end over two grids, a fine one around the best
of a coarse one. The other numbers are those of
the published formula. The table is of the other 8,000 requests of each load,
which the fit has not seen.

``--across`` asks how far a fit goes beyond the load that it was made on. On
one load alone, its first 2,000 requests and all of them, are fitted the same
two numbers; or one, the ``floor`` of the time that prompts take, and the
published formula has the rest. Each is tried on all requests of the other
load, both ways; and so is that formula without any fit. The floor also with
the rule of Vidur's block manager that a block has to be free before a running
request makes a token, ``spare=1``. Writes
``benchmarks/results/vidur.csv`` (``across`` has its own file); takes seconds,
some minutes with the fit or ``--across``.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.provenance import stamp
from kvopt.check.gate import verified
from kvopt.model import InputError, Instance, write_atomically
from kvopt.model.serving import PLAIN, ServingRules, serving_spec
from kvopt.simulation import simulate
from kvopt.simulation.clocks import PRESETS, AffineClock, clock_spec

RESULTS = Path(__file__).parent / "results"
OUT, ACROSS = RESULTS / "vidur.csv", RESULTS / "vidur_across.csv"
BLOCK = 16
NUMBERS = ("mean", "p50", "p95", "end")
# The loads and their memory in tokens, as Vidur's replica had it.
LOADS = {"lmsys_like_50qps": 1_030 * BLOCK, "azure_conv_short": 8_192 * BLOCK}
# The fit sees so many requests of each load, the table the others.
SEEN = 2_000
# Memory as its block manager hands it out, and restarts as it makes them.
SERVER = ServingRules(block=BLOCK, restart="recompute")
OLD, NEW = "llama-2-70b-2xa100", "llama-2-70b-2xa100-vidur"
POLICY, SPARE = "vllm-watermark", "vllm-watermark:spare=1"
# The published formula, with prompts computed alone.
PUBLISHED = replace(PRESETS[OLD], alone=True)
# Microseconds a prompt token beyond the free ones, and how many are free:
# first a coarse grid, then a fine one around the best of it.
COARSE = [
    (prefill, free)
    for prefill in range(310, 400, 15)
    for free in range(10, 160, 25)
]
FINE = [
    (prefill, free)
    for prefill in (-10, -5, 0, 5, 10)
    for free in range(-20, 21, 5)
]
# Milliseconds that prompts take at least.
FLOORS = range(0, 41, 2)


@dataclass(frozen=True)
class Load:
    """Requests, and what Vidur says of them.

    Parameters
    ----------
    instance
        The requests; arrivals in microseconds.
    latency
        End-to-end latency of each, in seconds, shape ``(n,)``.
    restarts
        Restarts of all of them.
    """

    instance: Instance
    latency: NDArray[np.float64]
    restarts: int


@dataclass(frozen=True)
class Answer:
    """What a simulator says of some requests of a load.

    Parameters
    ----------
    arrival, latency
        Of each request, in seconds.
    restarts
        Of all requests of the load.
    """

    arrival: NDArray[np.float64]
    latency: NDArray[np.float64]
    restarts: int

    def of(self, part: slice) -> Answer:
        """Return the answer for some of the requests."""
        return Answer(self.arrival[part], self.latency[part], self.restarts)

    def numbers(self) -> dict[str, float]:
        """Return mean, P50 and P95 of the latencies, and the end, in s."""
        return {
            "mean": float(self.latency.mean()),
            "p50": float(np.percentile(self.latency, 50)),
            "p95": float(np.percentile(self.latency, 95)),
            "end": float((self.arrival + self.latency).max()),
        }


def read_load(folder: Path, name: str) -> Load:
    """Return a load from its file.

    Raises
    ------
    InputError
        When the file is not there, or not as it should be.
    """
    path = folder / f"{name}.csv"
    try:
        table = np.genfromtxt(path, delimiter=",", names=True)
        columns = {key: table[key] for key in table.dtype.names or ()}
        instance = Instance(
            LOADS[name],
            np.round(columns["arrival_s"] * 1e6).astype(np.int64),
            columns["prompt_tokens"].astype(np.int64),
            columns["output_tokens"].astype(np.int64),
            name=name,
        )
        restarts = int(columns["vidur_restarts"].sum())
        return Load(instance, columns["vidur_latency_s"], restarts)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"is not Vidur's answer: {error}", where=str(path)
        ) from None


def vidur_says(load: Load) -> Answer:
    """Return Vidur's answer on a load."""
    return Answer(load.instance.arrival / 1e6, load.latency, load.restarts)


def kvopt_says(
    load: Load, policy: str, clock: AffineClock, serving: ServingRules
) -> Answer:
    """Return kvopt's answer on a load, from a schedule that is checked.

    Parameters
    ----------
    load
        The requests.
    policy, clock, serving
        The set-up; see :func:`kvopt.simulate`.
    """
    result = simulate(
        load.instance, policy, "fast", clock=clock, serving=serving
    )
    verified(result.instance, result.schedule)
    records = result.records
    arrival = records["arrival_s"]
    restarts = int(records["cancellations"].sum())
    return Answer(arrival, records["completion_s"] - arrival, restarts)


def errors(ours: Answer, theirs: Answer) -> dict[str, float]:
    """Return relative errors, and the correlation of the latencies."""
    other = theirs.numbers()
    found = {k: v / other[k] - 1 for k, v in ours.numbers().items()}
    pair = np.corrcoef(ours.latency, theirs.latency)
    return {**found, "correlation": float(pair[0, 1])}


def fitted(loads: Sequence[Load], seen: int) -> tuple[float, AffineClock]:
    """Return the clock of the grids that is nearest, and how near it is.

    Whole loads are run, and their first ``seen`` requests looked at. The
    measure is the root of the mean squared relative error of mean, P50, P95
    and end over the loads.
    """
    around = min(
        COARSE, key=lambda pair: residual(loads, seen, clock_of(*pair), POLICY)
    )
    clocks = [clock_of(around[0] + p, around[1] + f) for p, f in FINE]
    return nearest(loads, seen, clocks, POLICY)


def nearest(
    loads: Sequence[Load],
    seen: int,
    clocks: Sequence[AffineClock],
    policy: str,
) -> tuple[float, AffineClock]:
    """Return the first of the nearest clocks, and how near it is."""
    rated = [(residual(loads, seen, clock, policy), clock) for clock in clocks]
    return min(rated, key=lambda pair: pair[0])


def clock_of(prefill: int, free: int) -> AffineClock:
    """Return the clock with so many microseconds a token, and free ones."""
    return replace(PUBLISHED, prefill=prefill * 10**6, free=free)


def residual(
    loads: Sequence[Load], seen: int, clock: AffineClock, policy: str
) -> float:
    """Return how far a clock is from Vidur on the first requests.

    Parameters
    ----------
    loads
        The loads.
    seen
        How many requests of each are looked at.
    clock, policy
        The set-up.
    """
    squares = []
    for load in loads:
        ours = kvopt_says(load, policy, clock, SERVER)
        part = slice(seen)
        off = errors(ours.of(part), vidur_says(load).of(part))
        squares += [off[key] ** 2 for key in NUMBERS]
    return float(np.sqrt(np.mean(squares)))


def rows(folder: Path) -> list[dict[str, str]]:
    """Return a row a load and set-up: the errors after the first requests."""
    made = []
    for name in LOADS:
        load = read_load(folder, name)
        for policy, preset, serving in (
            ("vllm-like", OLD, PLAIN),
            ("vllm-watermark", NEW, SERVER),
        ):
            ours = kvopt_says(load, policy, PRESETS[preset], serving)
            unseen = slice(SEEN, None)
            about = {"policy": policy, "clock": preset}
            about["serving"] = serving_spec(serving)
            made.append(row_of(load, ours, unseen, about))
    return made


def rows_across(folder: Path) -> list[dict[str, str]]:
    """Return the errors on each load of clocks that have not seen it."""
    loads = [read_load(folder, name) for name in LOADS]
    made = []
    for load, other in zip(loads, reversed(loads), strict=True):
        setups = [("nothing", PUBLISHED, POLICY)]
        floors = [replace(PUBLISHED, floor=ms * 10**9) for ms in FLOORS]
        for seen in (SEEN, len(other.instance)):
            name = f"the first {seen} of {other.instance.name}"
            setups.append((name, fitted([other], seen)[1], POLICY))
            for policy in (POLICY, SPARE):
                clock = nearest([other], seen, floors, policy)[1]
                setups.append((f"{name}, floor", clock, policy))
        for fitted_on, clock, policy in setups:
            ours = kvopt_says(load, policy, clock, SERVER)
            about = {"fitted_on": fitted_on, "policy": policy}
            about["clock"] = clock_spec(clock)
            made.append(row_of(load, ours, slice(None), about))
    return made


def row_of(
    load: Load, ours: Answer, part: slice, about: dict[str, str]
) -> dict[str, str]:
    """Return the errors of kvopt on a part of a load.

    Parameters
    ----------
    load
        The load.
    ours
        What kvopt says of it.
    part
        Which requests are looked at; restarts and ``_s`` are of all.
    about
        What else the row says.
    """
    theirs = vidur_says(load)
    off = errors(ours.of(part), theirs.of(part))
    return {
        "load": load.instance.name,
        **about,
        **{key: f"{value:.6f}" for key, value in off.items()},
        "ours_restarts": str(ours.restarts),
        "vidur_restarts": str(theirs.restarts),
        "ours_mean_s": f"{ours.numbers()['mean']:.3f}",
        "vidur_mean_s": f"{theirs.numbers()['mean']:.3f}",
        **stamp(),
    }


def show(made: list[dict[str, str]]) -> None:
    """Print rows, and the set-up of each."""
    print("load              errors: mean    P50    P95    end", end="")
    print("        restarts         r")
    for row in made:
        percent = "".join(f"{100 * float(row[k]):+7.2f}" for k in NUMBERS)
        print(
            f"{row['load']:21}{percent} %"
            f" {row['ours_restarts']:>6} of {row['vidur_restarts']:>5}"
            f"  {float(row['correlation']):.5f}  {row['policy']}"
            f"  {row.get('fitted_on', '')}"
        )


def write(made: list[dict[str, str]], path: Path) -> None:
    """Write rows as a table."""
    with (
        write_atomically(path) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, list(made[0]))
        writer.writeheader()
        writer.writerows(made)


def main(arguments: list[str] | None = None) -> int:
    """Print the table, write the rows; with --fit print the fit, too."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--across", action="store_true")
    given = parser.parse_args(arguments)
    try:
        if given.fit:
            loads = [read_load(given.folder, name) for name in LOADS]
            error, clock = fitted(loads, SEEN)
            print(f"fitted on the first {SEEN} of each: {clock_spec(clock)}")
            tried = len(COARSE) + len(FINE)
            print(f"  {tried} pairs tried, residual {error:.4f}")
        made = rows(given.folder)
        across = rows_across(given.folder) if given.across else []
    except InputError as error:
        parser.exit(2, f"{error}\n")
    print("errors on the requests after these; restarts are of all")
    show(made)
    write(made, OUT)
    if across:
        print("errors on all requests of loads that were not fitted on")
        show(across)
        write(across, ACROSS)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
