"""P1 v2, constant regret: the total latency of any online policy."""

from itertools import count

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Instance, Request, cost, overload
from proofs_check.tools.optimum import optimum

MEMORY = 9
HEAD = (Request(0, 1, 3), Request(0, 1, 5))
FUTURES = {
    "nobody else comes": (),
    "o=3 comes in rounds 1 and 2": (Request(1, 1, 3), Request(2, 1, 3)),
}


def first_decisions(instance: Instance) -> set[tuple[int, ...]]:
    """Return what optimal schedules start in round 0, as output lengths.

    All start vectors of optimal cost are enumerated.
    """
    best = optimum(instance)
    requests = instance.requests
    least = sum(r.output for r in requests)
    found: set[tuple[int, ...]] = set()

    def extend(starts: list[int], spent: int) -> None:
        if len(starts) == len(requests):
            if not overload(instance, starts):
                assert cost(instance, starts) == best
                pairs = zip(requests, starts, strict=True)
                found.add(tuple(sorted(r.output for r, p in pairs if not p)))
            return
        arrival = requests[len(starts)].arrival
        for start in count(arrival):
            if spent + start - arrival > best:
                return
            last = len(starts) + 1 == len(requests)
            if not last or spent + start - arrival == best:
                extend([*starts, start], spent + start - arrival)

    extend([], least)
    return found


def check() -> Finding:
    """Compare what is optimal in round 0 before the two futures."""
    decisions = {
        name: first_decisions(Instance(MEMORY, (*HEAD, *future)))
        for name, future in FUTURES.items()
    }
    return weigh(decisions)


def weigh(decisions: dict[str, set[tuple[int, ...]]]) -> Finding:
    """Return REFUTED if the futures share no optimal decision, else OPEN.

    Two futures refute the claim or settle nothing: that one decision is
    optimal for both says nothing of other states and futures.
    """
    one, two = decisions.values()
    shared = one & two
    shown = "; ".join(
        f"if {name}: "
        + " or ".join("start " + " and ".join(f"o={o}" for o in d) for d in x)
        for name, x in decisions.items()
    )
    return refuted(
        f"M={MEMORY}, s=1, o=3 and o=5 present at round 0; all optimal "
        f"schedules enumerated; {shown}. "
        + (
            "A decision is optimal for both, which settles nothing."
            if shared
            else "No decision is optimal for both."
        ),
        {"no decision is optimal for both futures": not shared},
    )


CLAIM = Claim(
    id="P1v2-regret-total",
    statement=(
        "For stochastic arrivals in stable load some online policy has a "
        "total regret that stays bounded as the horizon grows. Refuted on "
        "M=9, s=1, o in {1,3,5}, Poisson arrivals: if a state allows two "
        "futures, each of positive probability and followed by silence, "
        "without a decision that is optimal for both, every online policy, "
        "randomised or not, loses a positive amount in a positive share of "
        "all time windows of some fixed length, or keeps a backlog that "
        "costs more; its regret grows linearly (docs/claims/"
        "constant-regret.md, Theorem A)."
    ),
    source="P1, arXiv 2502.07115 v2, abstract: constant regret",
    model="Poisson arrivals of finitely many types in stable load",
    reading=(
        "[inferred] regret is the total latency minus that of the hindsight "
        "optimum, in expectation; v2's definition was not found"
    ),
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/claims/constant-regret.md#theorem-a-no-online-policy-has-bounded-total-regret",
)
