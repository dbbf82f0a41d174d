"""The rows of the ratio experiment, and MC-SF run again on some of them."""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.evidence import NotCheckedError

__all__ = ["redrawn"]


def redrawn(
    rows: Sequence[dict[str, str]], count: int = 3
) -> dict[str, int | str]:
    """Draw instances again, run MC-SF on them and compare with the rows.

    Parameters
    ----------
    rows
        Rows of ``mc_sf_ratio.csv``.
    count
        How many of them.

    Returns
    -------
    dict
        What MC-SF costs on each, as numbers for the record; "differs" where
        instance or cost are not those of the row.
    """
    try:
        from kvopt.experiments.ratio import RatioTask, draw_instance
        from kvopt.simulation import simulate
    except ImportError as error:
        raise NotCheckedError(f"kvopt cannot be imported: {error}") from None
    found: dict[str, int | str] = {}
    for row in rows[:count]:
        task = RatioTask(row["model"], int(row["index"]), int(row["seed"]))
        instance = draw_instance(task)
        paid = int(simulate(instance, "mc-sf", engine="reference").objective)
        same = instance.hash == row["instance"]
        same &= paid == int(row["objective"])
        found[f"instance {row['index']}"] = paid if same else "differs"
    return found
