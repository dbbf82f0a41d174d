"""One HTML page of schedules to look at: why SVF is ahead, and MC-SF not best.

No figure of the papers shows this; the page is that of ``kvopt report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kvopt.check.gate import verified_latency
from kvopt.exact import solve
from kvopt.model import (
    Instance,
    Schedule,
    save_instance,
    save_schedule,
    write_atomically,
)
from kvopt.report import read_contents, report_page
from kvopt.simulation import simulate
from kvopt.workloads import generate, library
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

__all__ = ["FULL", "SECONDS", "Settings", "Shown", "data", "describe", "draw"]

SMALLEST = "mcsf-16-15"

SECONDS = 3.0


@dataclass(frozen=True)
class Settings:
    """How large the larger instance is.

    Parameters
    ----------
    requests
        Requests of the lmsys-like sample, all at 0.
    seed
        Seed of the sample.
    """

    requests: int = 1_000
    seed: int = 0


FULL = Settings(requests=10_000)


@dataclass(frozen=True)
class Shown:
    """The page, and the total latencies on it by instance and policy."""

    page: Path
    costs: Mapping[tuple[str, str], int]


def data(settings: Settings, work: Work) -> Shown:
    """Simulate, solve, and write instances, schedules and the page."""
    sample = generate(
        "lmsys-like", {"requests": str(settings.requests)}, settings.seed
    )
    small = library.load(SMALLEST)
    shown = (
        (sample, "lmsys-like", "mc-sf", _simulated(sample, "mc-sf")),
        (sample, "lmsys-like", "svf", _simulated(sample, "svf")),
        (small, SMALLEST, "mc-sf", _simulated(small, "mc-sf")),
        (small, SMALLEST, "optimum", solve(small).schedule),
    )
    files, costs = [], {}
    for instance, title, policy, schedule in shown:
        stem = f"{work.name}_{title}"
        file = work.folder / f"{stem}.json"
        if file not in files:
            save_instance(instance, file)
            files.append(file)
        costs[title, policy] = verified_latency(instance, schedule)
        save_schedule(
            schedule, instance, work.folder / f"{stem}_{policy}.json"
        )
        files.append(work.folder / f"{stem}_{policy}.json")
    page = work.folder / "report.html"
    text = report_page(read_contents(files), "Schedules of the main job")
    with write_atomically(page) as part:
        part.write_text(text, encoding="utf-8")
    return Shown(page, costs)


def _simulated(instance: Instance, policy: str) -> Schedule:
    return simulate(instance, policy).schedule


def draw(data: Shown, settings: Settings) -> None:
    """The page is the picture."""


def describe(data: Shown, settings: Settings) -> Findings:
    """Say what is on the page."""
    return Findings(
        "A page of schedules to look at",
        proved=(
            f"{len(data.costs)} schedules accepted by the checker: open "
            f"{data.page} in a browser",
        ),
        not_proved=(),
        numbers={
            f"{title}; {policy}": cost
            for (title, policy), cost in data.costs.items()
        },
        table=(
            ("instance", "schedule", "total latency, rounds"),
            [
                (title, policy, f"{cost:,}")
                for (title, policy), cost in data.costs.items()
            ],
        ),
    )
