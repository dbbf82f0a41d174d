"""Curves of repeated measurements, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from kvopt.plots import Curve, overlapping
from paper_figures.frame.serving import estimate

__all__ = ["curve_of", "said_of_overlaps"]


def curve_of(
    label: str,
    found: Mapping[float, Sequence[float]],
    turn: int,
    least: float = -np.inf,
) -> Curve | None:
    """Return the means at each place, with their 95 % intervals.

    Parameters
    ----------
    label, turn
        As for :class:`kvopt.plots.Curve`.
    found
        By place what was measured there; a place without numbers is left
        out.
    least
        What the band is not drawn below, as on a logarithmic axis.

    Returns
    -------
    Curve or None
        None when nothing was measured.
    """
    places = sorted(place for place, numbers in found.items() if numbers)
    if not places:
        return None
    low, mean, high = np.array(
        [estimate(found[place], least) for place in places]
    ).T
    return Curve(label, np.array(places), mean, low, high, turn)


def said_of_overlaps(panels: Mapping[str, Iterable[Curve]]) -> tuple[str, ...]:
    """Say which curves cannot be told apart, a sentence each.

    Parameters
    ----------
    panels
        The curves by title of their panel.
    """
    return tuple(
        f"{title}: {one} lies on {other} at most places"
        for title, curves in panels.items()
        for one, other in overlapping(list(curves))
    )
