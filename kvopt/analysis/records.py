"""Records of several simulations in one file, which survives a kill.

The file is CSV or Parquet by its ending; a row is a request of a run. A
journal beside it, ``FILE.json``, says which runs it holds. Both are replaced
as a whole, the records first: what the journal names is in the file.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.model import (
    InputError,
    SimulationResult,
    load_json,
    save_json,
    write_atomically,
)

__all__ = ["RecordsFile"]

_FORMAT = "kvopt-records/1"
# Columns of runs that explain themselves.
_REASONS = ("waited_because", "started_because")
# Rows that are turned into Python objects at a time.
_BLOCK = 50_000


class RecordsFile:
    """A file of records that grows run by run.

    Parameters
    ----------
    path
        Name of the file; ``.parquet`` is Parquet, anything else CSV.
    resume
        Keep the runs that are in the file, if there is one. Otherwise the
        first run replaces it.
    explained
        Whether rows have two columns more: why the request waited last, and
        why it started. All runs of a file have them, or none.

    Attributes
    ----------
    kept
        The rows (see :func:`kvopt.analysis.comparison.row_of`) of the runs
        that the file holds.

    Raises
    ------
    InputError
        When Parquet is asked for and pyarrow is not installed, or the file
        to go on with has no readable journal.
    """

    def __init__(
        self, path: Path, *, resume: bool = False, explained: bool = False
    ) -> None:
        self.path = path
        self.journal = path.with_name(path.name + ".json")
        self.parquet = path.suffix == ".parquet"
        self.explained = explained
        self.entries: list[dict[str, Any]] = []
        if self.parquet:
            _pyarrow(path)
        if resume and self.journal.exists():
            self.entries = self._read_journal()
        elif resume and path.exists():
            raise InputError(
                f"cannot be resumed: there is no {self.journal.name}",
                field="--records",
                value=str(path),
            )

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The rows of the runs that the file holds."""
        return [entry["row"] for entry in self.entries]

    def refuse_others(self, planned: Sequence[dict[str, Any]]) -> None:
        """Raise InputError if the file holds a run that is not planned.

        ``planned`` are rows of which only policy, seed, instance, clock and
        server are looked at.
        """
        names = ("policy", "seed", "instance", "clock", "serving")
        for row in self.kept:
            own = [row.get(name) for name in names]
            if not any(own == [p[name] for name in names] for p in planned):
                raise InputError(
                    "cannot be resumed: it holds a run of "
                    f"{row['policy']} with seed {row['seed']}, clock "
                    f"{row['clock']} and rules of the server "
                    f"{row.get('serving')} that is not part of this one",
                    field="--records",
                    value=str(self.path),
                )

    def add(self, row: dict[str, Any], result: SimulationResult) -> None:
        """Add a run: its records to the file, its row to the journal."""
        if not self.entries:
            # The journal of what is replaced must not outlive it.
            self._write_journal()
        with write_atomically(self.path) as part:
            if self.parquet:
                self._write_parquet(part, result)
                size = 0
            else:
                size = self._write_csv(part, result)
        entry = {"row": row, "records": len(result.instance), "bytes": size}
        self.entries.append(entry)
        self._write_journal()

    def _write_journal(self) -> None:
        document: dict[str, Any] = {"format": _FORMAT, "runs": self.entries}
        if self.explained:
            document["explained"] = True
        save_json(document, self.journal)

    def _read_journal(self) -> list[dict[str, Any]]:
        document = load_json(self.journal)
        known = isinstance(document, dict) and (
            document.get("format") == _FORMAT
        )
        entries = document.get("runs") if known else None
        if not isinstance(entries, list) or not all(
            isinstance(entry, dict)
            and {"row", "records", "bytes"} <= set(entry)
            for entry in entries
        ):
            raise InputError(
                f"is no journal of format {_FORMAT}", where=str(self.journal)
            )
        if document.get("explained", False) is not self.explained:
            other = "without" if self.explained else "with"
            raise InputError(
                f"cannot be resumed: it was written {other} --explain",
                field="--records",
                value=str(self.path),
            )
        needed = entries[-1]["bytes"] if entries else 0
        if entries and (
            not self.path.exists() or self.path.stat().st_size < needed
        ):
            raise InputError(
                f"has not the runs that {self.journal.name} names",
                field="--records",
                value=str(self.path),
            )
        return entries

    def _write_csv(self, part: Path, result: SimulationResult) -> int:
        """Write what is kept and the new rows; return the size in bytes."""
        with part.open("wb") as file:
            if self.entries:
                # A run that was written, but not named in the journal, goes.
                with self.path.open("rb") as old:
                    shutil.copyfileobj(old, file)
                file.truncate(self.entries[-1]["bytes"])
                file.seek(0, os.SEEK_END)
            text = io.TextIOWrapper(file, "utf-8", newline="")
            writer = csv.writer(text, lineterminator="\n")
            records = result.records
            if not self.entries:
                names = records.dtype.names or ()
                more = _REASONS if self.explained else ()
                writer.writerow(["policy", "seed", *names, *more])
            why = self._reasons(result)
            for first, block in _blocks(records):
                writer.writerows(
                    [result.policy, result.seed, *row, *more]
                    for row, more in zip(
                        block.tolist(), why[first:], strict=False
                    )
                )
            text.flush()
            return file.tell()

    def _reasons(self, result: SimulationResult) -> list[tuple[str, ...]]:
        """Return the cells that say why, of each request."""
        if not self.explained:
            return [()] * len(result.instance)
        waited: dict[int, str] = {}
        started: dict[int, str] = {}
        for reason in result.reasons or ():
            if reason.action == "wait":
                waited[reason.request] = reason.text
            elif reason.action == "start":
                started[reason.request] = reason.text
        return [
            (waited.get(i, ""), started.get(i, ""))
            for i in range(len(result.instance))
        ]

    def _write_parquet(self, part: Path, result: SimulationResult) -> None:
        arrow, parquet = _pyarrow(self.path)
        records = result.records
        n = records.size
        columns = {
            "policy": arrow.array([result.policy] * n).dictionary_encode(),
            "seed": arrow.array(np.full(n, result.seed)),
            **{
                name: arrow.array(np.ascontiguousarray(records[name]))
                for name in records.dtype.names or ()
            },
        }
        if self.explained:
            cells = zip(*self._reasons(result), strict=True)
            for name, column in zip(_REASONS, cells, strict=True):
                columns[name] = arrow.array(list(column))
        table = arrow.table(columns)
        if self.entries:
            held = sum(entry["records"] for entry in self.entries)
            old = parquet.read_table(self.path).slice(0, held)
            table = arrow.concat_tables([old, table]).unify_dictionaries()
        parquet.write_table(table, part)


def _blocks(records: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    for first in range(0, records.size, _BLOCK):
        yield first, records[first : first + _BLOCK]


def _pyarrow(path: Path) -> tuple[Any, Any]:
    """Return pyarrow and pyarrow.parquet, or say how to get them."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(
            "Parquet needs pyarrow (pip install 'kvopt[parquet]'); a name "
            "ending in .csv needs nothing",
            field="--records",
            value=str(path),
        ) from None
    return pyarrow, pyarrow.parquet
