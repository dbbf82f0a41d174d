"""Memory over time: one growing band a run, stacked under the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kvopt.model import Instance, Run, Schedule
from kvopt.model.instance import IntArray
from kvopt.plots.style import (
    COLOURS,
    INK,
    TWO_COLUMNS,
    house_style,
    new_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ticker import MaxNLocator

__all__ = ["plot_memory"]

# With more runs than this, lines and dots are small and numbers left out.
CROWD = 24
# A run needs this share of the axis of time for its number.
NARROW = 1 / 18
BAND_COLOURS = tuple(colour for colour in COLOURS if colour != "#000000")


def plot_memory(
    instance: Instance,
    schedule: Schedule,
    ax: Axes | None = None,
    end: int | None = None,
) -> Axes:
    """Draw who holds how much memory in which round.

    The run of request ``i`` from round ``p`` is a band of height
    ``s_i + (t-p)`` over round ``t``, drawn from ``t-1`` to ``t``. Bands are
    stacked in order of start, the earliest at the bottom, so their total
    height is the memory in use. A dot marks a completion, hatching a run that
    was cancelled; one stopped in the round of its start held nothing and is
    not drawn. The dashed line is the limit ``M``. ``O(n + total run
    length)`` shapes and corners.

    Parameters
    ----------
    instance, schedule
        What to draw; feasibility is not required.
    ax
        Where to draw; None for a new figure, two columns wide.
    end
        Last round on the axis of time; None for the makespan.
    """
    with house_style():
        ax = new_axis(TWO_COLUMNS) if ax is None else ax
        end = max(schedule.makespan, 1) if end is None else end
        crowded = len(schedule) > CROWD
        few = len(instance) <= len(BAND_COLOURS)
        used = np.zeros(schedule.makespan + 1, dtype=np.int64)
        colours: dict[int, str] = {}
        for run in schedule.runs:
            # All runs of a request have one colour: by number when there are
            # enough, so that two schedules of an instance can be compared.
            turn = run.request if few else len(colours) % len(BAND_COLOURS)
            colour = colours.setdefault(run.request, BAND_COLOURS[turn])
            length = run.stop - run.start
            if length <= 0:
                continue
            held = instance.prompt[run.request] + np.arange(1, length + 1)
            rounds = slice(run.start + 1, run.stop + 1)
            low = used[rounds].copy()
            used[rounds] += held
            _band(ax, run, low, low + held, colour, crowded)
            if not crowded and length >= NARROW * end:
                _number(ax, run, low, low + held, instance.memory)
        top = max(instance.memory, int(used.max()))
        _limit(ax, instance.memory)
        _frame(ax, schedule, top, end)
    return ax


def _band(
    ax: Axes,
    run: Run,
    low: IntArray,
    high: IntArray,
    colour: str,
    crowded: bool,
) -> None:
    from matplotlib.patches import Polygon

    # Two corners a round: over round t the heights are those of t.
    x = np.repeat(np.arange(run.start, run.stop + 1), 2)[1:-1]
    upper = np.column_stack([x, np.repeat(high, 2)])
    lower = np.column_stack([x, np.repeat(low, 2)])
    band = Polygon(
        np.concatenate([upper, lower[::-1]]),
        closed=True,
        facecolor=_tint(colour, 0.55 if run.completed else 0.12),
        edgecolor=colour,
        linewidth=0.2 if crowded else 0.6,
        hatch=None if run.completed else "//////",
        label=f"run of request {run.request}",
    )
    ax.add_patch(band)
    if run.completed:
        ax.plot(
            run.stop,
            high[-1],
            "o",
            color=colour,
            markeredgecolor="white",
            markersize=2.4 if crowded else 4.5,
            markeredgewidth=0.25 if crowded else 0.5,
            zorder=4,
            clip_on=False,
        )


def _number(
    ax: Axes, run: Run, low: IntArray, high: IntArray, memory: int
) -> None:
    # Where the band is tall, but off its end, which the dot marks.
    at = (2 * low.size) // 3 if low.size > 2 else 0
    if high[at] - low[at] < memory / 22:
        return
    ax.text(
        run.start + at + 0.5,
        (low[at] + high[at]) / 2,
        str(run.request),
        ha="center",
        va="center",
        fontsize=7,
        zorder=5,
        # Digits on bare hatching cannot be read.
        bbox=None
        if run.completed
        else {"facecolor": "white", "linewidth": 0, "pad": 0.8},
    )


def _limit(ax: Axes, memory: int) -> None:
    ax.axhline(memory, color=INK, linestyle=(0, (5, 2)), linewidth=0.9)
    ax.annotate(
        f"limit $M = {memory}$",
        (1, memory),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=8,
    )


def _frame(ax: Axes, schedule: Schedule, top: int, end: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    ax.set_xlim(0, end)
    ax.set_ylim(0, 1.12 * top)
    ax.set_xlabel("time (rounds)")
    ax.set_ylabel("KV-cache memory (units)")
    ax.xaxis.set_major_locator(_whole_steps())
    ax.yaxis.set_major_locator(_whole_steps())
    handles: list[Line2D | Patch] = [
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            color=INK,
            markersize=4,
            label="completed",
        )
    ]
    if not schedule.completed.all():
        handles.append(
            Patch(
                facecolor="white",
                edgecolor=INK,
                linewidth=0.6,
                hatch="//////",
                label="cancelled, progress lost",
            )
        )
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        borderaxespad=0.2,
        borderpad=0,
        handlelength=1.2,
        handletextpad=0.4,
    )


def _whole_steps() -> MaxNLocator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True, steps=[1, 2, 5, 10])


def _tint(colour: str, strength: float) -> tuple[float, ...]:
    """Mix a colour with white; strength 1 leaves it as it is."""
    from matplotlib.colors import to_rgb

    return tuple(1 - strength * (1 - part) for part in to_rgb(colour))
