"""Small pictures of schedules and lengths, as SVG that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kvopt.model.instance import Instance, IntArray
    from kvopt.model.schedule import Run, Schedule

__all__ = ["lengths_picture", "memory_picture", "runs_picture"]

# The palette of Okabe and Ito, light enough for text on it.
_FILLS = ("#66aad1", "#e69e66", "#66c5ab", "#e0afca", "#f0c566", "#9ad2f2")
_INK, _LINE = "#222222", "#0072b2"
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 640, 170, 56, 14, 24
# Above these a picture has no bands: they would be thinner than a line.
_MOST_RUNS, _MOST_ROUNDS = 60, 400
# Points of a curve, and dots of a scatter.
_POINTS, _DOTS = 600, 1500


def memory_picture(instance: Instance, schedule: Schedule) -> str:
    """Draw who holds how much memory in which round.

    Bands of requests, stacked in order of start, where there are few; the
    memory in use otherwise. The dashed line is the limit.

    Parameters
    ----------
    instance, schedule
        What to draw; feasibility is not required.
    """
    few = len(schedule) <= _MOST_RUNS and schedule.makespan <= _MOST_ROUNDS
    prompt = instance.prompt[schedule.request]
    rounds, used = _usage(schedule, prompt)
    top = max(instance.memory, int(used.max(initial=0)))
    end = max(schedule.makespan, 1)
    x, y = _Scale(end, _LEFT, _WIDTH - 8), _Scale(top, _base(), _TOP)
    if few:
        shapes = _bands(instance, schedule, x, y)
    else:
        shapes = [_area(rounds, used, x, y)]
    limit = y(instance.memory)
    shapes.append(
        f'<path d="M{_LEFT},{limit:.1f}H{_WIDTH - 8}" stroke="{_INK}" '
        'stroke-dasharray="5 2" fill="none"/>'
    )
    return _svg(
        shapes,
        f"memory by round, limit {instance.memory:,} units",
        (top, end, "round"),
    )


def runs_picture(schedule: Schedule) -> str:
    """Draw when each request runs, or how many do where there are many.

    Parameters
    ----------
    schedule
        What to draw.
    """
    end = max(schedule.makespan, 1)
    x = _Scale(end, _LEFT, _WIDTH - 8)
    if len(schedule) > _MOST_RUNS:
        steps, active = _active(schedule)
        top = int(active.max(initial=1))
        shapes = [_area(steps, active, x, _Scale(top, _base(), _TOP))]
        return _svg(shapes, "requests that run", (top, end, "round"))
    top = int(schedule.request.max(initial=0)) + 1
    y = _Scale(top, _TOP, _base())
    shapes = []
    for run in schedule.runs:
        left, wide = x(run.start), x(run.stop) - x(run.start)
        high = y(1) - y(0)
        fill = _FILLS[run.request % len(_FILLS)] if run.completed else "none"
        shapes.append(
            f'<rect x="{left:.1f}" y="{y(run.request):.1f}" '
            f'width="{wide:.1f}" height="{0.85 * high:.1f}" fill="{fill}" '
            f'stroke="{_INK}" stroke-width="0.4">'
            f"<title>{_of(run)}</title></rect>"
        )
    return _svg(shapes, "when each request runs", (None, end, "round"))


def lengths_picture(prompt: IntArray, output: IntArray) -> str:
    """Draw a dot a request: prompt to the right, output upwards.

    Parameters
    ----------
    prompt, output
        Lengths, shape ``(n,)``; of many, evenly spaced ones are drawn.
    """
    step = -(-output.size // _DOTS)
    right, top = max(int(prompt.max()), 1), max(int(output.max()), 1)
    x, y = _Scale(right, _LEFT, _WIDTH - 8), _Scale(top, _base(), _TOP)
    shapes = [
        f'<circle cx="{x(s):.1f}" cy="{y(o):.1f}" r="2" fill="{_LINE}" '
        'fill-opacity="0.35"/>'
        for s, o in zip(
            prompt[::step].tolist(), output[::step].tolist(), strict=True
        )
    ]
    some = f", every {step}th request" if step > 1 else ""
    return _svg(shapes, f"output by prompt{some}", (top, right, "prompt"))


class _Scale:
    """Turns values from 0 to ``most`` into positions on the picture."""

    def __init__(self, most: int, low: float, high: float) -> None:
        self.most, self.low, self.high = most, low, high

    def __call__(self, value: float) -> float:
        return self.low + (self.high - self.low) * value / self.most


def _base() -> float:
    return _HEIGHT - _FOOT


def _usage(
    schedule: Schedule, prompt: IntArray
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rounds, and units in use in them; between two it is a line.

    Units stay below the memory, so sums fit into 64 bits in every schedule
    that is feasible.
    """
    start, stop = schedule.start, schedule.stop
    at = np.concatenate([start, stop])
    order = np.argsort(at, kind="stable")
    at = at[order]
    count = np.concatenate([np.ones_like(start), -np.ones_like(stop)])[order]
    fixed = np.concatenate([prompt - start, start - prompt])[order]
    active, constant = np.cumsum(count), np.cumsum(fixed)
    last = np.flatnonzero(np.diff(at, append=-1))
    times, active, constant = at[last], active[last], constant[last]
    before_active = np.concatenate([[0], active[:-1]])
    before_constant = np.concatenate([[0], constant[:-1]])
    rounds = np.column_stack([times, times + 1]).ravel()
    used = np.column_stack(
        [
            before_constant + before_active * times,
            constant + active * (times + 1),
        ]
    ).ravel()
    return rounds, used


