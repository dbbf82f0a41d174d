"""P4: the ratio of SPS tends to 1; not if outputs grow with the memory."""

from fractions import Fraction
from typing import Any

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.counterexample import witness
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.kv import simulated

KEPT = (2, 4, 6)
COUNT = 40


def growing(q: int) -> Instance:
    """Return identical requests of output ``2q`` with ``M = 3q - 1``."""
    return at_zero(3 * q - 1, [(0, 2 * q)] * COUNT)


def pipeline(q: int) -> list[int]:
    """Return one start every ``q + 1`` rounds."""
    return [(q + 1) * k for k in range(COUNT)]


def sps(instance: Instance) -> list[int]:
    """Return kvopt's SPS."""
    result = simulated(instance, "sps")
    return [int(p) for p in result.schedule.starts(result.instance)]


def check() -> Finding:
    """Compare SPS with the pipeline that fits, for growing outputs."""
    ratios = {}
    alone = fits = True
    for q in KEPT:
        instance = growing(q)
        starts = sps(instance)
        alone &= starts == [2 * q * k for k in range(COUNT)]
        fits &= not overload(instance, pipeline(q))
        ratios[q] = Fraction(
            cost(instance, starts), cost(instance, pipeline(q))
        )
    values = list(ratios.values())
    shown = ", ".join(
        f"{float(r):.3f} at o={2 * q}" for q, r in ratios.items()
    )
    return refuted(
        f"s=0, o=2q, M=3q-1, {COUNT} requests: SPS runs one at a time, while "
        f"one start every q+1 rounds fits; SPS costs at least {shown} times "
        "the optimum, 2q/(q+1) in the limit of many requests.",
        {
            "SPS runs one at a time": alone,
            "the pipeline fits": fits,
            "the ratio grows": values == sorted(values),
        },
        numbers={f"q={q}": str(r) for q, r in ratios.items()},
        largest_ratio=max(ratios.values()),
    )


def makes() -> dict[str, dict[str, Any]]:
    """Return the witnesses."""
    return {
        f"sps_limit_{q}.json": witness(
            growing(q), sps(growing(q)), pipeline(q), "sps"
        )
        for q in KEPT
    }


CLAIM = Claim(
    id="P4-sps-limit",
    statement=(
        "The ratio of SPS to the optimum on identical requests tends to 1 as "
        "memory and the number of requests grow, whatever the outputs."
    ),
    source="P4, arXiv 2601.22996, remark on SPS",
    model="all at 0, identical requests",
    reading=(
        "[inferred] SPS's gap is ceil(o/k) for the largest k that fits; the "
        "remark holds for fixed (s, o), see docs/identical-requests.md"
    ),
    kind=Kind.THEOREM,
    strength=Strength.CERTIFICATE,
    check=check,
    makes=makes,
    witnesses=tuple(f"sps_limit_{q}.json" for q in KEPT),
    proof="docs/theory/lower-bounds.md#sps-when-outputs-grow",
)
