"""List rules: a queue in a fixed order, served with the look-ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from proofs_check.tools.instance import Instance, Request, cost, volume

__all__ = ["by_volume", "pairwise_area", "peak", "serve_list", "waiting_sum"]


def peak(request: Request) -> int:
    """Return ``s + o``."""
    return request.prompt + request.output


def by_volume(request: Request) -> int:
    """Return the sort key of SVF."""
    return volume(request)


def serve_list(
    instance: Instance,
    key: Callable[[Request], int],
    believed: Sequence[int] | None = None,
) -> list[int]:
    """Return start rounds of a list rule; ties are served by number.

    Parameters
    ----------
    instance
        What to serve.
    key
        Sort key of a request; arrivals are respected.
    believed
        Outputs that the look-ahead believes, by request; the true ones if
        not given. They must not be smaller.
    """
    requests = instance.requests
    beliefs = believed or [r.output for r in requests]
    order = sorted(
        range(len(requests)),
        key=lambda i: (key(requests[i]._replace(output=beliefs[i])), i),
    )
    starts: dict[int, int] = {}
    now = 0
    while len(starts) < len(requests):
        for i in order:
            if i in starts or requests[i].arrival > now:
                continue
            active = [
                j for j, p in starts.items() if p + requests[j].output > now
            ]
            tried = starts | {i: now}
            ends = {tried[j] + beliefs[j] for j in [*active, i]}
            if any(
                sum(
                    requests[j].prompt + end - tried[j]
                    for j in [*active, i]
                    if tried[j] < end <= tried[j] + beliefs[j]
                )
                > instance.memory
                for end in ends
            ):
                break
            starts[i] = now
        now += 1
    return [starts[i] for i in range(len(requests))]


def pairwise_area(instance: Instance) -> Fraction:
    """Return ``(1/M) sum_j sum_{i<=j} vol_(i)``, volumes ascending."""
    volumes = sorted(volume(r) for r in instance.requests)
    n = len(volumes)
    total = sum((n - k) * v for k, v in enumerate(volumes))
    return Fraction(total, instance.memory)


def waiting_sum(instance: Instance, starts: Sequence[int]) -> int:
    """Return the rounds that all requests wait."""
    outputs = sum(r.output for r in instance.requests)
    return cost(instance, starts) - outputs
