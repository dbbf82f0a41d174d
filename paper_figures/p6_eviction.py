"""Eviction dynamics of greedy admission (arXiv 2606.15555)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from kvopt.plots import house_style
from kvopt.plots.style import COLOURS, INK, MUTED
from kvopt.simulation import simulate
from kvopt.workloads.families.eviction_cycle import EvictionCycle
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "EvictionRow",
    "Settings",
    "data",
    "describe",
    "draw",
]

# l0 = 2, B = 140: the source's example, undisturbed and one request off.
STARTS = ((20, 20), (21, 19))

SECONDS = 3.0


@dataclass(frozen=True)
class Settings:
    """What is drawn.

    Parameters
    ----------
    rounds
        Rounds of the dynamics from the two states.
    lengths
        Two output lengths up to this one are tested for stability.
    prompt
        Prompt length of that test, in tokens.
    """

    rounds: int = 20
    lengths: int = 12
    prompt: int = 3_000


FULL = Settings(lengths=24)


@dataclass(frozen=True)
class EvictionRow:
    """A state by its start and round, or the growth for two lengths.

    ``first`` and ``second`` are requests in their first and in their last
    round, ``completed`` what the simulated vLLM-like rule completes; for two
    lengths ``first`` and ``second``, ``growth`` is the factor of deviations
    a round.
    """

    part: str
    start: str
    time: int
    first: int
    second: int
    completed: int
    growth: float


def data(settings: Settings, work: Work) -> list[EvictionRow]:
    """Follow the states, simulate them, and find the growth."""
    return work.kept_rows(
        settings,
        EvictionRow,
        lambda: [*states(settings), *growths(settings)],
    )


def states(settings: Settings) -> list[EvictionRow]:
    """Return the states by the recursion, and what the simulation completes.

    Both are the same dynamics, computed apart.
    """
    rows = []
    for first, second in STARTS:
        family = EvictionCycle(first=first, second=second)
        made = simulate(family.instance(), "vllm-like").schedule
        ends = [run.stop for run in made.runs if run.completed]
        done = np.bincount(ends, minlength=settings.rounds + 3)
        for time, (x, y) in enumerate(family.states(settings.rounds), start=2):
            rows.append(
                EvictionRow(
                    "states",
                    f"[{first}, {second}]",
                    time,
                    x,
                    y,
                    int(done[time]),
                    float("nan"),
                )
            )
    return rows


def growths(settings: Settings) -> list[EvictionRow]:
    """Return the growth of deviations for each pair of output lengths."""
    lengths = range(1, settings.lengths + 1)
    return [
        EvictionRow("pairs", "", 0, a, b, 0, growth(settings.prompt, a, b))
        for a in lengths
        for b in lengths
        if a < b
    ]


def growth(prompt: int, one: int, other: int) -> float:
    """Return the largest factor of a deviation a round; equal shares.

    The largest root of ``sum_a c_a x^(-a)``, docs/theory/eviction.md.
    """
    ages = np.arange(max(one, other))
    running = ((ages < one).astype(float) + (ages < other)) / 2
    return float(np.abs(np.roots((prompt + 1 + ages) * running)).max())


def of(
    rows: Sequence[EvictionRow], start: tuple[int, int]
) -> list[EvictionRow]:
    """Return the states from one start."""
    return [row for row in rows if row.start == f"[{start[0]}, {start[1]}]"]


def describe(data: Sequence[EvictionRow], settings: Settings) -> Findings:
    """Say what the dynamics does, and which lengths are stable."""
    calm, off = (of(data, start) for start in STARTS)
    pairs = [row for row in data if row.part == "pairs"]
    right = [
        (row.growth < 1) == (gcd(row.first, row.second) == 1) for row in pairs
    ]
    agree = all(row.completed == row.second for row in [*calm, *off])
    last = [row.completed for row in off[-2:]]
    return Findings(
        "Eviction dynamics of greedy admission",
        proved=(
            f"from {list(STARTS[1])} the run ends in a cycle that completes "
            f"{sum(last)} in two rounds, from {list(STARTS[0])} "
            f"{2 * calm[-1].completed}; recursion and simulation agree in "
            f"{'every' if agree else 'not every'} round",
        ),
        not_proved=(
            f"with prompts of {settings.prompt} the point is stable iff the "
            f"two lengths are coprime in {sum(right)} of {len(right)} pairs",
        ),
        numbers={
            "settings": asdict(settings),
            "states": [asdict(row) for row in off],
            "stable": sum(row.growth < 1 for row in pairs),
        },
        table=(
            ("start", "states", "completed in the last two rounds"),
            [
                (
                    rows[0].start,
                    " ".join(f"[{r.first}, {r.second}]" for r in rows[:12]),
                    str(rows[-1].completed + rows[-2].completed),
                )
                for rows in (calm, off)
            ],
        ),
        ok=agree and all(right),
        shows="Requests in their first and second round (left; darker: later, "
        "star: the fixed point), completions a round (middle), and the "
        "growth of deviations for two output lengths in equal shares (right; "
        "crosses: not coprime)",
        original="Service-Induced Congestion (arXiv 2606.15555): the "
        "unstable point, the cycle, and coprime lengths",
        notes=(
            "one request off the fixed point, deviations grow and change "
            "their sign until all requests are in the same round",
        ),
        same=("prompt 2, output 2, memory 140, states [20, 20], [21, 19]",),
        differs=(
            "the source's pictures were not seen; these are after authors' "
            "notes",
            f"stability of two lengths is shown for prompts of "
            f"{settings.prompt}, the claim being for all long enough",
        ),
    )


def draw(data: Sequence[EvictionRow], settings: Settings) -> Figure:
    """Draw the phase picture, the completions and the growth."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 2.7), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        off = of(data, STARTS[1])
        x, y = (
            [getattr(r, name) for r in off] for name in ("first", "second")
        )
        left.plot(x, y, "-", color=COLOURS[0], linewidth=0.7)
        left.scatter(x, y, c=range(len(x)), cmap="viridis_r", s=14, zorder=3)
        left.plot(*STARTS[0], "*", color=COLOURS[1], markersize=8, zorder=4)
        left.set_xlabel("requests in their first round")
        left.set_ylabel("requests in their second round")
        for start, colour, marker in zip(
            STARTS, (COLOURS[1], COLOURS[0]), ("s", "o"), strict=True
        ):
            rows = of(data, start)
            middle.plot(
                [row.time for row in rows],
                [row.completed for row in rows],
                color=colour,
                marker=marker,
                markersize=3,
                label=f"from {rows[0].start}",
            )
        middle.set_xlabel("time (rounds)")
        middle.set_ylabel("requests completed a round")
        middle.set_ylim(0, 45)
        middle.legend(loc="upper left", ncols=1)
        draw_growth(data, settings, right)
    return figure


