"""How much memory alpha-protection has to keep free to come to an end.

P1 (arXiv 2502.07115 v5) says that alpha-protection greedy clears and retries
for ever when ``alpha`` is small, and gives the least that worked: 0.21 under
high and 0.24 under low demand. A scan runs an instance at falling ``alpha``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kvopt.check.gate import verified_latency
from kvopt.model import InputError, Instance, PolicyError
from kvopt.model.instance import whole_number
from kvopt.policies import parse_policy
from kvopt.simulation import simulate
from kvopt.simulation.clocks import UNIT_ROUNDS, Clock, clock_spec, parse_clock
from kvopt.sweep import Kind, Source, SweepTask

__all__ = [
    "ALPHA_SCAN",
    "AlphaTask",
    "ScanPoint",
    "ScanRow",
    "alpha_sweep_task",
    "least_alpha",
    "scan_alphas",
]

COMPLETED, LIVELOCK, STUCK = "COMPLETED", "LIVELOCK", "STUCK"
ENDLESS, NOT_RUN = "ENDLESS", "NOT_RUN"

_DEFAULTS = {"least": 1, "most": 60, "step": 1, "clock": "unit", "cut": 0}


@dataclass(frozen=True)
class ScanPoint:
    """What came of one ``alpha``.

    Parameters
    ----------
    alpha
        The protected share of the memory.
    status
        ``"COMPLETED"``; ``"LIVELOCK"``, as the engine found it; ``"STUCK"``:
        some prompt is larger than ``(1-alpha) M``; ``"ENDLESS"``, when times
        left the range of the clock, or the run took more than ``cut`` times
        the rounds of the largest alpha; ``"NOT_RUN"`` below an alpha that
        did not complete, when ``cut`` is given.
    mean, p95
        Latency in the unit of the clock, seconds or rounds; None unless
        completed. The schedule was then accepted by the checker.
    rounds, cancellations
        Last round, and runs cancelled; None unless there is a schedule.
    """

    alpha: float
    status: str
    mean: float | None = None
    p95: float | None = None
    rounds: int | None = None
    cancellations: int | None = None


def scan_alphas(
    instance: Instance,
    policy: str,
    alphas: Sequence[float],
    clock: Clock = UNIT_ROUNDS,
    seed: int = 0,
    cut: float = 0,
) -> list[ScanPoint]:
    """Run ``policy`` at each alpha, the largest first.

    Parameters
    ----------
    policy
        ``"alpha-greedy"`` or ``"alpha-beta-clearing:beta=..."``.
    cut
        0: run every alpha. Else stop below the first that livelocks or takes
        more than ``cut`` times the rounds of the largest alpha. Clearing at
        random gets through in the end, after millions of rounds.

    Returns
    -------
    list of ScanPoint
        In the order of ``alphas``.
    """
    found: dict[float, ScanPoint] = {}
    limit: float | None = None
    over = False
    for alpha in sorted(alphas, reverse=True):
        if over:
            found[alpha] = ScanPoint(alpha, NOT_RUN)
            continue
        point = _point(instance, policy, alpha, clock, seed, limit)
        found[alpha] = point
        over = bool(cut) and point.status != COMPLETED
        if limit is None and cut and point.rounds is not None:
            limit = cut * point.rounds
    return [found[alpha] for alpha in alphas]


def _point(
    instance: Instance,
    policy: str,
    alpha: float,
    clock: Clock,
    seed: int,
    limit: float | None,
) -> ScanPoint:
    spec = policy + ("," if ":" in policy else ":") + f"alpha={alpha}"
    try:
        result = simulate(instance, spec, seed=seed, clock=clock)
    except PolicyError as error:
        # Stuck is a policy that starts nothing though nothing runs.
        stuck = " is stuck" in str(error)
        return ScanPoint(alpha, STUCK if stuck else LIVELOCK)
    except InputError as error:
        if error.field != "clock":
            raise
        return ScanPoint(alpha, ENDLESS)
    rounds = result.schedule.makespan
    cancelled = int((~result.schedule.completed).sum())
    if limit is not None and rounds > limit:
        return ScanPoint(
            alpha, ENDLESS, rounds=rounds, cancellations=cancelled
        )
    # By a clock other than unit, the instance of the rounds it came to.
    verified_latency(result.instance, result.schedule)
    times, schedule = result.times, result.schedule
    done = schedule.completed
    latency = times.units(
        times.end[done] - times.arrival[schedule.request[done]]
    )
    return ScanPoint(
        alpha,
        COMPLETED,
        mean=float(latency.mean()),
        p95=float(np.percentile(latency, 95, method="inverted_cdf")),
        rounds=rounds,
        cancellations=cancelled,
    )


def least_alpha(points: Sequence[ScanPoint]) -> float | None:
    """Return the least alpha from which on no run clears and retries.

    None when the largest one does, or nothing completed. A smaller alpha may
    complete, too: the runs are not monotone in alpha. Runs that are stuck
    are not counted: they have another reason, and a larger alpha.
    """
    least = None
    for point in sorted(points, key=lambda p: -p.alpha):
        if point.status == COMPLETED:
            least = point.alpha
        elif point.status != STUCK:
            break
    return least


def _read(
    subject: str, parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    policy = parse_policy(subject)
    if not hasattr(policy, "alpha"):
        raise InputError("has no alpha", field="policy", value=subject)
    complete = {**_DEFAULTS, **parameters}
    for name in ("least", "most", "step"):
        whole_number(complete[name], name, 1, 99)
    complete["clock"] = clock_spec(parse_clock(complete["clock"]))
    return subject, complete


def _run(
    instance: Instance, subject: str, parameters: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    hundredths = range(
        parameters["least"], parameters["most"] + 1, parameters["step"]
    )
    points = scan_alphas(
        instance,
        subject,
        [k / 100 for k in hundredths],
        parse_clock(parameters["clock"]),
        seed,
        parameters["cut"],
    )
    # A store keeps plain values.
    text = json.dumps([asdict(point) for point in points])
    return {"instance": instance.hash, "points": text}, {}


def _warm_up(policy: str) -> None:
    # Loading the compiler takes a good part of a second.
    from kvopt.simulation import fast

    fast.warm_up()


ALPHA_SCAN = Kind(
    field="policy",
    read=_read,
    run=_run,
    code=(
        "kvopt.model",
        "kvopt.policies",
        "kvopt.simulation",
        "kvopt.experiments.alpha",
    ),
    packages=lambda policy: ("numpy",),
    warm_up=_warm_up,
)


@dataclass(frozen=True)
class AlphaTask:
    """A scan of one policy on one generated instance.

    Parameters
    ----------
    generator, values
        Name of a generator, and its parameters as text.
    policy
        As for :func:`scan_alphas`.
    least, most, step
        The alphas, in hundredths.
    clock
        How long a round takes.
    cut
        As for :func:`scan_alphas`.
    seed
        Decides the instance, and what a random policy draws.
    """

    generator: str
    values: Mapping[str, str]
    policy: str
    least: int
    most: int
    step: int
    clock: str
    cut: int
    seed: int


@dataclass(frozen=True)
class ScanRow:
    """What came of an :class:`AlphaTask`; ``points`` as JSON text."""

    subject: str
    seed: int
    instance: str
    points: str

    def decoded(self) -> list[ScanPoint]:
        """Return the points, in the order of their alphas."""
        return [ScanPoint(**point) for point in json.loads(self.points)]


def alpha_sweep_task(task: AlphaTask) -> SweepTask:
    """Return the sweep task that makes a task's row."""
    return SweepTask.of(
        f"{__name__}:ALPHA_SCAN",
        task.policy,
        Source.generated(task.generator, task.values, task.seed),
        {
            "least": task.least,
            "most": task.most,
            "step": task.step,
            "clock": task.clock,
            "cut": task.cut,
        },
        task.seed,
    )
