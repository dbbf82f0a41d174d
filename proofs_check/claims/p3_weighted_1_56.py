"""P3: A_min against shortest first on linearly weighted geometric lengths."""

from fractions import Fraction

from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.intervals import result_rows

BOUND = Fraction(39, 25)


def check() -> Finding:
    """Take the largest mean ratio over all parameters tried."""
    rows = [
        row
        for row in result_rows("a_min_ratios.csv")
        if row["law"] == "linear geometric"
        and row["policy"].startswith("a-min")
    ]
    ratios = {Fraction(row["mean_ratio"]): row for row in rows}
    worst = max(ratios)
    where = ratios[worst]
    draws = sum(int(row["draws"]) for row in rows)
    return scanned(
        f"{len(rows)} settings with {draws} draws in all, M = 600, s = 0, "
        "l = 1 (python -m benchmarks.a_min_ratios): the largest mean ratio "
        f"to shortest first is {float(worst):.4f}, standard error "
        f"{where['standard_error']}, at {where['parameters']} with "
        f"{where['requests']} requests.",
        draws,
        [f"{where['parameters']}: {worst}"] if worst > BOUND else [],
        numbers={"worst": str(worst)},
        largest_ratio=worst,
        bound=BOUND,
    )


CLAIM = Claim(
    id="P3-weighted-1.56",
    statement=(
        "On linearly weighted geometric lengths A_min costs at most 1.56 "
        "times shortest first with hindsight, where prompts are negligible."
    ),
    source="P3, arXiv 2508.14544, constants remembered from the paper",
    model="all at 0, equal prompts of 0, known lower ends",
    reading="[inferred] the statement and A_min's pseudo-code, readings 3.2",
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    seed=0,
)