def _active(
    schedule: Schedule,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rounds and how many requests run from each on."""
    at = np.concatenate([schedule.start, schedule.stop])
    order = np.argsort(at, kind="stable")
    sign = np.repeat([1, -1], len(schedule))[order]
    last = np.flatnonzero(np.diff(at[order], append=-1))
    return at[order][last], np.cumsum(sign)[last]


def _area(rounds: IntArray, used: IntArray, x: _Scale, y: _Scale) -> str:
    """Return a filled curve; of many points the largest in each bin."""
    if rounds.size > _POINTS:
        bins = rounds * _POINTS // (int(rounds.max()) + 1)
        firsts = np.flatnonzero(np.diff(bins, prepend=-1))
        used = np.maximum.reduceat(used, firsts)
        rounds = rounds[firsts]
    points = "L".join(
        f"{x(t):.1f},{y(u):.1f}"
        for t, u in zip(rounds.tolist(), used.tolist(), strict=True)
    )
    left, right = x(int(rounds[0])), x(int(rounds[-1]))
    return (
        f'<path d="M{left:.1f},{y(0):.1f}L{points}L{right:.1f},{y(0):.1f}Z" '
        f'fill="{_FILLS[0]}" stroke="{_LINE}" stroke-width="0.7"/>'
    )


def _bands(
    instance: Instance, schedule: Schedule, x: _Scale, y: _Scale
) -> list[str]:
    """Return a band for each run, stacked in order of start."""
    used = np.zeros(schedule.makespan + 1, dtype=np.int64)
    shapes = []
    for run in schedule.runs:
        length = run.stop - run.start
        if length <= 0:
            continue
        held = instance.prompt[run.request] + np.arange(1, length + 1)
        rounds = slice(run.start + 1, run.stop + 1)
        low = used[rounds].tolist()
        used[rounds] += held
        high = used[rounds].tolist()
        corners = [
            f"{x(run.start + k + side):.1f},{y(level):.1f}"
            for k, level in enumerate(high)
            for side in (0, 1)
        ] + [
            f"{x(run.start + k + side):.1f},{y(low[k]):.1f}"
            for k in reversed(range(length))
            for side in (1, 0)
        ]
        fill = _FILLS[run.request % len(_FILLS)]
        dashes = "" if run.completed else ' stroke-dasharray="2 2"'
        shapes.append(
            f'<polygon points="{" ".join(corners)}" fill="{fill}" '
            f'fill-opacity="{1 if run.completed else 0.25}" stroke="{_INK}" '
            f'stroke-width="0.5"{dashes}><title>{_of(run)}</title></polygon>'
        )
    return shapes


def _of(run: Run) -> str:
    end = "" if run.completed else ", cancelled"
    return f"request {run.request}, rounds {run.start + 1} to {run.stop}{end}"


def _svg(
    shapes: Sequence[str], title: str, ends: tuple[int | None, int, str]
) -> str:
    """Return the picture with its frame.

    Parameters
    ----------
    shapes
        What is in it.
    title
        What it shows, in plain words without markup.
    ends
        Largest value upwards, or None for no scale; largest to the right,
        and what that is.
    """
    top, right, what = ends
    base = _base()
    frame = [
        f'<path d="M{_LEFT},{_TOP}V{base}H{_WIDTH - 8}" stroke="{_INK}" '
        'fill="none" stroke-width="0.7"/>',
        f'<text x="{_LEFT}" y="{base + 14}">0</text>',
        f'<text x="{_WIDTH - 8}" y="{base + 14}" text-anchor="end">'
        f"{what} {right:,}</text>",
        f'<text x="{(_LEFT + _WIDTH) / 2}" y="{base + 14}" '
        f'text-anchor="middle">{title}</text>',
    ]
    if top is not None:
        frame.append(
            f'<text x="{_LEFT - 4}" y="{_TOP + 4}" text-anchor="end">'
            f"{top:,}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" '
        f'height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="11" '
        f'fill="{_INK}">{"".join(shapes)}{"".join(frame)}</svg>'
    )
