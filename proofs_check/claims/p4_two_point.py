"""P4: on the two-point instance GSA does not get stuck, others do."""

from fractions import Fraction

from proofs_check.checker.bounds import area
from proofs_check.checker.rules import Request
from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, at_zero
from proofs_check.tools.kv import latency

SIZES = [(96, 160)] * 6 + [(96, 1)] * 194
INTERVALS = [(1, 160)] * 200


def mean(instance: Instance, policy: str) -> Fraction:
    """Return the mean latency of a policy."""
    told = INTERVALS if policy.startswith("a-min") else None
    return Fraction(latency(instance, policy, told), len(SIZES))


def check() -> Finding:
    """Run GSA, A_min, the vLLM-like rule and MC-SF."""
    instance = at_zero(256, SIZES)
    names = ("mc-sf", "gsa", "a-min:update=continuous", "vllm-like")
    means = {name: mean(instance, name) for name in names}
    requests = [Request(*r) for r in instance.requests]
    bound = area(256, requests) / len(SIZES)
    gsa = means["gsa"]
    wrong = [
        f"GSA {float(gsa):.2f} against {name} {float(means[name]):.2f}"
        for name in names[2:]
        if means[name] <= gsa
    ]
    shown = ", ".join(f"{name} {float(m):.2f}" for name, m in means.items())
    return scanned(
        f"M=256, s=96, six of o=160 before 194 of o=1: mean latencies "
        f"{shown}; area bound {float(bound):.2f}.",
        1,
        wrong,
        numbers={name: str(m) for name, m in means.items()},
        largest_ratio=gsa / bound,
        bound=Fraction(6192, 100),
    )


CLAIM = Claim(
    id="P4-two-point",
    statement=(
        "With prompts of 96, M = 256, six requests of length 160 and 194 of "
        "length 1, the vLLM-like rule and A_min get stuck protecting long "
        "requests and GSA does not."
    ),
    source="P4, arXiv 2601.22996, numerics, adversarial instance",
    model="all at 0, equal prompts, unknown lengths",
    reading="[inferred] long requests first, growth 2 from slices of 1",
    kind=Kind.EXPERIMENT,
    strength=Strength.EXHAUSTIVE,
    check=check,
)
