"""Results: they always carry objective, lower bound, status, runtime, seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model.errors import InputError
from kvopt.model.instance import Instance, IntArray
from kvopt.model.pictures import memory_picture
from kvopt.model.reasons import Reason
from kvopt.model.schedule import Schedule
from kvopt.model.search_params import SearchParams
from kvopt.model.serving import ServingRules
from kvopt.model.showing import Fact, Shown
from kvopt.model.times import Times

__all__ = [
    "RECORD_DTYPE",
    "TIMED_DTYPE",
    "BoundCertificate",
    "Event",
    "SimulationResult",
    "SolveResult",
    "Status",
    "Witness",
]


class Status(str, Enum):
    """How a search ended.

    ``OPTIMAL`` is said only when objective and lower bound are equal and the
    bound was proved. ``FEASIBLE`` and ``TIME_LIMIT`` carry an incumbent and a
    bound. There is no infeasible instance: requests can run one by one.
    """

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    TIME_LIMIT = "TIME_LIMIT"


@dataclass(frozen=True)
class BoundCertificate(Shown):
    """A lower bound on the total latency that the checker can re-derive.

    Parameters
    ----------
    instance
        Content hash of the instance the bound is for.
    method
        Name of the argument, for instance ``"area"``.
    value
        The bound: no schedule of the instance has a smaller ``TEL``.
    data
        Whatever the argument needs beside the instance; plain JSON values.
    """

    instance: str
    method: str
    value: int
    data: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> list[Fact]:
        """Return the bound, and what it rests on."""
        return [
            ("bound", f"total latency at least {self.value:,} rounds"),
            ("method", self.method),
            ("instance", self.instance),
        ]

    def document(self) -> dict[str, Any]:
        """Return the ``kvopt-bound/1`` document."""
        return {
            "format": "kvopt-bound/1",
            "instance": self.instance,
            "method": self.method,
            "value": self.value,
            "data": dict(self.data),
        }


@dataclass(frozen=True)
class SolveResult(Shown):
    """What an exact (or bounding) solver found.

    Parameters
    ----------
    objective
        ``TEL`` of ``schedule``, in rounds.
    lower_bound
        A proved lower bound on the optimum, rounded up to an integer.
    status
        See :class:`Status`.
    schedule
        The incumbent: there always is one.
    certificate
        The strongest bound that the independent checker can re-derive. Its
        value may be below ``lower_bound``, which rests on the solver's word.
    runtime
        Wall time in seconds.
    seed, solver, versions
        What is needed to run it again; versions of the packages used.
    reason
        Why the search ended as it did, in one sentence; names the special
        case for results that are optimal by theorem.
    params
        Of the dedicated search; None where another solver ran.
    """

    objective: int
    lower_bound: int
    status: Status
    schedule: Schedule
    certificate: BoundCertificate
    runtime: float
    seed: int
    solver: str
    versions: Mapping[str, str]
    reason: str = ""
    params: SearchParams | None = None

    def __post_init__(self) -> None:
        proved = self.objective == self.lower_bound
        if self.status is Status.OPTIMAL and not proved:
            raise InputError(
                f"OPTIMAL needs the lower bound {self.lower_bound}",
                field="objective",
                value=self.objective,
            )
        if self.objective < self.lower_bound:
            raise InputError(
                f"is below the lower bound {self.lower_bound}",
                field="objective",
                value=self.objective,
            )

    @property
    def gap(self) -> float:
        """``objective / lower_bound - 1``."""
        return self.objective / self.lower_bound - 1

    def summary(self) -> list[Fact]:
        """Return what was found, what is proved, and by whom."""
        requests = int(self.schedule.completed.sum())
        mean = self.objective / requests
        derived = self.certificate
        return [
            ("status", f"{self.status.value}: {self.reason}"),
            ("total latency", f"{self.objective:,} rounds, mean {mean:,.4f}"),
            ("lower bound", f"{self.lower_bound:,} rounds"),
            ("gap", f"{100 * self.gap:.2f} %"),
            ("certificate", f"{derived.method} bound {derived.value:,}"),
            ("solver", self.solver),
            ("runtime", f"{self.runtime:.2f} s"),
        ]

    def picture(self) -> str:
        """Return when each request runs in the best schedule found."""
        return self.schedule.picture()


class Event(NamedTuple):
    """Something that happened at the start of round ``round + 1``."""

    round: int
    kind: str
    request: int


RECORD_DTYPE = np.dtype(
    [
        ("request", np.int64),
        ("arrival", np.int64),
        ("prompt", np.int64),
        ("output", np.int64),
        ("start", np.int64),
        ("completion", np.int64),
        ("latency", np.int64),
        ("cancellations", np.int64),
        ("wasted_rounds", np.int64),
    ]
)
# With a clock that measures seconds.
TIMED_DTYPE = np.dtype(
    [
        *((name, RECORD_DTYPE[name]) for name in RECORD_DTYPE.names or ()),
        ("arrival_s", np.float64),
        ("begin_s", np.float64),
        ("first_token_s", np.float64),
        ("completion_s", np.float64),
    ]
)


@dataclass(frozen=True)
class SimulationResult(Shown):
    """What a policy did on an instance.

    Parameters
    ----------
    instance
        The instance that was simulated. With a clock that measures seconds,
        the round in which a request was first seen takes the place of its
        arrival.
    schedule
        All runs, cancelled ones included.
    policy
        The policy's specification, such as ``"mc-sf:misfit=skip"``.
    engine, runtime, seed
        Engine name, wall time in seconds, and the seed of the generator.
    clock
        The clock's text form.
    measured
        When the runs took place, by a clock that measures seconds; None when
        every round takes one unit of time.
    reasons
        Why each request started, waited or was cancelled, in the order of
        the decisions; None unless the simulation was to explain.
    made
        Tokens that each run of the schedule made, shape ``(k,)``; None by
        the papers' rules, where it makes one a round.

    Notes
    -----
    Status is always FEASIBLE: every request was completed, or the engine
    raised. ``lower_bound`` is the trivial one, ``sum(o_i)``; stronger ones
    are in :mod:`kvopt.exact.bounds`.
    """

    instance: Instance = field(repr=False)
    schedule: Schedule = field(repr=False)
    policy: str
    engine: str
    runtime: float
    seed: int
    clock: str = "unit"
    measured: Times | None = None
    reasons: tuple[Reason, ...] | None = field(default=None, repr=False)
    made: IntArray | None = None

    @property
    def serving(self) -> ServingRules:
        """The rules of the server."""
        return self.schedule.serving

    @cached_property
    def tokens(self) -> IntArray:
        """Tokens that each run of the schedule made, shape ``(k,)``."""
        if self.made is not None:
            return self.made
        return self.schedule.stop - self.schedule.start

    @cached_property
    def prompts(self) -> IntArray:
        """Prompt of each run in tokens, with what earlier ones left it."""
        runs = self.schedule
        prompt = self.instance.prompt[runs.request]
        if not runs.serving.keeps:
            return prompt
        # Runs are by start, so a stable sort has each request's in order.
        order = np.argsort(runs.request, kind="stable")
        request, made = runs.request[order], self.tokens[order]
        before = np.cumsum(made) - made
        first = np.searchsorted(request, request)
        kept = np.empty_like(before)
        kept[order] = before - before[first]
        return prompt + kept

    @property
    def status(self) -> Status:
        """FEASIBLE: a simulation proves nothing about the optimum."""
        return Status.FEASIBLE

    @cached_property
    def objective(self) -> int:
        """Total end-to-end latency ``TEL``, in rounds."""
        return self.schedule.total_latency(self.instance)

    @property
    def lower_bound(self) -> int:
        """Trivial lower bound on the optimum, ``sum(o_i)``, in rounds."""
        return int(self.instance.output.sum())

    @cached_property
    def times(self) -> Times:
        """When the runs took place, by whatever clock."""
        if self.measured is not None:
            return self.measured
        start, stop = self.schedule.start, self.schedule.stop
        first = np.minimum(stop - self.tokens + 1, stop)
        return Times("rounds", 1, self.instance.arrival, start, first, stop)

    @cached_property
    def first_token(self) -> IntArray:
        """When each request's first token was there, in ticks, shape (n,).

        A token of a cancelled run is lost, unless the server keeps it.
        """
        runs = self.schedule
        counts = runs.completed
        if runs.serving.keeps:
            counts = self.tokens > 0
        ticks = np.full(len(self.instance), np.iinfo(np.int64).max)
        first = self.times.first[counts]
        np.minimum.at(ticks, runs.request[counts], first)
        return ticks

    @cached_property
    def records(self) -> NDArray[Any]:
        """One row a request, in request order.

        The dtype is ``RECORD_DTYPE``, or ``TIMED_DTYPE`` when the clock
        measures seconds; other columns than those in seconds are in rounds.
        """
        instance, schedule = self.instance, self.schedule
        timed = self.measured is not None
        rows = np.zeros(len(instance), TIMED_DTYPE if timed else RECORD_DTYPE)
        rows["request"] = np.arange(len(instance))
        for name in ("arrival", "prompt", "output"):
            rows[name] = getattr(instance, name)
        rows["start"] = schedule.starts(instance)
        rows["completion"] = schedule.completions(instance)
        rows["latency"] = rows["completion"] - rows["arrival"]
        lost = ~schedule.completed
        who = schedule.request[lost]
        rounds = schedule.stop[lost] - schedule.start[lost]
        if schedule.serving.keeps:
            rounds -= self.tokens[lost]
        np.add.at(rows["cancellations"], who, 1)
        np.add.at(rows["wasted_rounds"], who, rounds)
        if self.measured is not None:
            times, done = self.measured, schedule.completed
            rows["arrival_s"] = times.units(times.arrival)
            of = schedule.request[done]
            rows["begin_s"][of] = times.units(times.begin[done])
            rows["first_token_s"] = times.units(self.first_token)
            rows["completion_s"][of] = times.units(times.end[done])
        return rows

    def summary(self) -> list[Fact]:
        """Return who ran on what, and the latencies."""
        times, done = self.times, self.schedule.completed
        of = self.schedule.request[done]
        latency = times.units(times.end[done] - times.arrival[of])
        p95 = np.percentile(latency, 95, method="inverted_cdf")
        return [
            ("policy", self.policy),
            ("instance", self.instance.name or self.instance.hash),
            ("requests", len(self.instance)),
            ("memory", self.instance.memory),
            ("total latency", f"{self.objective:,} rounds"),
            (
                "latency",
                f"mean {latency.mean():,.3f}, P95 {p95:,.3f}, largest "
                f"{latency.max():,.3f} {times.unit}",
            ),
            ("makespan", f"{self.schedule.makespan:,} rounds"),
            ("cancelled runs", int((~done).sum())),
            ("clock", None if self.clock == "unit" else self.clock),
            ("engine", f"{self.engine}, {self.runtime:.3f} s"),
        ]

    def picture(self) -> str:
        """Return the memory over time, a band a request where few."""
        if not self.schedule.serving.plain:
            return self.schedule.picture()
        return memory_picture(self.instance, self.schedule)

    @property
    def events(self) -> tuple[Event, ...]:
        """Arrivals, starts, cancellations and completions, in order."""
        order = {"complete": 0, "cancel": 1, "arrive": 2, "start": 3}
        events = [
            Event(a, "arrive", i)
            for i, a in enumerate(self.instance.arrival.tolist())
        ]
        for run in self.schedule.runs:
            end = "complete" if run.completed else "cancel"
            events.append(Event(run.start, "start", run.request))
            events.append(Event(run.stop, end, run.request))
        return tuple(
            sorted(events, key=lambda e: (e.round, order[e.kind], e.request))
        )


@dataclass(frozen=True)
class Witness(Shown):
    """Evidence that an algorithm costs more than a reference schedule.

    Parameters
    ----------
    claim
        What the witness shows, in one sentence.
    instance
        The instance.
    algorithm_schedule, reference_schedule
        What the algorithm did, and a better schedule.
    reference_optimal
        True when the reference was proved optimal.
    certificate
        How the reference's optimality was established; "" if it was not.
    algorithm
        Policy specification and seed that regenerate the first schedule.
    """

    claim: str
    instance: Instance
    algorithm_schedule: Schedule
    reference_schedule: Schedule
    reference_optimal: bool
    certificate: str = ""
    algorithm: str = ""

    @property
    def algorithm_cost(self) -> int:
        """``TEL`` of the algorithm's schedule."""
        return self.algorithm_schedule.total_latency(self.instance)

    @property
    def reference_cost(self) -> int:
        """``TEL`` of the reference schedule."""
        return self.reference_schedule.total_latency(self.instance)

    @property
    def ratio(self) -> float:
        """Algorithm cost over reference cost."""
        return self.algorithm_cost / self.reference_cost

    def summary(self) -> list[Fact]:
        """Return the claim and the two costs, as they are stated."""
        said = "said to be optimal" if self.reference_optimal else "a schedule"
        return [
            ("claim", self.claim),
            ("algorithm", self.algorithm or None),
            ("its cost", self.algorithm_cost),
            ("reference", f"{self.reference_cost:,}, {said}"),
            ("ratio", f"{self.ratio:.6f}"),
            ("requests", len(self.instance)),
            ("memory", self.instance.memory),
        ]

    def picture(self) -> str:
        """Return both schedules, the algorithm's above."""
        return memory_picture(
            self.instance, self.algorithm_schedule
        ) + memory_picture(self.instance, self.reference_schedule)

    def document(self) -> dict[str, Any]:
        """Return the ``kvopt-witness/1`` document."""
        document: dict[str, Any] = {
            "format": "kvopt-witness/1",
            "claim": self.claim,
            "instance": self.instance.document(),
            "algorithm_schedule": self.algorithm_schedule.document(
                self.instance
            ),
            "reference_schedule": self.reference_schedule.document(
                self.instance
            ),
            "algorithm_cost": self.algorithm_cost,
            "reference_cost": self.reference_cost,
            "reference_optimal": self.reference_optimal,
            "certificate": self.certificate,
        }
        if self.algorithm:
            document["algorithm"] = self.algorithm
        return document
