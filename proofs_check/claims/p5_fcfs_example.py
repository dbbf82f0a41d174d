"""P5: FCFS falls behind in the worked example l = l' = 1, C = 12."""

from fractions import Fraction

from proofs_check.evidence import Finding, NotCheckedError, scanned
from proofs_check.ledger import Claim, Kind, Strength


def check(rounds: int = 400) -> Finding:
    """Run FCFS and WAIT on four arrivals an iteration after a bad start."""
    try:
        from kvopt.model import Instance
        from kvopt.simulation.staged import simulate_staged
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    # Six prompts and three decodes in one iteration: 6 + 3 * 2 = 12 units.
    requests = [(0, 1, 1)] * 3 + [(1, 1, 1)] * 6
    requests += [(t, 1, 1) for t in range(2, rounds) for _ in range(4)]
    instance = Instance.of(12, requests)
    done = {}
    for policy in ("staged-fcfs", "wait:thresholds=1x1:4"):
        result = simulate_staged(instance, policy)
        late = sum(
            count
            for end, count in result.completions()
            if rounds // 2 < end <= rounds
        )
        done[policy] = Fraction(late, rounds - rounds // 2)
    fcfs, wait = done["staged-fcfs"], done["wait:thresholds=1x1:4"]
    wrong = [] if 3 <= fcfs <= Fraction(7, 2) and wait == 4 else [f"{done}"]
    return scanned(
        f"Completions an iteration over the second half of {rounds}: FCFS "
        f"{float(fcfs):.3f}, WAIT with the threshold 4 {float(wait):.3f}, "
        "four arrive.",
        rounds,
        wrong,
        numbers={"fcfs": str(fcfs), "wait": str(wait)},
        largest_ratio=wait / fcfs,
    )


CLAIM = Claim(
    id="P5-fcfs-example",
    statement=(
        "With l = l' = 1, C = 12 and four arrivals an iteration FCFS falls "
        "from six prompts and three decodes into evictions or idle memory "
        "with about 3 to 3.5 completions an iteration, where 4 are possible."
    ),
    source="P5, arXiv 2504.11320, worked example of section 4.1",
    model="one type, C = M*, deterministic arrivals",
    reading="newcomers wait for room (readings 5.3)",
    kind=Kind.EXPERIMENT,
    strength=Strength.CERTIFICATE,
    check=check,
)