def draw_growth(
    data: Sequence[EvictionRow], settings: Settings, ax: Axes
) -> None:
    """Draw the growth of each pair; above 1 the point is unstable."""
    from matplotlib.ticker import MaxNLocator

    pairs = [row for row in data if row.part == "pairs"]
    stable = [row for row in pairs if row.growth < 1]
    unstable = [row for row in pairs if row.growth >= 1]
    for rows, colour, marker, name in (
        (stable, COLOURS[0], "s", "stable"),
        (unstable, COLOURS[1], "o", "unstable"),
    ):
        ax.scatter(
            [row.first for row in rows],
            [row.second for row in rows],
            color=colour,
            marker=marker,
            s=150 / settings.lengths,
            label=name,
        )
    common = [row for row in pairs if gcd(row.first, row.second) > 1]
    ax.scatter(
        [row.first for row in common],
        [row.second for row in common],
        color=INK,
        marker="x",
        s=100 / settings.lengths,
        linewidth=0.6,
        label="not coprime",
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
    ends = [1, settings.lengths]
    ax.plot(ends, ends, color=MUTED, linewidth=0.6)
    ax.set_xlabel("shorter output (tokens)")
    ax.set_ylabel("longer output (tokens)")
    ax.legend(loc="lower right", handletextpad=0.1, labelspacing=0.3)
