"""Claims that a policy is within a factor of the optimum: the scan."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, Request
from proofs_check.tools.kv import latency, simulated
from proofs_check.tools.optimum import optimum
from proofs_check.tools.tiny import any_prompts, equal_prompts, worst_ratio

__all__ = ["identical", "never_dearer", "policy_scan", "scan_claim"]

Sizes = tuple[int, int]


def identical(memory: int, n: int) -> tuple[Instance, ...]:
    """Return the instances of identical requests, all at 0, up to a size.

    Parameters
    ----------
    memory
        Largest capacity ``M``, in units.
    n
        Largest number of requests.
    """
    return tuple(
        instance
        for instance in equal_prompts(memory, n)
        if len(set(instance.requests)) == 1
    )


def _of_class(
    belongs: Callable[[Request, int], bool],
) -> Callable[[int, int], tuple[Instance, ...]]:
    """Return the range of instances whose requests are all of a class."""

    def chosen(memory: int, n: int) -> tuple[Instance, ...]:
        return tuple(
            instance
            for instance in any_prompts(memory, n)
            if all(belongs(r, instance.memory) for r in instance.requests)
        )

    return chosen


RANGES: dict[str, Callable[[int, int], tuple[Instance, ...]]] = {
    "equal prompts": equal_prompts,
    "any prompts": any_prompts,
    "identical requests": identical,
    "large or prompt-heavy requests": lambda memory, n: (
        _of_class(lambda r, m: 4 * r.prompt > m)(memory, n)
        + _of_class(lambda r, m: r.output <= r.prompt <= m / 4)(memory, n)
    ),
    "response-heavy requests": _of_class(
        lambda r, m: 4 * r.prompt <= m and r.output > r.prompt
    ),
}


def policy_scan(
    policy: str, bound: Fraction, kind: str, sizes: Sizes
) -> Finding:
    """Compare a policy of kvopt with the optimum on all instances.

    Parameters
    ----------
    policy
        Its text form.
    bound
        What the claim allows.
    kind
        Which instances, a key of ``RANGES``.
    sizes
        Largest memory and largest number of requests.
    """
    memory, n = sizes
    worst = worst_ratio(
        RANGES[kind](memory, n), partial(latency, policy=policy)
    )
    documents: tuple[dict[str, Any], ...] = ()
    shown = []
    if worst.ratio > bound:
        documents = (_witness(worst.instance, policy),)
        shown = [f"{worst.shown()}: ratio {worst.ratio}"]
    return scanned(
        f"All {worst.tried} instances of {kind} with M <= {memory} and n <= "
        f"{n}, against the optimum by exhaustive search: at most "
        f"{float(worst.ratio):.4f}, at {worst.shown()}.",
        worst.tried,
        shown,
        numbers={
            "worst": str(worst.ratio),
            "at": worst.shown(),
            "paid": worst.paid,
        },
        largest_ratio=worst.ratio,
        bound=bound,
        documents=documents,
    )


def _witness(instance: Instance, policy: str) -> dict[str, Any]:
    """Return the witness of a policy's schedule and an optimal one."""
    result = simulated(instance, policy)
    starts = [int(p) for p in result.schedule.starts(result.instance)]
    best = optimum(instance)
    for better in _all_starts(instance, best):
        return witness(instance, starts, better, policy, optimal=True)
    raise AssertionError("no schedule has the optimal cost")


def _all_starts(instance: Instance, cost: int) -> Any:
    from proofs_check.tools.instance import overload

    requests = instance.requests
    spare = cost - sum(r.output for r in requests)

    def extend(starts: list[int], left: int) -> Any:
        if len(starts) == len(requests):
            if not left and not overload(instance, starts):
                yield starts
            return
        for wait in range(left + 1):
            yield from extend([*starts, wait], left - wait)

    yield from extend([], spare)


def scan_claim(
    name: str,
    policy: str,
    bound: Fraction,
    kind: str,
    sizes: tuple[Sizes, Sizes],
    *,
    statement: str,
    source: str,
    model: str,
    reading: str,
) -> Claim:
    """Return the claim that a policy is within a factor of the optimum.

    Parameters
    ----------
    name
        Id of the claim.
    policy, bound, kind
        As in :func:`policy_scan`.
    sizes
        Those of the quick and of the full run.
    statement, source, model, reading
        As in :class:`proofs_check.ledger.Claim`.
    """
    quick, full = sizes
    return Claim(
        id=name,
        statement=statement,
        source=source,
        model=model,
        reading=reading,
        kind=Kind.THEOREM,
        strength=Strength.EXHAUSTIVE,
        check=partial(policy_scan, policy, bound, kind, quick),
        longer=partial(policy_scan, policy, bound, kind, full),
    )


def never_dearer(policy: str, other: str, memory: int, n: int) -> Finding:
    """Compare two policies on every instance of equal prompts of a range.

    Parameters
    ----------
    policy, other
        Policies of kvopt; the first is claimed to cost no more.
    memory, n
        As in :func:`proofs_check.tools.tiny.equal_prompts`.
    """
    instances = equal_prompts(memory, n)
    wrong = []
    worst = Fraction(0)
    total = better = 0
    for instance in instances:
        ours = latency(instance, policy)
        base = latency(instance, other)
        worst = max(worst, Fraction(ours, base))
        total += ours
        better += ours < base
        if ours > base:
            outputs = [r.output for r in instance.requests]
            wrong.append(
                f"M={instance.memory}, s={instance.requests[0].prompt}, "
                f"o={outputs}: {ours} against {base}"
            )
    return scanned(
        f"All {len(instances)} instances of equal prompts with M <= {memory}, "
        f"n <= {n}: never dearer, strictly better on {better}.",
        len(instances),
        wrong,
        numbers={"better": better, "paid": total},
        largest_ratio=worst,
        bound=Fraction(1),
    )
