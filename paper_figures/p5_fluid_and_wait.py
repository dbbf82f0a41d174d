"""P5, section 6: the memory of the fluid model, and policies near its edge.

The paper gives ``M*`` at four rates and where it crosses the memory of an
A100. Two of the four determine the curve; the others, and the crossing, are
checks. The same clock then runs WAIT and the baselines around the crossing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis import write_rows
from kvopt.analysis.fluid import PromptType, equilibrium, largest_scale
from kvopt.check.gate import verified_staged
from kvopt.model import InputError, Instance
from kvopt.plots import RateCurve, house_style, plot_rate_curves
from kvopt.policies.staged.wait import Wait
from kvopt.simulation.clocks import MICROSECOND, SECOND, AffineClock
from kvopt.simulation.staged import simulate_staged
from paper_figures.frame.figure import Findings, Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SECONDS", "RateRow", "Settings", "data", "describe", "draw"]

# M* as published, by queries a second; the memory cap, and the crossing.
PUBLISHED = {50: 34_377, 60: 55_758, 70: 100_327, 80: 250_509}
MEMORY, CROSSING = 137_000, 74.1
# The means of the published lengths, rounded: prefill 58.6, decode 147.3.
PROMPT, OUTPUT = 59, 147


SECONDS = 25.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take less than 20 seconds.

    Parameters
    ----------
    rates
        Requests a second, increasing.
    seconds
        Length of the arrivals of one run.
    seed
        Seed of the arrivals.
    """

    rates: tuple[float, ...] = (50, 60, 70, 80)
    seconds: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        for rate in self.rates:
            if not 0 < rate < float("inf"):
                raise InputError("must be positive", field="rates", value=rate)
        if self.seconds < 1:
            raise InputError(
                "must be at least 1", field="seconds", value=self.seconds
            )


@dataclass(frozen=True)
class RateRow:
    """One run; latency in seconds, memory in tokens, seconds in the middle.

    ``memory`` is the mean over iterations in the second half of the arrivals,
    ``completed`` the requests a second that end there.
    """

    policy: str
    rate: float
    seed: int
    requests: int
    mean: float
    p95: float
    completed: float
    memory: float
    evictions: int
    verified: bool


def times_of_iterations() -> tuple[Fraction, Fraction]:
    """Return ``d0`` and ``d1`` in seconds, of two published values of M*.

    ``1/M* = 1/(d0 w lam) - d1/d0`` for the volume ``w`` of a request.
    """
    low, high = (Fraction(1, PUBLISHED[rate]) for rate in (50, 80))
    scale = (Fraction(1, 50) - Fraction(1, 80)) / (low - high)
    d0 = scale / PromptType(PROMPT, OUTPUT, 1).volume
    return d0, d0 * (1 / (50 * scale) - low)


