"""P1's trace experiment: latency and energy of its policies, simulated."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from proofs_check.evidence import NotCheckedError

__all__ = ["BASELINES", "TraceRun", "run_trace"]

#: The published baselines whose settings come to an end on this sample.
BASELINES = (
    "mc-benchmark",
    "alpha-greedy:alpha=0.3",
    "alpha-greedy:alpha=0.25",
    "alpha-beta-clearing:alpha=0.2,beta=0.2",
)
MEMORY = 16492
CLOCK = "llama-2-70b-2xa100"
# Two A100s by the model of arXiv 2601.17855: 100 W each when idle, 300 W
# more at a utilisation of 0.45, with the exponent 0.7.
IDLE, RANGE, FULL, EXPONENT = 100.0, 300.0, 0.45, 0.7
FLOPS = 2 * 312e12
PARAMETERS = 70e9


class TraceRun(NamedTuple):
    """What a policy did on a sample: seconds, and kilojoules by two models."""

    latency: float
    energy: float
    energy_flops: float
    cancellations: int


@cache
def run_trace(policy: str, requests: int, rate: int, seed: int) -> TraceRun:
    """Simulate a policy on a sample with P1's set-up.

    Parameters
    ----------
    policy
        Its text form.
    requests
        Number of requests of the sample.
    rate
        Poisson arrivals a second.
    seed
        Seed of sample and arrivals.
    """
    try:
        import numpy as np

        from kvopt.analysis.energy import energy_of
        from kvopt.analysis.timeline import timeline_of
        from kvopt.simulation import simulate
        from kvopt.simulation.clocks import parse_clock
        from kvopt.workloads import generate
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    instance = generate(
        "lmsys-like",
        {
            "memory": str(MEMORY),
            "round_seconds": "1e-6",
            "rate": str(rate),
            "requests": str(requests),
        },
        seed,
    )
    result = simulate(
        instance, policy, engine="fast", seed=seed, clock=parse_clock(CLOCK)
    )
    times = result.times
    timeline = timeline_of(result)
    seconds = times.units(timeline.end - timeline.begin)
    step = seconds / timeline.rounds
    use = timeline.tokens * 2 * PARAMETERS / (FLOPS * step)
    watts = np.minimum(IDLE + RANGE * (use / FULL) ** EXPONENT, 400.0)
    span = float(times.units(times.end.max() - times.arrival[0]))
    idle = max(0.0, span - float(seconds.sum())) * IDLE
    # Runs that were cancelled have ends, too.
    runs = result.schedule.columns()
    final = np.array(runs["completed"], dtype=bool)
    order = np.array(runs["request"])[final]
    ends = np.empty(len(instance), dtype=np.int64)
    ends[order] = times.end[final]
    return TraceRun(
        float(times.units(ends - times.arrival).mean()),
        energy_of(result, timeline).total / 1000,
        2 * (float((watts * seconds).sum()) + idle) / 1000,
        int(result.records["cancellations"].sum()),
    )
