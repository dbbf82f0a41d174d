"""P6: the run from [21,19] ends in the worst eviction cycle."""

from fractions import Fraction

from proofs_check.evidence import Finding, scanned
from proofs_check.ledger import Claim, Kind, Strength

PROMPT, MEMORY = 2, 140
STATED = [
    (18, 21),
    (22, 18),
    (17, 22),
    (24, 17),
    (14, 24),
    (28, 14),
    (9, 28),
    (34, 9),
    (1, 34),
    (45, 1),
    (0, 35),
]


def step(state: tuple[int, int]) -> tuple[tuple[int, int], int]:
    """Return the next state and the completions of a round.

    Those in the second stage complete, those in the first move on; of the
    first as many as fit, the last admitted are evicted, and newcomers fill
    what is left.
    """
    moved = min(state[0], MEMORY // (PROMPT + 2))
    left = MEMORY - moved * (PROMPT + 2)
    return (left // (PROMPT + 1), moved), state[1]


def check(rounds: int = 200) -> Finding:
    """Follow both runs, and every other start that fits."""
    state, run = (21, 19), []
    for _ in STATED:
        state, _ = step(state)
        run.append(state)
    worst = Fraction(0)
    starts = cycles = 0
    for x in range(MEMORY // (PROMPT + 1) + 1):
        y = (MEMORY - x * (PROMPT + 1)) // (PROMPT + 2)
        state, done = (x, y), 0
        for t in range(rounds):
            state, completed = step(state)
            done += completed if t >= rounds // 2 else 0
        starts += 1
        cycles += done * 2 == 35 * (rounds // 2)
        worst = max(worst, Fraction(20 * (rounds // 2), done))
    quiet, _ = step((20, 20))
    wrong = [] if run == STATED and quiet == (20, 20) else [f"{run}"]
    return scanned(
        "l0=2, B=140: [20,20] stays; from [21,19] the eleven stated states "
        f"follow. Of {starts} full starts {cycles} end in the cycle [46,0], "
        "[0,35] with 35 completions in two rounds, where 40 are possible.",
        starts,
        wrong,
        numbers={"cycles": cycles, "worst": str(worst)},
        largest_ratio=worst,
        bound=Fraction(2),
    )


CLAIM = Claim(
    id="P6-eviction-cycle",
    statement=(
        "With l0 = 2, B = 140 greedy admission from [21,19] ends in an "
        "eviction cycle that completes 35 instead of 40 in two rounds; the "
        "loss of such cycles is at most 50 %."
    ),
    source="P6, arXiv 2606.15555, example and worst cycle",
    model="saturated queue, one output length 2, evict the last admitted",
    reading="as in the authors' notes",
    kind=Kind.EXPERIMENT,
    strength=Strength.EXHAUSTIVE,
    check=check,
    depends_on=("P6-eviction-unstable",),
)
