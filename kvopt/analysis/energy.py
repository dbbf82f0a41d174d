"""Energy of a simulation, by one of two models of the power of a batch.

P1 says nothing of its energy model; :class:`PowerModel` is a reading, see
readings.md 1.11, and :class:`FlopPower` the model of a later paper of the
same group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kvopt.analysis.timeline import Timeline
from kvopt.model import InputError, SimulationResult

__all__ = [
    "TWO_A100",
    "TWO_A100_FLOPS",
    "Energy",
    "FlopPower",
    "Power",
    "PowerModel",
    "energy_of",
]


@dataclass(frozen=True)
class PowerModel:
    """Power of a worker: idle, and a share for what it computes.

    The power of a batch is ``idle + (peak - idle) * min(1, tokens /
    saturation)``: the tokens that an iteration computes, over the number at
    which arithmetic takes as long as reading the weights [inferred].

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

    def watts(
        self, tokens: NDArray[np.int64], seconds: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the power of iterations, in watts.

        Parameters
        ----------
        tokens, seconds
            What each computes, and how long it takes.
        """
        used = np.minimum(1.0, tokens / self.saturation)
        return self.idle + (self.peak - self.idle) * used


@dataclass(frozen=True)
class FlopPower:
    """Power of a worker by the share of its arithmetic that is used.

    ``P = base + swing * (u / knee)**exponent`` watts for one device, at most
    ``base + swing``; ``u`` is the utilisation of its floating-point
    operations. Source: arXiv 2601.17855, its public code.

    Parameters
    ----------
    flops_a_token
        Operations for one token: twice the number of parameters.
    devices
        Number of devices that share the work evenly.
    device_flops
        Operations a second of one device.
    base, swing, knee, exponent
        The formula's numbers; the first two in watts.
    """

    flops_a_token: float
    devices: int
    device_flops: float = 312e12
    base: float = 100.0
    swing: float = 300.0
    knee: float = 0.45
    exponent: float = 0.7

    @property
    def idle(self) -> float:
        """Watts when it does nothing."""
        return self.devices * self.base

    def watts(
        self, tokens: NDArray[np.int64], seconds: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the power of iterations, in watts.

        Parameters
        ----------
        tokens, seconds
            What each computes, and how long it takes.
        """
        whole = self.devices * self.device_flops
        used = self.flops_a_token * tokens / (whole * seconds)
        share = np.minimum(1.0, (used / self.knee) ** self.exponent)
        return self.devices * (self.base + self.swing * share)


Power = PowerModel | FlopPower

# Two A100s of 400 W each, which draw some 55 W when idle; the saturation is
# where the prefill time of docs/clocks.md stops to be flat [inferred].
TWO_A100 = PowerModel(idle=110.0, peak=800.0, saturation=149)
# The same machines and Llama-2-70B.
TWO_A100_FLOPS = FlopPower(flops_a_token=2 * 70e9, devices=2)


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
    model: Power = TWO_A100,
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
    each = seconds / timeline.rounds
    joules = seconds * model.watts(timeline.tokens, each)
    span = float(times.units(times.end.max() - times.arrival[0]))
    idle = model.idle * max(0.0, span - float(seconds.sum()))
    total = float(joules.sum()) + idle
    wasted = float((joules * (timeline.lost / timeline.tokens)).sum())
    tokens = int(result.instance.output.sum())
    return Energy(total, total / tokens, idle, wasted)
