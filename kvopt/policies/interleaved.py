"""Interleaved: SVF and shortest-first share the time, lengths known."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from kvopt.policies.base import (
    Arrivals,
    InformationModel,
    Job,
    PolicyInfo,
)
from kvopt.policies.choices import Active, LookAhead, Order, sort_key
from kvopt.policies.pipeline import (
    Plan,
    PlannedPolicy,
    PlannedRun,
    true_length,
)

__all__ = ["Interleaved"]

# Phases grow by RATIO**OFFSETS, and begin at one of OFFSETS powers of RATIO;
# the big requests' part of a phase is SHARE times as long as the other. The
# guarantee is about these numbers: docs/theory/competitive-ratios.md.
_NUMERATOR, _DENOMINATOR = 25, 24
_OFFSETS = 64
_SHARE = 3
# SHARE * RATIO**-LOWEST is less than 1.
_LOWEST = 30


@dataclass(frozen=True)
class Interleaved(PlannedPolicy):
    """Serve small peaks by volume and big ones by length, in turns.

    Ours. Requests with ``s + o <= M/2`` alone would be served by SVF, within
    5 times their optimum; the others one at a time, shortest first, within 4
    times theirs. The two schedules are merged in phases of geometrically
    growing length: a phase holds what SVF would complete by ``T``, and then
    what shortest-first would complete by ``3 T``, of what is left. Of 64
    places where phases may begin the cheapest is taken.

    Notes
    -----
    That the ratio is at most 205/16 is proved in docs/theory/
    competitive-ratios.md; arXiv 2607.09248 states 16 for these instances,
    with a rule that is not known here. Later arrivals form the next batch.
    """

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="interleaved",
        title="Interleaved",
        summary="svf for peaks up to M/2, shortest alone for others, in turns",
        paper="ours",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.BATCH,
        restarts=False,
        ratio="205/16 = 12.8125 if all a_i = 0 (docs/theory)",
        complexity="O(n log n) a batch beside what SVF costs",
        reading="as designed; later arrivals are outside of the theorem",
    )

    def planner(self, memory: int) -> Plan:
        """Return the function that plans a batch, on ``memory`` units."""

        def plan(jobs: Sequence[Job], now: int) -> list[PlannedRun]:
            starts = _interleave(jobs, memory)
            runs = (
                PlannedRun(j.request, now + starts[j.request], true_length(j))
                for j in jobs
            )
            return sorted(runs, key=lambda run: (run.start, run.request))

        return plan


class _Placed(NamedTuple):
    """A request in the schedule of its own part alone."""

    request: int
    start: int
    end: int


def parts_of(
    jobs: Sequence[Job], memory: int
) -> tuple[list[list[_Placed]], list[dict[int, int]]]:
    """Return the two parts, each scheduled alone, and their levels.

    Parameters
    ----------
    jobs
        The batch.
    memory
        ``M``, in units.

    Returns
    -------
    list, list
        Of small and of big requests: the schedule of the part alone, and
        the level of each request, the least ``m`` with a completion of at
        most ``(25/24)**m``, or three times as much for the big ones.
    """
    small = [j for j in jobs if 2 * (j.prompt + true_length(j)) <= memory]
    big = [j for j in jobs if 2 * (j.prompt + true_length(j)) > memory]
    parts = [_by_volume(small, memory), _one_by_one(big)]
    levels = [
        {run.request: _level(run.end, share) for run in part}
        for part, share in zip(parts, (1, _SHARE), strict=True)
    ]
    return parts, levels


def _interleave(jobs: Sequence[Job], memory: int) -> dict[int, int]:
    """Return the start rounds of the cheapest merged schedule."""
    parts, levels = parts_of(jobs, memory)
    plans = (merged(parts, levels, k) for k in range(_OFFSETS))
    return min(plans, key=lambda starts: sum(starts.values()))


def _by_volume(jobs: Sequence[Job], memory: int) -> list[_Placed]:
    """Return SVF's schedule of the jobs alone."""
    order = Order.VOLUME.code
    queue = deque(
        sorted(
            jobs,
            key=lambda j: (
                sort_key(order, j.request, j.prompt, true_length(j), 0),
                j.request,
            ),
        )
    )
    placed: list[_Placed] = []
    active: list[Active] = []
    now = 0
    while queue:
        active = [run for run in active if run.end > now]
        chosen: list[Active] = []
        while queue:
            job = queue[0]
            new = Active(now, job.prompt, now + true_length(job))
            if not LookAhead().fits(active, chosen, new, now, memory):
                break
            chosen.append(new)
            placed.append(_Placed(queue.popleft().request, now, new.end))
        active += chosen
        now += 1
    return placed


def _one_by_one(jobs: Sequence[Job]) -> list[_Placed]:
    """Return the schedule of the jobs alone, one at a time, shortest first."""
    placed: list[_Placed] = []
    now = 0
    for job in sorted(jobs, key=lambda j: (true_length(j), j.request)):
        placed.append(_Placed(job.request, now, now + true_length(job)))
        now += true_length(job)
    return placed


def _level(end: int, share: int) -> int:
    """Return the least integer ``m`` with ``end <= share * RATIO**m``."""
    # From a level below every other: even one round is beyond it.
    m = -_LOWEST
    above, below = share * _DENOMINATOR**_LOWEST, end * _NUMERATOR**_LOWEST
    while below > above:
        above *= _NUMERATOR
        below *= _DENOMINATOR
        m += 1
    return m


def merged(
    parts: Sequence[Sequence[_Placed]],
    levels: Sequence[Mapping[int, int]],
    offset: int,
) -> dict[int, int]:
    """Return the start rounds when phases end at given levels.

    Parameters
    ----------
    parts, levels
        As :func:`parts_of` returns them.
    offset
        Phases end at this level and those that are multiples of 64 away.
    """
    groups: dict[tuple[int, int], list[_Placed]] = {}
    for k, (part, level) in enumerate(zip(parts, levels, strict=True)):
        for run in part:
            phase = -((offset - level[run.request]) // _OFFSETS)
            groups.setdefault((phase, k), []).append(run)
    starts: dict[int, int] = {}
    now = 0
    for _, group in sorted(groups.items()):
        first = min(run.start for run in group)
        starts |= {run.request: now + run.start - first for run in group}
        now += max(run.end for run in group) - first
    return starts
