"""From which alpha on a scan has no livelock."""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.evidence import Finding, measured
from proofs_check.tools.intervals import result_rows

__all__ = ["threshold_against"]


def _least_alphas(rows: Sequence[dict[str, str]], set_up: str) -> list[float]:
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


def threshold_against(demand: str, published: float) -> Finding:
    """Compare the least alpha without a livelock with the published one.

    Parameters
    ----------
    demand
        ``"high"`` or ``"low"``.
    published
        What the paper prints.
    """
    found = _least_alphas(
        result_rows("alpha_thresholds.csv"),
        f"lmsys_words_lt500_lt600, {demand}",
    )
    return measured(
        f"Thresholds of {len(found)} samples of 10,000 requests of "
        "LMSYS-Chat-1M in words, M = 16492, with a clock fitted to "
        "Llama-2-70B (python -m benchmarks.alpha_thresholds): "
        f"{', '.join(f'{alpha:.2f}' for alpha in found)}.",
        published,
        found[0],
        found[-1],
        numbers={"least": f"{found[0]:.2f}", "largest": f"{found[-1]:.2f}"},
        tried=len(found),
    )
