"""What a run of the staged model leaves: its iterations, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model import Instance
from kvopt.model.showing import Fact, Shown
from kvopt.simulation.clocks import Clock, UnitRounds

__all__ = ["STAGED_DTYPE", "Iteration", "StagedResult"]

STAGED_DTYPE = np.dtype(
    [
        ("request", np.int64),
        ("arrival", np.int64),
        ("prompt", np.int64),
        ("output", np.int64),
        ("first_token", np.int64),
        ("completion", np.int64),
        ("latency", np.int64),
        ("evictions", np.int64),
    ]
)


class Iteration(NamedTuple):
    """One batch, from ``start`` to ``end`` in ticks of the clock.

    ``evict`` gave up their memory before it; ``prefill`` has requests and
    the prompt tokens processed, ``decode`` those that made a token.
    """

    start: int
    end: int
    evict: tuple[int, ...]
    prefill: tuple[tuple[int, int], ...]
    decode: tuple[int, ...]


@dataclass(frozen=True)
class StagedResult(Shown):
    """A run of a staged policy in which every request was completed.

    Parameters
    ----------
    instance
        The instance; its prompts are ``l``, its outputs ``l'``.
    iterations
        The batches, in order.
    memory
        Units held during each iteration, paused requests included; shape
        ``(k,)``.
    tokens
        Units held by the batch of each iteration alone, as the clock counts
        them; shape ``(k,)``.
    policy, clock, runtime
        Specification, clock, and wall time in seconds.
    closed
        Time, in ticks, from which a policy that waited knew that nothing
        would arrive; None when it never waited for nothing.
    """

    instance: Instance = field(repr=False)
    iterations: tuple[Iteration, ...] = field(repr=False)
    memory: NDArray[np.int64] = field(repr=False)
    tokens: NDArray[np.int64] = field(repr=False)
    policy: str
    clock: Clock
    runtime: float
    closed: int | None = None

    def summary(self) -> list[Fact]:
        """Return who ran on what, and the latencies in ticks."""
        latency = self.records["latency"]
        return [
            ("policy", self.policy),
            ("instance", self.instance.name or self.instance.hash),
            ("requests", len(self.instance)),
            ("memory", self.instance.memory),
            ("mean latency", f"{latency.mean():,.3f} ticks"),
            ("iterations", len(self.iterations)),
            ("peak memory", int(self.memory.max(initial=0))),
            ("evictions", self.evictions),
        ]

    def document(self) -> dict[str, Any]:
        """Return the ``kvopt-staged/1`` document, for the checker."""
        return {
            "format": "kvopt-staged/1",
            "instance": self.instance.hash,
            "clock": _coefficients(self.clock),
            "iterations": [
                {
                    "start": step.start,
                    "end": step.end,
                    "evict": list(step.evict),
                    "prefill": [list(entry) for entry in step.prefill],
                    "decode": list(step.decode),
                }
                for step in self.iterations
            ],
        }

    @cached_property
    def records(self) -> NDArray[Any]:
        """One row a request, dtype ``STAGED_DTYPE``; times in ticks.

        ``first_token`` is the end of the first decode of the run that was
        completed, ``latency`` goes from arrival to completion.
        """
        instance = self.instance
        rows = np.zeros(len(instance), STAGED_DTYPE)
        rows["request"] = np.arange(len(instance))
        rows["prompt"], rows["output"] = instance.prompt, instance.output
        rows["arrival"] = instance.arrival * self.clock.arrival_unit
        decoded = [0] * len(instance)
        output = instance.output.tolist()
        for step in self.iterations:
            for i in step.evict:
                decoded[i] = 0
                rows["evictions"][i] += 1
            for i in step.decode:
                decoded[i] += 1
                if decoded[i] == 1:
                    rows["first_token"][i] = step.end
                if decoded[i] == output[i]:
                    rows["completion"][i] = step.end
        rows["latency"] = rows["completion"] - rows["arrival"]
        return rows

    @property
    def evictions(self) -> int:
        """Number of evictions."""
        return int(self.records["evictions"].sum())

    def throughput(self, until: int, since: int = 0) -> float:
        """Return decode tokens of requests completed, a tick.

        P5's effective throughput: tokens lost to evictions do not count. The
        requests are those completed after ``since`` and by ``until``.
        """
        done = self.records["completion"]
        inside = (since < done) & (done <= until)
        return float(self.records["output"][inside].sum()) / (until - since)

    def completions(self) -> Iterator[tuple[int, int]]:
        """Yield the end of each iteration and the number it completes."""
        times, counts = np.unique(
            self.records["completion"], return_counts=True
        )
        found = dict(zip(times.tolist(), counts.tolist(), strict=True))
        for step in self.iterations:
            yield step.end, found.get(step.end, 0)


def _coefficients(clock: Clock) -> dict[str, int]:
    if isinstance(clock, UnitRounds):
        shape = {"d0": 1, "d1": 0, "d2": 0, "prefill": 0, "free": 0}
    else:
        names = ("d0", "d1", "d2", "prefill", "free")
        shape = {name: getattr(clock, name) for name in names}
    return {**shape, "arrival_unit": clock.arrival_unit}
