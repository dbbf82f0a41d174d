"""Shrinking a bad instance: what is left out does not matter to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kvopt.adversary.limits import Limits
from kvopt.adversary.mutators import rebuilt
from kvopt.adversary.objective import Finding, PolicyRatio
from kvopt.model import Instance, PolicyError

__all__ = ["minimise"]


def minimise(
    finding: Finding,
    objective: PolicyRatio,
    limits: Limits,
    checkpoint: Callable[[], None] = lambda: None,
) -> Finding:
    """Return a smaller instance on which the policy is no better.

    Requests are left out, then prompts, outputs, arrivals and the capacity
    lowered by one, as long as the ratio does not fall. The result admits no
    such step: it is a local minimum, not the smallest instance. Each step
    lowers the sum of all numbers, so there are at most that many.
    ``checkpoint`` is called before each evaluation; it may raise.

    Parameters
    ----------
    finding
        What to shrink.
    objective
        The ratio that must not fall.
    limits
        What instances may be.
    checkpoint
        Called before each evaluation; it may raise to stop.
    """
    while True:
        for smaller in _smaller(finding.instance, limits):
            checkpoint()
            try:
                found = objective.evaluate(smaller, finding.ratio)
            except PolicyError:
                continue
            if found is not None and found.optimal >= finding.optimal:
                finding = found
                break
        else:
            return finding


def _smaller(instance: Instance, limits: Limits) -> Iterator[Instance]:
    """Yield the instances that are one step smaller, big steps first."""
    memory, requests = instance.memory, list(instance)
    n = len(requests)
    for i in range(n):
        if n > 1:
            yield rebuilt(memory, requests[:i] + requests[i + 1 :])
    for field, least in (("prompt", 0), ("output", 1), ("arrival", 0)):
        together = field == "prompt" and limits.equal_prompts
        for group in [range(n)] if together else [(i,) for i in range(n)]:
            lowered = requests.copy()
            for i in group:
                value = getattr(requests[i], field) - 1
                lowered[i] = requests[i]._replace(**{field: value})
            if all(getattr(lowered[i], field) >= least for i in group):
                yield rebuilt(memory, lowered)
    if memory > int(instance.peak.max()):
        yield rebuilt(memory - 1, requests)
