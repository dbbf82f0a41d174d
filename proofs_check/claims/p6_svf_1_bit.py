"""P6: an order that knows of each length one bit is within O(T)."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Request, cost, volume
from proofs_check.tools.lists import peak, serve_list
from proofs_check.tools.tiny import any_prompts, best

# The fourth root of T, which is 16: proxies of 2 and 8, split at 4.
ROOT = 2


def by_proxy(request: Request) -> int:
    """Return the volume with the proxy in place of the length."""
    short = request.output <= ROOT**2
    return volume(request._replace(output=ROOT if short else ROOT**3))


def check(memory: int = 6, n: int = 3) -> Finding:
    """Compare the order by proxies with the optimum."""
    longest = ROOT**4
    worst = share = Fraction(0)
    tried = 0
    for instance in any_prompts(memory, n):
        most = max(map(peak, instance.requests))
        if most == instance.memory:
            continue
        alpha = Fraction(most, instance.memory)
        starts = serve_list(instance, by_proxy)
        ratio = Fraction(cost(instance, starts), best(instance))
        worst = max(worst, ratio)
        share = max(share, ratio / (1 + 2 * longest / (1 - alpha)))
        tried += 1
    steps = all(
        volume(Request(0, s, a)) <= longest * volume(Request(0, r, b))
        for s in range(6)
        for r in range(6)
        for a in range(1, longest + 1)
        for b in range(1, longest + 1)
        if by_proxy(Request(0, s, a)) <= by_proxy(Request(0, r, b))
    )
    return proved(
        f"T = {longest}; all {tried} instances with M <= {memory}, n <= {n} "
        f"and peaks below M: at most {float(worst):.4f} times the optimum, "
        f"{float(share):.4f} of 1 + 2T/(1-alpha); who stands before has at "
        f"most T times the volume, for all lengths up to T, prompts up to 5.",
        {"the ratio": share <= 1, "the step of the proof": steps},
        numbers={"worst": str(worst), "share": str(share)},
        tried=tried,
        largest_ratio=worst,
    )


CLAIM = Claim(
    id="P6-svf-1-bit",
    statement=(
        "SVF that knows of each length only whether it exceeds sqrt(T) costs "
        "O(T) times the optimum. Proved here: 1 + 2T/(1-alpha), if its "
        "look-ahead rules out overflow."
    ),
    source="P6, arXiv 2606.22327, 1-bit SVF",
    model="all at 0, any prompts, lengths up to T, peaks at most alpha M",
    reading=(
        "[inferred] the bound by a note on the paper, its conditions are not "
        "known; overflow, which proxies that are too short allow, is left out"
    ),
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/competitive-ratios.md#one-bit-of-each-length",
    depends_on=("P6-prop-3.1",),
)
