"""The rows of the ratio experiment, and MC-SF run again on some of them."""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.evidence import Finding, NotCheckedError, measured
from proofs_check.tools.intervals import mean_interval, result_rows

__all__ = ["mean_against", "redrawn"]


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


def mean_against(model: str, published: float) -> Finding:
    """Compare the mean of MC-SF over the optimum with the published one.

    Of 200 ratios the means of both ends are taken, with their errors.

    Parameters
    ----------
    model
        ``"model-1"`` or ``"model-2"``.
    published
        What the paper prints.
    """
    rows = [
        row for row in result_rows("mc_sf_ratio.csv") if row["model"] == model
    ]
    low, _ = mean_interval([float(row["ratio_low"]) for row in rows])
    _, high = mean_interval([float(row["checked_ratio_high"]) for row in rows])
    never = sum(float(row["ratio_low"]) > 1 for row in rows)
    return measured(
        f"{len(rows)} instances as published, five seconds of search each "
        "(python -m benchmarks.mc_sf_ratio): the ends are 99 % bounds on the "
        "mean of MC-SF over the best schedule found, and over the bound that "
        f"the checker derives; a better schedule than MC-SF's on {never}.",
        published,
        low,
        high,
        numbers={"better": never, **redrawn(rows)},
        tried=len(rows),
    )
