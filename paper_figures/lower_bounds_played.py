"""P1, Theorem 4.1: the lower bounds played, ratio against size.

Every policy that is defined online is played by the adversary that waits for
the start of the long request; beside it the other families with a ratio that
grows. No figure of the papers shows this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kvopt.adversary.playing import play, playable
from kvopt.analysis import Exponent, exponent_of
from kvopt.check.gate import verified_latency
from kvopt.model import InputError, PolicyError
from kvopt.plots import (
    ScalingCurve,
    house_style,
    plot_power,
    plot_scaling,
)
from kvopt.simulation import simulate
from kvopt.workloads.families.deterministic_lower_bound import (
    DeterministicLowerBound,
)
from kvopt.workloads.families.randomized_lower_bound import (
    LargePrompt,
    best_expected_ratio,
)
from kvopt.workloads.families.trap import light_first_cost, trap
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Row", "Settings", "data", "describe", "draw"]

GAME = "deterministic lower bound"
YAO = "Yao: every policy"
TRAP = "trap"
LARGE = "large prompt"
# Policies whose last ratios differ by less share a curve.
CLOSE = 1.05


@dataclass(frozen=True)
class Row:
    """One play; ``reference`` is the optimum unless the trap is meant."""

    family: str
    policy: str
    memory: int
    requests: int
    cost: int
    reference: int
    ratio: float
    stated_ratio: float


SECONDS = 25.0


@dataclass(frozen=True)
class Settings:
    """How large the games are.

    Parameters
    ----------
    roots
        Square roots of the memory of the games that are played.
    sizes
        Numbers of short requests of the games with two prompt sizes.
    traps
        Memory of the traps.
    seed
        Seed of the policies' random choices.
    """

    roots: tuple[int, ...] = (16, 20, 24, 32, 40, 48, 64, 80, 96, 128)
    sizes: tuple[int, ...] = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
    traps: tuple[int, ...] = (150, 300, 600, 1500, 3000, 6000, 15000, 30000)
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("roots", "sizes", "traps"):
            given = getattr(self, name)
            if len(set(given)) < 6:
                raise InputError(
                    "must be at least six sizes",
                    field=name,
                    value=" ".join(map(str, given)),
                )


FULL = Settings(roots=(16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256))


def data(settings: Settings, work: Work) -> list[Row]:
    """Play all games; the checker accepts every schedule."""
    return work.kept_rows(settings, Row, lambda: played(settings, work))


def played(settings: Settings, work: Work) -> list[Row]:
    """Play all games."""
    progress = work.progress("play")
    policies = playable()
    total = len(policies) * len(settings.roots) + 2
    rows: list[Row] = []
    for root in settings.roots:
        for policy in policies:
            rows.append(_game(GAME, root * root, policy, settings.seed))
            progress(len(rows), total)
    small = [size for size in settings.sizes if size <= 1024]
    rows += [_game(LARGE, size, "mc-sf", settings.seed) for size in small]
    progress(total - 1, total)
    rows += _yao(settings.sizes)
    rows += _traps(settings.traps)
    progress(total, total)
    return rows


def _game(family: str, size: int, policy: str, seed: int) -> Row:
    adversary = (
        DeterministicLowerBound(size) if family == GAME else LargePrompt(size)
    )
    try:
        played = play(adversary, policy, seed, "fast")
    except PolicyError as error:
        raise InputError(str(error), field="roots", value=size) from error
    return Row(
        family,
        policy,
        played.instance.memory,
        len(played.instance),
        played.cost,
        played.reference_cost,
        played.ratio,
        played.stated_ratio,
    )


def _yao(sizes: Sequence[int]) -> Iterator[Row]:
    for size in sizes:
        ratio = best_expected_ratio(size)
        yield Row(
            YAO,
            "every policy",
            size * (size + 1),
            size + 1,
            ratio.numerator,
            ratio.denominator,
            float(ratio),
            float(ratio),
        )


def _traps(memories: Sequence[int]) -> Iterator[Row]:
    for memory in memories:
        instance = trap(memory)
        schedule = simulate(instance, "mc-sf", "fast").schedule
        cost = verified_latency(instance, schedule)
        heavy = int((instance.output == 1).sum())
        light = light_first_cost(heavy, len(instance) - heavy)
        ratio = cost / light
        yield Row(
            TRAP,
            "mc-sf",
            memory,
            len(instance),
            cost,
            light,
            ratio,
            ratio,
        )


def exponents(rows: Sequence[Row]) -> dict[tuple[str, str], Exponent]:
    """Return the exponent of each family and policy in the size."""
    return {
        key: exponent_of(
            [row.requests for row in mine], [row.ratio for row in mine]
        )
        for key, mine in _groups(rows).items()
    }


def _groups(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.family, row.policy), []).append(row)
    return found


def draw(data: list[Row], settings: Settings) -> Figure:
    """Draw policies in one game, and the families."""
    from matplotlib.figure import Figure

    groups, fitted = _groups(data), exponents(data)
    with house_style():
        figure = Figure(figsize=(7.0, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        curves = [
            _curve(_together(policies), groups[key], fitted[key])
            for policies in _alike(groups)
            for key in [(GAME, policies[0])]
        ]
        _panel(left, curves, "policies, deterministic game")
        families = [
            _curve(_named(key), groups[key], fitted[key])
            for key in groups
            if key[0] != GAME or key[1] == "mc-sf"
        ]
        _panel(right, families, "families, MC-SF or every policy")
        right.set_ylabel("")
    return figure


def _alike(
    groups: dict[tuple[str, str], list[Row]],
) -> list[list[str]]:
    """Return the policies of the game, together where the end is close."""
    last = {
        policy: rows[-1].ratio
        for (family, policy), rows in groups.items()
        if family == GAME
    }
    found: list[list[str]] = []
    for policy in sorted(last, key=lambda name: last[name]):
        if found and last[policy] <= CLOSE * last[found[-1][0]]:
            found[-1].append(policy)
        else:
            found.append([policy])
    return found


def _together(policies: list[str]) -> str:
    """Return what a curve for some policies is called."""
    if len(policies) <= 3:
        return ", ".join(policies)
    return f"{policies[0]} and {len(policies) - 1} others"


def _named(key: tuple[str, str]) -> str:
    return {GAME: "deterministic", LARGE: LARGE, YAO: "Yao", TRAP: TRAP}[
        key[0]
    ]


def _curve(name: str, rows: list[Row], exponent: Exponent) -> ScalingCurve:
    return ScalingCurve(
        f"{name}: {exponent.value:.2f} "
        f"[{exponent.low:.2f}, {exponent.high:.2f}]",
        np.array([row.requests for row in rows]),
        np.array([row.ratio for row in rows]),
    )


def _panel(ax: Axes, curves: list[ScalingCurve], title: str) -> None:
    plot_scaling(curves, ax, ylabel="total latency over the reference")
    first = min(curves, key=lambda curve: float(curve.cost[-1]))
    at = float(first.size[-1]), 0.7 * float(first.cost[-1])
    plot_power(ax, 0.5, at, r"$\sqrt{n}$")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=1)
    ax.set_title(title)


def describe(data: list[Row], settings: Settings) -> Findings:
    """Say how the ratios grow."""
    fitted, groups = exponents(data), _groups(data)
    half = [key for key, e in fitted.items() if e.low <= 0.5 <= e.high]
    others = [
        f"{policy} in {family}: {fitted[family, policy]}"
        for family, policy in fitted
        if (family, policy) not in half
    ]
    played = [row for row in data if row.family == GAME]
    largest = max(row.memory for row in played)
    least = min(row.ratio for row in played if row.memory == largest)
    policies = len({row.policy for row in played})
    return Findings(
        "The lower bounds played",
        proved=(
            f"{policies} policies played in {len(played)} games; each loses "
            f"at least {least:.2f} times the optimum at M = {largest}",
        ),
        not_proved=(
            f"1/2 lies in the interval of {len(half)} of {len(fitted)} "
            "exponents",
            *others,
        ),
        numbers={
            "exponents": {
                f"{family}; {policy}": [e.value, e.low, e.high, e.uncorrected]
                for (family, policy), e in fitted.items()
            },
            "ratios": {
                f"{family}; {policy}": [row.ratio for row in rows]
                for (family, policy), rows in groups.items()
            },
        },
        table=(
            ("family", "policy", "n", "ratio", "exponent", "straight line"),
            [
                (
                    family,
                    policy,
                    f"{rows[0].requests} .. {rows[-1].requests}",
                    f"{rows[0].ratio:.2f} .. {rows[-1].ratio:.2f}",
                    str(fitted[family, policy]),
                    f"{fitted[family, policy].uncorrected:.3f}",
                )
                for (family, policy), rows in groups.items()
            ],
        ),
        shows="Ratio of total latencies against the number of requests, for "
        "policies and for families, with fitted exponents and a line of "
        "slope 1/2",
        original="Theorem 4.1 of P1 (arXiv 2502.07115v5): every deterministic "
        "online policy has a competitive ratio of Omega(sqrt n)",
        notes=(
            "exponents: least squares with two terms of a correction for "
            "finite sizes; the interval covers the cut of that series",
            "the reference is the exact optimum, in the trap the light "
            "requests first",
            "policies whose last ratios are within 5 % share a curve, that "
            "of the first",
        ),
        same=("every deterministic online policy loses Omega(sqrt n)",),
        differs=(
            "the paper's instance was not found: the adversary is a "
            "reconstruction",
        ),
    )
