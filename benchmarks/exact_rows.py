"""The rows of the exact benchmarks: from a sweep's store into their CSV."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.exact_kind import METHODS
from benchmarks.exact_sets import SETS
from benchmarks.provenance import stamp
from kvopt.analysis import read_rows, write_rows
from kvopt.experiments.ratio import RatioRow

__all__ = ["ExactRow", "MeasuredRatio", "exact_row", "measured_ratio", "merge"]

Row = TypeVar("Row")
MIB = 2**20


@dataclass(frozen=True)
class ExactRow:
    """A method on an instance.

    Parameters
    ----------
    set, seed, requests, memory, instance
        The instance: see ``exact_sets.py``; ``instance`` is its hash.
    method, limit_s, threads
        What was run on it, with how many seconds and threads.
    status
        As of ``SolveResult``; FAILED when there is none.
    objective, lower_bound, gap_percent
        Total latency of its schedule, its bound, both in rounds, and
        ``100 * (objective / lower_bound - 1)``.
    checked_bound, certificate
        The bound that the independent checker derived itself, and how.
    seconds, cpu_seconds, warm_up_seconds
        Wall and processor time, and wall time of a tiny solve before.
    peak_mib
        Most resident memory of its process and of those that it started.
    load
        Load average of a minute when it began.
    ended
        When, UTC.
    reason
        Why it ended, or what failed.
    code, versions, machine
        Hash of the source that decides the result, versions, platform.
    """

    set: str
    seed: int
    requests: int
    memory: int
    instance: str
    method: str
    limit_s: float
    threads: int
    status: str
    objective: int | None
    lower_bound: int | None
    gap_percent: float | None
    checked_bound: int | None
    certificate: str
    seconds: float
    cpu_seconds: float | None
    warm_up_seconds: float | None
    peak_mib: int
    load: float | None
    ended: str
    reason: str
    code: str
    versions: str
    machine: str

    @property
    def proved(self) -> bool:
        """Whether the optimum was proved."""
        return self.status == "OPTIMAL"

    @property
    def checked_gap_percent(self) -> float | None:
        """Gap to the bound that the checker derived."""
        if self.objective is None or self.checked_bound is None:
            return None
        return 100 * (self.objective / self.checked_bound - 1)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What it is the measurement of, in the order of the table."""
        return (
            list(SETS).index(self.set),
            self.seed,
            self.requests,
            self.memory,
            self.limit_s,
            self.threads,
            METHODS.index(self.method),
        )


@dataclass(frozen=True)
class MeasuredRatio(RatioRow):
    """A ratio, with how it was measured; see :class:`ExactRow`.

    Parameters
    ----------
    ratio_low, ratio_high
        Ends of the ratio: cost over ``best``, and over ``lower_bound``.
    checked_ratio_high
        Cost over ``checked_bound``, where there is one.
    """

    ratio_low: float
    ratio_high: float
    checked_ratio_high: float | None
    load: float
    peak_mib: int
    code: str
    versions: str
    machine: str

    @property
    def identity(self) -> tuple[Any, ...]:
        """What it is the measurement of, in the order of the table."""
        return self.model, self.time_limit, self.seed, self.index


def exact_row(row: Mapping[str, Any]) -> ExactRow:
    """Return the row of a store as one of the table."""
    failed = row["state"] == "failed"
    objective, bound = row.get("objective"), row.get("lower_bound")
    gap = None
    if objective is not None and bound is not None:
        gap = round(100 * (objective / bound - 1), 4)
    return ExactRow(
        set=row["instance.set"],
        seed=row["instance.seed"],
        requests=row["instance.requests"],
        memory=row["instance.memory"],
        instance=row["instance.hash"],
        method=row["subject"],
        limit_s=row["time_limit"],
        threads=row["workers"],
        status="FAILED" if failed else row["status"],
        objective=objective,
        lower_bound=bound,
        gap_percent=gap,
        checked_bound=row.get("checked_bound"),
        certificate=row.get("certificate", ""),
        seconds=round(row.get("measured.runtime", row["measured.seconds"]), 3),
        cpu_seconds=_rounded(row.get("measured.cpu")),
        warm_up_seconds=_rounded(row.get("measured.warm_up")),
        peak_mib=_peak(row),
        load=_rounded(row.get("measured.load")),
        ended=row.get("measured.ended", ""),
        reason=row["error"] if failed else row["reason"],
        **_provenance(row),
    )


def measured_ratio(row: Mapping[str, Any]) -> MeasuredRatio:
    """Return the row of a store, which must be done, as one of the table."""
    names = {field.name for field in dataclasses.fields(RatioRow)}
    own = {name: row[name] for name in names - {"runtime"}}
    ratio = RatioRow(**own, runtime=round(row["measured.runtime"], 3))
    checked = ratio.checked_ratio
    return MeasuredRatio(
        **dataclasses.asdict(ratio),
        ratio_low=round(ratio.ratio.low, 6),
        ratio_high=round(ratio.ratio.high, 6),
        checked_ratio_high=None if checked is None else round(checked.high, 6),
        load=round(row["measured.load"], 2),
        peak_mib=_peak(row),
        **_provenance(row),
    )


def _peak(row: Mapping[str, Any]) -> int:
    """The tree was looked at now and then; its root's own peak is exact."""
    seen = (row.get(f"measured.{n}") for n in ("peak_memory", "high_water"))
    return max((value or 0) for value in seen) // MIB


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _provenance(row: Mapping[str, Any]) -> dict[str, Any]:
    parts = dict(part.split("=", 1) for part in row["versions"].split())
    code = parts.pop("code")
    # The code is that of the row, which may have been measured earlier.
    return {**stamp(versions=parts), "code": code}


def merge(
    path: Path,
    kind: type[Row],
    new: Iterable[Row],
    identity: Callable[[Row], tuple[Any, ...]],
) -> list[Row]:
    """Write rows to a CSV file, in place of those they measure again.

    All other rows of the file are kept.
    """
    rows = read_rows(kind, path) if path.exists() else []
    table = {identity(row): row for row in (*rows, *new)}
    merged = [table[key] for key in sorted(table)]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(merged, kind, path)
    return merged
