"""P1 v2, constant regret: the mean latency under MC-SF."""

from fractions import Fraction

from proofs_check.evidence import Finding, refuted
from proofs_check.ledger import Claim, Kind, Strength
from proofs_check.tools.instance import Request, at_zero, overload, volume
from proofs_check.tools.policies import mc_sf

MEMORY, PROMPT, OUTPUT = 9, 1, 3
REQUESTS = 240

# Rounds that the running requests have run, sorted.
Ages = tuple[int, ...]


def saturated(ages: Ages) -> tuple[int, Ages]:
    """Return how many MC-SF starts while many wait, and what runs next."""
    started = 0
    while _fits((*ages, *[0] * (started + 1))):
        started += 1
    after = (age + 1 for age in (*ages, *[0] * started))
    return started, tuple(sorted(age for age in after if age < OUTPUT))


def _fits(ages: Ages) -> bool:
    return all(
        sum(PROMPT + age + end for age in ages if age + end <= OUTPUT)
        <= MEMORY
        for end in {OUTPUT - age for age in ages}
    )


def configurations() -> set[Ages]:
    """Return everything that can run, whatever was started before."""
    found: set[Ages] = {()}
    todo: list[Ages] = [()]
    while todo:
        ages = todo.pop()
        while _fits(ages):
            after = tuple(sorted(a + 1 for a in ages if a + 1 < OUTPUT))
            if after not in found:
                found.add(after)
                todo.append(after)
            ages = (*ages, 0)
    return found


def cycle_rate(ages: Ages) -> Fraction:
    """Return the starts a round in the cycle that ``ages`` leads to."""
    seen: dict[Ages, int] = {}
    starts: list[int] = []
    while ages not in seen:
        seen[ages] = len(starts)
        started, ages = saturated(ages)
        starts.append(started)
    loop = starts[seen[ages] :]
    return Fraction(sum(loop), len(loop))


def check() -> Finding:
    """Follow saturated MC-SF from every configuration, and the pipeline."""
    rates = {ages: cycle_rate(ages) for ages in configurations()}
    slow = rates[()]
    many = at_zero(MEMORY, [(PROMPT, OUTPUT)] * REQUESTS)
    pairs = mc_sf(many) == [OUTPUT * (i // 2) for i in range(REQUESTS)]
    pipeline = not overload(many, range(REQUESTS))
    area = Fraction(volume(Request(0, PROMPT, OUTPUT)), MEMORY)
    slower = (
        pairs
        and pipeline
        and slow == Fraction(2, 3)
        and area == 1
        and set(rates.values()) == {slow, Fraction(1)}
    )
    return refuted(
        f"M={MEMORY}, s={PROMPT}, o={OUTPUT}: MC-SF with a queue, from each "
        f"of the {len(rates)} configurations, ends in starting "
        f"{slow} or 1 requests a round; from the idle worker it starts two "
        f"every three rounds ({REQUESTS} requests simulated), while one a "
        f"round fits; vol/M = {area}, so that any rate of arrivals in "
        f"({slow}, 1) is stable by area, and too much for MC-SF.",
        {"MC-SF starts two every three rounds": slower},
        numbers={"rate": str(slow), "area": str(area)},
    )


CLAIM = Claim(
    id="P1v2-regret-per-request",
    statement=(
        "For Poisson arrivals with sum rate*vol < M the regret of MC-SF per "
        "request stays bounded as the horizon grows. Refuted for identical "
        "requests s=1, o=3 at M=9 and rates in (2/3, 1): one start a round "
        "keeps the queue bounded in the mean; MC-SF, once it starts two "
        "together with a long queue, starts two every three rounds until "
        "the queue is gone, and with positive probability it never is, so "
        "its queue is transient (docs/claims/constant-regret.md, Theorem B)."
    ),
    source="P1, arXiv 2502.07115 v2, abstract: constant regret",
    model="Poisson arrivals of finitely many types, sum rate*vol < M",
    reading=(
        "[inferred] the algorithm is MC-SF, regret the mean latency minus "
        "that of the hindsight optimum, stable load the area condition"
    ),
    kind=Kind.THEOREM,
    strength=Strength.EXHAUSTIVE,
    check=check,
    proof="docs/claims/constant-regret.md#theorem-b-mc-sf-does-not-keep-up-with-every-stable-load",
)
