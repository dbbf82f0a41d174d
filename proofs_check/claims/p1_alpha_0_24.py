"""P1: the least alpha with which alpha-greedy ends, low demand."""

from proofs_check.evidence import Finding, measured
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.intervals import result_rows
from proofs_check.tools.thresholds import least_alphas


def check() -> Finding:
    """Take the least and the largest threshold over ten samples."""
    found = least_alphas(
        result_rows("alpha_thresholds.csv"),
        "lmsys_words_lt500_lt600, low",
    )
    return measured(
        f"Thresholds of {len(found)} samples of 10,000 requests of "
        "LMSYS-Chat-1M in words, M = 16492, with a clock fitted to "
        "Llama-2-70B (python -m benchmarks.alpha_thresholds): "
        f"{', '.join(f'{alpha:.2f}' for alpha in found)}.",
        0.24,
        found[0],
        found[-1],
        numbers={"least": f"{found[0]:.2f}", "largest": f"{found[-1]:.2f}"},
        tried=len(found),
    )


CLAIM = Claim(
    id="P1-alpha-0.24",
    statement=(
        "The smallest alpha with which alpha-protection greedy comes to an "
        "end under low demand is 0.24."
    ),
    source="P1, arXiv 2502.07115 v4/v5, section 5",
    model="10,000 LMSYS conversations, M = 16492, Poisson arrivals",
    reading=(
        "[inferred] rules of readings 1.8; the paper's sample is not public, "
        "its words have other means than ours"
    ),
    kind=Kind.EXPERIMENT,
    strength=Strength.STATISTICAL,
    check=check,
    seed=0,
)
