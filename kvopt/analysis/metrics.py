"""Every metric of a simulation, over requests that all finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.analysis.energy import TWO_A100, Energy, Power, energy_of
from kvopt.analysis.timeline import timeline_of
from kvopt.model import SimulationResult
from kvopt.model.showing import Fact, Shown
from kvopt.model.sums import exact_sum

__all__ = ["Metrics", "Spread", "metrics_of", "spread"]


class Spread(NamedTuple):
    """Mean, percentiles and maximum over requests.

    A percentile is the smallest observed value that at least so many per
    cent of the requests do not exceed.
    """

    mean: float
    p50: float
    p95: float
    p99: float
    largest: float


def spread(values: NDArray[np.float64]) -> Spread:
    """Return mean, percentiles and maximum, ``O(n log n)``."""
    cuts = np.percentile(values, [50, 95, 99, 100], method="inverted_cdf")
    return Spread(float(values.mean()), *(float(cut) for cut in cuts))


@dataclass(frozen=True)
class Metrics(Shown):
    """What a policy achieved; times in ``unit``, memory in tokens.

    Parameters
    ----------
    unit
        ``"s"`` or ``"rounds"``.
    total_latency
        ``TEL``, the sum of completion less arrival.
    latency
        Completion less arrival, per request.
    first_token
        Time to first token (TTFT): end of the iteration that made it, in the
        run that completes, less arrival. A token of a cancelled run is lost,
        unless the server keeps it.
    per_token
        Latency over output tokens, the papers' average per-token latency.
    between_tokens
        Time per output token (TPOT): from the first token to the last, over
        ``o - 1``; requests with one token have none. None if all have one.
    span
        From the first arrival to the last completion.
    throughput, request_throughput
        Output tokens, and requests, completed a unit of time: over ``span``.
    peak_memory, mean_memory
        Most memory in use in a round, in tokens and not in whole blocks;
        mean over the rounds in which anything runs.
    cancellations
        Runs that were cancelled.
    wasted_tokens
        Output tokens generated in those, and not kept.
    repeated_prefill
        Prompts of those that made a token, in tokens.
    energy
        Joules; None when the clock counts rounds, or prompts are computed in
        chunks.
    """

    unit: str
    total_latency: float
    latency: Spread
    first_token: Spread
    per_token: Spread
    between_tokens: Spread | None
    span: float
    throughput: float
    request_throughput: float
    peak_memory: int
    mean_memory: float
    cancellations: int
    wasted_tokens: int
    repeated_prefill: int
    energy: Energy | None

    def summary(self) -> list[Fact]:
        """Return the metrics, each with its unit."""
        unit = self.unit

        def told(values: Spread | None) -> str | None:
            if values is None:
                return None
            return f"mean {values.mean:,.3f}, P95 {values.p95:,.3f} {unit}"

        energy = self.energy
        joules = None if energy is None else f"{energy.total:,.0f} J"
        return [
            ("latency", told(self.latency)),
            ("time to first token", told(self.first_token)),
            ("latency per token", told(self.per_token)),
            ("time per output token", told(self.between_tokens)),
            ("throughput", f"{self.throughput:,.3f} tokens per {unit}"),
            ("peak memory", self.peak_memory),
            ("mean memory", self.mean_memory),
            ("cancelled runs", self.cancellations),
            ("wasted tokens", self.wasted_tokens),
            ("energy", joules),
        ]


def metrics_of(result: SimulationResult, power: Power = TWO_A100) -> Metrics:
    """Return the metrics of a simulation, ``O(r log r)`` for ``r`` runs.

    Raises
    ------
    InputError
        When any request has not exactly one completed run: a mean over the
        others would flatter the policy that starved it.
    """
    instance, schedule, times = result.instance, result.schedule, result.times
    schedule.completions(instance)  # refuses unfinished requests
    done = schedule.completed
    of = schedule.request[done]
    output = instance.output[of]
    latency = times.end[done] - times.arrival[of]
    first = result.first_token[of]
    wait = first - times.arrival[of]
    tail = times.end[done] - first
    several = output > 1
    gaps = times.units(tail[several]) / (output[several] - 1)
    span = float(times.units(times.end.max() - times.arrival[0]))
    timeline = timeline_of(result)
    lost = ~done
    total = exact_sum(latency)
    return Metrics(
        unit=times.unit,
        total_latency=total / times.ticks if times.ticks > 1 else total,
        latency=spread(times.units(latency)),
        first_token=spread(times.units(wait)),
        per_token=spread(times.units(latency) / output),
        between_tokens=spread(gaps) if several.any() else None,
        span=span,
        throughput=int(output.sum()) / span,
        request_throughput=len(instance) / span,
        peak_memory=timeline.peak,
        mean_memory=timeline.mean,
        cancellations=int(lost.sum()),
        wasted_tokens=(
            0 if result.serving.keeps else exact_sum(result.tokens[lost])
        ),
        repeated_prefill=exact_sum(result.prompts[lost & (result.tokens > 0)]),
        energy=(
            energy_of(result, timeline, power)
            if times.unit == "s" and result.serving.budget is None
            else None
        ),
    )
