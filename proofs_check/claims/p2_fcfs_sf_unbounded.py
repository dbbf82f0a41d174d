"""P2, first-come and shortest-first are unbounded: the trap family."""

from fractions import Fraction

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, at_zero, cost, overload
from proofs_check.tools.optimum import optimum
from proofs_check.tools.policies import fcfs, shortest_first

SIMULATED = (1, 2, 3, 5, 10, 20, 30)
SOLVED = (2, 3, 4)  # at q = 1 the trap is no trap: large first is optimal
FORMULA = range(1, 2001)


def trap(memory: int, large: int) -> Instance:
    """Return the trap: ``large`` requests that each fill the memory.

    They have ``(s, o) = (M-1, 1)`` and come first; ``floor(M/3)`` requests
    ``(1, 2)``, which all fit together, come behind them.
    """
    small = memory // 3
    return at_zero(memory, [(memory - 1, 1)] * large + [(1, 2)] * small)


def trapped(small: int, large: int) -> int:
    """Return the cost of serving the large ones first."""
    return large * (large + 1) // 2 + small * (large + 2)


def escaped(small: int, large: int) -> int:
    """Return the cost of serving the small ones first."""
    return 2 * small + sum(2 + k for k in range(1, large + 1))


def escaping_starts(small: int, large: int) -> list[int]:
    """Return start rounds of serving the small ones first."""
    return [*range(2, 2 + large), *[0] * small]


def check() -> Finding:
    """Formulas against simulation, optimum and limit, for M = 3q*q, K = 2q.

    The ratio over q is ``(2qq+4q+1) / (4qq+5q)``, which lies between 1/2 and
    ``1/2 + 1/(2q)``; as q = sqrt(M/3), 1/2 of it is ``sqrt(M/12)``.
    """
    for q in SIMULATED:
        instance = trap(3 * q * q, 2 * q)
        expected = trapped(q * q, 2 * q)
        for policy in (fcfs, shortest_first):
            if cost(instance, policy(instance)) != expected:
                return _fails(f"{policy.__name__} is not {expected}", q)
        starts = escaping_starts(q * q, 2 * q)
        if overload(instance, starts):
            return _fails("small first is infeasible", q)
        if cost(instance, starts) != escaped(q * q, 2 * q):
            return _fails("small first costs something else", q)
    for q in SOLVED:
        if optimum(trap(3 * q * q, 2 * q)) != escaped(q * q, 2 * q):
            return _fails("small first is not optimal", q)
    half = Fraction(1, 2)
    for q in FORMULA:
        ratio = Fraction(trapped(q * q, 2 * q), escaped(q * q, 2 * q))
        closed = Fraction(2 * q * q + 4 * q + 1, 4 * q + 5)
        if ratio != closed:
            return _fails("the closed form is wrong", q)
        if not half < ratio / q <= half + Fraction(1, 2 * q):
            return _fails("the ratio over q leaves its interval", q)
    ratios = ", ".join(
        f"{float(Fraction(trapped(q * q, 2 * q), escaped(q * q, 2 * q))):.2f}"
        f" at M={3 * q * q}"
        for q in (10, 100, 1000)
    )
    sizes = ", ".join(str(3 * q * q) for q in SIMULATED)
    return proved(
        f"FCFS = SF = the formula in simulation at M = {sizes}; small-first "
        f"is optimal at M = {', '.join(str(3 * q * q) for q in SOLVED)}; "
        f"for M = 3q*q, q <= {FORMULA[-1]}, ratio/sqrt(M) is within "
        f"1/(2q*sqrt(3)) of 1/sqrt(12) = 0.289, from above; "
        f"ratios {ratios}.",
        {"simulation, optimum and formula agree": True},
        numbers={"ratios": ratios},
        largest_ratio=Fraction(trapped(10**6, 2000), escaped(10**6, 2000)),
    )


def _fails(problem: str, q: int) -> Finding:
    where = f"M = {3 * q * q}, K = {2 * q}: {problem}"
    return proved("The formulas were compared.", {where: False})


CLAIM = Claim(
    id="P2-fcfs-sf-unbounded",
    statement=(
        "First-come and shortest-first, reserving peaks, have no constant "
        "ratio: on K requests (s=M-1, o=1) followed by M/3 requests "
        "(s=1, o=2), with K = 2*sqrt(M/3), their cost over that of serving "
        "the small ones first is at least sqrt(M/12) = 0.289*sqrt(M), and "
        "tends to it."
    ),
    source=(
        "P2, arXiv 2508.06133 v1, abstract: ratios of FCFS and SF grow with "
        "the memory limit (its instances were not found)"
    ),
    model="all at 0, any prompts, peaks reserved",
    reading="[inferred] the family and its constant are ours",
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/theory/lower-bounds.md#the-trap",
)
