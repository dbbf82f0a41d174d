"""Energy of a simulation: idle power and a share for utilisation.

No paper at hand gives its energy model; this is a reading, see readings.md
1.11. The power of a batch is ``P_idle + (P_peak - P_idle) * u``, and its
utilisation ``u = min(1, tokens / saturation)``: the tokens that an iteration
computes, over the number at which arithmetic takes as long as reading the
weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kvopt.analysis.timeline import Timeline
from kvopt.model import InputError, SimulationResult

__all__ = ["TWO_A100", "Energy", "PowerModel", "energy_of"]


@dataclass(frozen=True)
class PowerModel:
    """Power of a worker.

    Parameters
    ----------
    idle, peak
        Watts when it does nothing, and when it is fully used.
    saturation
        Tokens an iteration at which it is.

    Raises
    ------
    InputError
        Unless ``0 <= idle <= peak`` and ``saturation >= 1``.
    """

    idle: float
    peak: float
    saturation: int

    def __post_init__(self) -> None:
        if not 0 <= self.idle <= self.peak < float("inf"):
            raise InputError(
                f"must be at least 0 and at most peak = {self.peak}",
                field="power.idle",
                value=self.idle,
            )
        if self.saturation < 1:
            raise InputError(
                "must be at least 1",
                field="power.saturation",
                value=self.saturation,
            )


# Two A100s of 400 W each, which draw some 55 W when idle; the saturation is
# where the prefill time of docs/clocks.md stops to be flat [inferred].
TWO_A100 = PowerModel(idle=110.0, peak=800.0, saturation=149)


@dataclass(frozen=True)
class Energy:
    """Energy of a simulation, in joules.

    Parameters
    ----------
    total
        From the first arrival to the last completion.
    per_token
        The total over the output tokens of all requests.
    idle
        What was used while nothing ran; part of the total.
    wasted
        Share of the cancelled runs: the energy of an iteration is divided
        evenly among the tokens that it computes. Part of the total.
    """

    total: float
    per_token: float
    idle: float
    wasted: float


def energy_of(
    result: SimulationResult,
    timeline: Timeline,
    model: PowerModel = TWO_A100,
) -> Energy:
    """Return the energy of a simulation with a clock that measures seconds.

    Parameters
    ----------
    result
        The simulation.
    timeline
        Its iterations over time.
    model
        Power in watts by use of the worker.

    Raises
    ------
    InputError
        For a clock that counts rounds: joules need seconds.
    """
    times = result.times
    if times.unit != "s":
        raise InputError(
            "energy needs a clock that measures seconds",
            field="clock",
            value=result.clock,
        )
    seconds = times.units(timeline.end - timeline.begin)
    used = np.minimum(1.0, timeline.tokens / model.saturation)
    joules = seconds * (model.idle + (model.peak - model.idle) * used)
    span = float(times.units(times.end.max() - times.arrival[0]))
    idle = model.idle * max(0.0, span - float(seconds.sum()))
    total = float(joules.sum()) + idle
    wasted = float((joules * (timeline.lost / timeline.tokens)).sum())
    tokens = int(result.instance.output.sum())
    return Energy(total, total / tokens, idle, wasted)
