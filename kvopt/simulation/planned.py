"""The engine for policies that plan whole phases: no round is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kvopt.model import Instance
from kvopt.model.instance import IntArray
from kvopt.model.serving import PLAIN
from kvopt.policies.base import Job
from kvopt.policies.pipeline import Plan, PlannedPolicy, PlannedRun
from kvopt.simulation.faults import fault
from kvopt.simulation.outcome import SimulationOutcome, counted_outcome
from kvopt.simulation.pulse import Progress
from kvopt.simulation.told import hints

__all__ = ["run"]


def run(
    instance: Instance,
    policy: PlannedPolicy,
    progress: Progress | None = None,
) -> SimulationOutcome:
    """Run a policy on ``instance``, phase by phase, and return its runs.

    Takes O(r log r) for r runs beside the policy's own work; the number of
    rounds does not matter.

    Parameters
    ----------
    instance, progress
        As for :func:`kvopt.simulate`; rounds are counted. ``progress`` is
        called after each phase.
    policy
        A policy that keeps to its plans.

    Raises
    ------
    InputError
        When the instance lacks the predictions that the policy needs.
    PolicyError
        When a plan is empty, has a request that is not there or has two
        runs, goes back in time, or exceeds the memory.
    """
    jobs, output = _jobs(instance, policy), instance.output.tolist()
    plan: Plan = policy.planner(instance.memory)
    known, now = 0, 0
    left: dict[int, Job] = {}
    runs: list[tuple[int, int, int]] = []
    while known < len(jobs) or left:
        if not left:
            now = max(now, jobs[known].arrival)
        while known < len(jobs) and jobs[known].arrival <= now:
            left[known] = jobs[known]
            known += 1
        phase = plan(list(left.values()), now)
        _check(policy, phase, left, now)
        for i, start, most in phase:
            stop = start + min(most, output[i])
            runs.append((i, start, stop))
            now = max(now, stop)
            if most >= output[i]:
                del left[i]
        if progress is not None:
            progress(known - len(left))
    request, start, stop = np.array(runs, np.int64).T
    usage, at = _highest(instance, request, start, stop)
    if usage > instance.memory:
        raise fault(
            policy,
            at - 1,
            f"uses {usage} of {instance.memory} units in round {at}",
        )
    completed = stop - start == instance.output[request]
    columns = request, start, stop, completed
    return counted_outcome(columns, stop - start, PLAIN)


def _jobs(instance: Instance, policy: PlannedPolicy) -> list[Job]:
    """Return what the policy sees of each request from its arrival on."""
    arrival, prompt = instance.arrival.tolist(), instance.prompt.tolist()
    known = hints(instance, policy)
    return list(map(Job, range(len(instance)), arrival, prompt, known))


def _check(
    policy: PlannedPolicy,
    phase: Sequence[PlannedRun],
    left: dict[int, Job],
    now: int,
) -> None:
    """Raise PolicyError for a plan that cannot be carried out."""
    before, met = now, set[int]()
    for i, start, most in phase:
        if i in met or i not in left:
            raise fault(policy, now, f"plans request {i}, which does not wait")
        if start < before or most < 1:
            raise fault(
                policy, now, f"plans request {i} for {most} rounds at {start}"
            )
        before = start
        met.add(i)
    if not met:
        raise fault(policy, now, "plans no run, and requests wait")


def _highest(
    instance: Instance, request: IntArray, start: IntArray, stop: IntArray
) -> tuple[int, int]:
    """Return the most that runs hold together, and the first such round.

    Between two ends of runs memory only grows, so the ends are looked at.
    """
    base = instance.prompt[request] - start
    by_start, by_stop = np.argsort(start), np.argsort(stop)
    ends = np.unique(stop)
    # What has started before the round, less what has ended before it.
    begun = np.searchsorted(start[by_start], ends, side="left")
    over = np.searchsorted(stop[by_stop], ends, side="left")
    held = _sums(base[by_start])[begun] - _sums(base[by_stop])[over]
    # Sums may wrap around; what is left after both are taken is exact again.
    usage = held + (begun - over) * ends
    place = int(usage.argmax())
    return int(usage[place]), int(ends[place])


def _sums(values: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(values)])
