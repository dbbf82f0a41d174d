"""From which alpha on a scan has no livelock."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["least_alphas"]


def least_alphas(rows: Sequence[dict[str, str]], set_up: str) -> list[float]:
    """Return the least alpha above every livelock, of each seed, sorted.

    Parameters
    ----------
    rows
        Rows of ``alpha_thresholds.csv``.
    set_up
        Which of its set-ups; greedy only.
    """
    scans: dict[str, list[tuple[float, str]]] = {}
    for row in rows:
        if row["set_up"] == set_up and row["policy"] == "alpha-greedy":
            point = (float(row["alpha"]), row["status"])
            scans.setdefault(row["seed"], []).append(point)
    found = []
    for points in scans.values():
        stuck = max(a for a, status in points if status == "LIVELOCK")
        found.append(min(a for a, _ in points if a > stuck))
    return sorted(found)
