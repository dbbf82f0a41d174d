"""Improve a schedule with labels near it: beams in a corridor."""

from __future__ import annotations

from collections.abc import Callable

from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Labels
from kvopt.model.instance import IntArray

__all__ = ["improve"]

WIDTHS = (6, 12, 25, 50)
# Labels of a round before the beam is applied, for each label after.
SPREAD = 60


def improve(
    labels: Labels,
    guide: Guide,
    starts: IntArray,
    latency: int,
    beam: int,
    report: Callable[[IntArray, int], None],
    checkpoint: Callable[[], None] = lambda: None,
) -> tuple[int, int]:
    """Improve on ``starts``; return the best total latency, and the labels.

    The label search is run with a beam, on completions within some rounds of
    those of the schedule. After an improvement it starts again from the
    narrowest corridor, else the corridor is widened.

    Parameters
    ----------
    labels, guide
        The search and its costs to go.
    starts, latency
        A schedule and its total latency.
    beam
        Labels kept a round.
    report
        Called with each better schedule and its total latency.
    checkpoint
        Called often; may raise.
    """
    output = labels.groups.output[labels.request_group]
    completion = starts.copy()
    completion[labels.number] += output
    level = made = 0
    while level < len(WIDTHS):
        found = labels.run(
            guide,
            latency - 1,
            beam * (guide.rounds + 1),
            beam * SPREAD,
            beam,
            (completion, WIDTHS[level]),
            checkpoint=checkpoint,
        )
        made += found.labels
        if found.starts is None or found.latency is None:
            level += 1
            continue
        latency = found.latency
        report(found.starts, latency)
        completion = found.starts.copy()
        completion[labels.number] += output
        level = 0
    return latency, made
