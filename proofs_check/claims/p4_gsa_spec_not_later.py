"""P4: GSA-Spec never costs more than GSA."""

from fractions import Fraction

from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.kv import latency
from proofs_check.tools.tiny import equal_prompts


def check(memory: int = 6, n: int = 3) -> Finding:
    """Compare the two policies on every instance of a range."""
    instances = equal_prompts(memory, n)
    wrong = []
    worst = Fraction(0)
    total = better = 0
    for instance in instances:
        ours = latency(instance, "gsa-spec")
        base = latency(instance, "gsa")
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


def longer() -> Finding:
    """Try a larger range."""
    return check(7, 4)


CLAIM = Claim(
    id="P4-gsa-spec-not-later",
    statement=(
        "GSA-Spec costs no more than GSA on any instance, so that the bounds "
        "of GSA hold for it."
    ),
    source="P4, arXiv 2601.22996, GSA-Spec",
    model="all at 0, equal prompts",
    reading="[inferred] rules of readings 4.3 and 4.4",
    kind=Kind.LEMMA,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
)
