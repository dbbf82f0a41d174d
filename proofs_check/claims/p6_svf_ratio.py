"""P6: SVF costs at most 1 + 2/(1 - alpha) times the optimum."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import cost
from proofs_check.tools.lists import (
    by_volume,
    pairwise_area,
    peak,
    serve_list,
    waiting_sum,
)
from proofs_check.tools.tiny import any_prompts, best


def check(memory: int = 5, n: int = 3) -> Finding:
    """Compare SVF with the optimum, and every step of the proof."""
    worst = share = Fraction(0)
    rounds = tried = 0
    steps = True
    for instance in any_prompts(memory, n):
        requests = instance.requests
        most = max(map(peak, requests))
        if most == instance.memory:
            continue
        alpha = Fraction(most, instance.memory)
        starts = serve_list(instance, by_volume)
        ratio = Fraction(cost(instance, starts), best(instance))
        worst = max(worst, ratio)
        share = max(share, ratio / (1 + 2 / (1 - alpha)))
        steps &= waiting_sum(instance, starts) <= (
            2 / (1 - alpha) * pairwise_area(instance)
        )
        for t in range(max(starts)):
            active = sum(
                peak(r)
                for r, p in zip(requests, starts, strict=True)
                if p <= t < p + r.output
            )
            steps &= active > instance.memory - most
            rounds += 1
        tried += 1
    return proved(
        f"All {tried} instances with M <= {memory}, n <= {n}, peaks below M: "
        f"ratio at most {float(worst):.4f}, and at most {float(share):.4f} "
        f"of 1 + 2/(1-alpha); in each of the {rounds} rounds in which "
        "somebody waits the active peaks exceed (1-alpha) M.",
        {"the ratio": share <= 1, "the steps of the proof": steps},
        numbers={"worst": str(worst), "share": str(share)},
        tried=tried,
        largest_ratio=worst,
    )


def longer() -> Finding:
    """Try a larger range."""
    return check(6, 4)


CLAIM = Claim(
    id="P6-svf-ratio",
    statement=(
        "If all requests are present at 0 and every s+o <= alpha M with "
        "alpha < 1, Smallest Volume First costs at most 1 + 2/(1-alpha) "
        "times the optimum."
    ),
    source="P6, arXiv 2606.22327 v2, main theorem",
    model="all at 0, any prompts, known lengths, peaks at most alpha M",
    reading="as summarised; the proof is repeated here in full",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    longer=longer,
    proof="docs/theory/competitive-ratios.md#svf",
    depends_on=("P6-prop-3.1",),
)