def data(settings: Settings, work: Work) -> list[RateRow]:
    """Simulate every policy at every rate."""
    kind = PromptType(PROMPT, OUTPUT, 1)
    wait = Wait.of({(PROMPT, OUTPUT): int(MEMORY // kind.volume)})
    runs = [
        (policy, rate)
        for policy in ("staged-fcfs", "sarathi-like", wait)
        for rate in sorted(settings.rates)
    ]
    progress = work.progress("policies of the staged model")
    rows = []
    for policy, rate in runs:
        rows.append(one_run(policy, rate, settings))
        progress(len(rows), len(runs))
    write_rows(rows, RateRow, work.csv())
    return rows


def describe(data: Sequence[RateRow], settings: Settings) -> Findings:
    """Say where the published values come out, and who keeps up."""
    d0, d1 = times_of_iterations()
    kind = PromptType(PROMPT, OUTPUT, 1)
    crossing = float(largest_scale([kind], d0, d1, MEMORY))
    curve = {rate: fluid_memory(rate, d0, d1) for rate in PUBLISHED}
    most = max(settings.rates)
    return Findings(
        "The fluid model of P5, and WAIT around its capacity",
        proved=(
            "the fluid formula through the published M* at 50 and 80 gives "
            f"{curve[60]:,.0f} at 60 (published {PUBLISHED[60]:,}) and "
            f"{curve[70]:,.0f} at 70 ({PUBLISHED[70]:,}), and crosses "
            f"{MEMORY:,} at {crossing:.1f} a second ({CROSSING})",
        ),
        not_proved=tuple(
            f"{label(row.policy)} at {most:g} a second: {row.completed:.1f} "
            f"completed a second, mean latency {row.mean:.1f} s, "
            f"{row.evictions} evictions"
            for row in data
            if row.rate == most
        ),
        numbers={
            "settings": asdict(settings),
            "d0_s": float(d0),
            "d1_s": float(d1),
            "crossing": crossing,
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy", "rate", "mean s", "p95 s", "completed", "evicted"),
            [
                (
                    label(row.policy),
                    f"{row.rate:g}",
                    f"{row.mean:.2f}",
                    f"{row.p95:.2f}",
                    f"{row.completed:.1f}",
                    str(row.evictions),
                )
                for row in data
            ],
        ),
        shows="Memory of the fluid equilibrium, and mean latency at "
        f"C = {MEMORY}",
        original="P5 (arXiv 2504.11320), section 6: M* at four rates on "
        "LMSYS-Chat-1M, its crossing of the memory cap, and the comparison "
        "of WAIT with vLLM and Sarathi",
        same=(
            "the fluid formula, the memory cap, and the four values of M*",
            "an iteration takes d0 + d1 times the tokens that its batch "
            "holds; Poisson arrivals; WAIT's threshold is the largest with "
            "M^pi <= C",
        ),
        differs=(
            f"d0 = {1e3 * float(d0):.2f} ms and d1 = {1e6 * float(d1):.3f} "
            "us a token are what two values of M* imply for the volume of "
            "this one type, not Vidur's batch times",
            f"all requests are (l, l') = ({PROMPT}, {OUTPUT}), the published "
            "means; the paper's have many lengths, and Nested WAIT",
            f"{settings.seconds} s of arrivals and one seed, not 5,000 "
            "requests and ten replications",
            "the rules of FCFS and of the Sarathi-like baseline are readings "
            "of ours",
        ),
    )


def fluid_memory(rate: float, d0: Fraction, d1: Fraction) -> float:
    """Return ``M*`` at a rate."""
    kind = PromptType(PROMPT, OUTPUT, rate)
    return float(equilibrium([kind], d0, d1).memory)


def one_run(policy: str | Wait, rate: float, settings: Settings) -> RateRow:
    """Simulate, check and measure one policy at one rate."""
    d0, d1 = times_of_iterations()
    rng = np.random.default_rng(settings.seed)
    number = rng.poisson(rate * settings.seconds)
    last = settings.seconds * SECOND // MICROSECOND
    arrival = np.sort(rng.integers(0, last, number))
    ones = np.ones(number, np.int64)
    instance = Instance(MEMORY, arrival, PROMPT * ones, OUTPUT * ones)
    clock = AffineClock(d0=round(d0 * SECOND), d2=round(d1 * SECOND))
    result = simulate_staged(instance, policy, clock)
    verdict = verified_staged(instance, result)
    half, end = (k * settings.seconds * SECOND // 2 for k in (1, 2))
    starts = np.array([step.start for step in result.iterations])
    middle = (starts >= half) & (starts < end)
    latency = result.records["latency"] / SECOND
    tokens = result.throughput(end, half) * SECOND
    return RateRow(
        policy=result.policy,
        rate=rate,
        seed=settings.seed,
        requests=len(instance),
        mean=float(latency.mean()),
        p95=float(np.percentile(latency, 95, method="inverted_cdf")),
        completed=tokens / OUTPUT,
        memory=float(result.memory[middle].mean()),
        evictions=result.evictions,
        verified=verdict.ok,
    )


def label(policy: str) -> str:
    """Return what a policy is called."""
    name = policy.partition(":")[0]
    titles = {"staged-fcfs": "FCFS", "sarathi-like": "Sarathi-like, 512"}
    return titles.get(name, "WAIT")


def draw(data: Sequence[RateRow], settings: Settings) -> Figure:
    """Draw M* on the left, latency by policy on the right."""
    from matplotlib.figure import Figure

    d0, d1 = times_of_iterations()
    rates = np.linspace(40, 80, 81)
    # Without evictions the memory might as well be without end.
    simulated = [
        row
        for row in data
        if row.policy == "staged-fcfs" and not row.evictions
    ]
    curves = [
        RateCurve(
            "fluid model",
            rates,
            np.array([fluid_memory(rate, d0, d1) for rate in rates]) / 1e3,
        ),
        RateCurve(
            "published",
            np.array(list(PUBLISHED)),
            np.array(list(PUBLISHED.values())) / 1e3,
            points=True,
        ),
        RateCurve(
            "simulated",
            np.array([row.rate for row in simulated]),
            np.array([row.memory for row in simulated]) / 1e3,
            points=True,
        ),
    ]
    with house_style():
        figure = Figure(figsize=(7.0, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        plot_rate_curves(curves, "memory (1000 tokens)", left, smooth=True)
        left.axhline(MEMORY / 1e3, color="#777777", linewidth=0.8)
        plot_rate_curves(
            [
                RateCurve(
                    label(policy),
                    np.array([r.rate for r in data if r.policy == policy]),
                    np.array([r.mean for r in data if r.policy == policy]),
                )
                for policy in dict.fromkeys(row.policy for row in data)
            ],
            "mean latency (s)",
            right,
        )
        right.axvline(CROSSING, color="#777777", linewidth=0.8)
    return figure
