"""``kvopt staged``, and ``kvopt verify`` of its logs."""

from __future__ import annotations

import json

import pytest

from kvopt.model import load_json
from kvopt.simulation.clocks import parse_clock, with_arrival_unit
from kvopt.simulation.staged import simulate_staged
from kvopt.workloads import library

INSTANCE = "library:online-6"


def test_table_and_rows(run):
    """Both forms have the results of the simulator."""
    done = run("staged", INSTANCE, "wait", "staged-fcfs", "--json")
    assert done.status == 0
    assert done.document["requests"] == 6
    for row, spec in zip(
        done.document["policies"], ("wait", "staged-fcfs"), strict=True
    ):
        result = simulate_staged(library.load("online-6"), spec)
        assert row["policy"] == spec and row["unit"] == "rounds"
        assert row["mean"] == result.records["latency"].mean()
        assert row["peak_memory"] == result.memory.max()
        assert row["iterations"] == len(result.iterations)
        assert row["evictions"] == result.evictions
    shown = run("staged", INSTANCE, "wait", "staged-fcfs").out
    assert "staged-fcfs" in shown and "peak memory" in shown


def test_clock(run):
    """With a clock latencies are seconds, arrivals in the unit given."""
    words = ("--clock", "p5:d0=20,d1=0.5", "--round-seconds", 0.1, "--json")
    (row,) = run("staged", INSTANCE, "sarathi-like", *words).document[
        "policies"
    ]
    clock = with_arrival_unit(parse_clock("p5:d0=20,d1=0.5"), 0.1)
    result = simulate_staged(library.load("online-6"), "sarathi-like", clock)
    assert row["unit"] == "s"
    assert row["mean"] == pytest.approx(
        result.records["latency"].mean() / 10**12
    )


def test_log_is_verified(run):
    """The log of a run is accepted, and rejected once a batch is changed."""
    assert run("staged", INSTANCE, "wait", "--out", "log.json").status == 0
    done = run("verify", INSTANCE, "log.json")
    assert done.status == 0 and done.out.startswith("feasible")
    document = load_json("log.json")
    document["iterations"][-1]["decode"].pop()
    with open("log.json", "w") as file:
        json.dump(document, file)
    verdict = run("verify", INSTANCE, "log.json", "--json")
    assert verdict.status == 1 and not verdict.document["ok"]
    assert "not-completed" in {
        v["kind"] for v in verdict.document["violations"]
    }


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("mc-sf",), ("policy", "mc-sf", "nested-wait")),
        (("wait:thresholds=0",), ("policy.thresholds", "0")),
        (("wait:thresholds=3x4:99",), ("policy.thresholds", "memory")),
        (("wait", "--clock", "p5:d0=-1"), ("clock.d0", "-1")),
        (("wait", "--clock", "p5:d0=1"), ("--round-seconds", "None")),
        (("wait", "--round-seconds", "1"), ("--round-seconds", "1")),
        (("wait", "staged-fcfs", "--out", "x.json"), ("--out", "x.json")),
    ],
)
def test_bad_input(run, words, parts):
    """One line that names field and value, status 2."""
    done = run("staged", INSTANCE, *words)
    assert done.status == 2
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert all(part in line for part in parts), line
