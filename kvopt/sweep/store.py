"""The store of a sweep: one SQLite file, one writer, any number of readers.

Write-ahead logging with ``synchronous=NORMAL``: a transaction is either in
the file or not, however the process ends (kill -9 included), and no row is
ever half written. A power failure may undo the last transactions, never the
file's consistency; what they held is computed again. ``FULL`` would buy
those few rows at the price of a disk flush each time.

The log needs shared memory, so the store must be on a disk of the machine
that runs the sweep, not on a network file system; the workers of a cluster
do not touch it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from kvopt.model import InputError
from kvopt.model.showing import Fact, Shown, html_table
from kvopt.sweep.outcome import SweepOutcome
from kvopt.sweep.task import SweepTask

__all__ = ["Counts", "DamagedStoreError", "Store"]

VERSION = 1
# "kvsw" as a big-endian number: says what the file is.
_APPLICATION = 0x6B767377

_TABLES = """
CREATE TABLE sweep (name TEXT NOT NULL);
CREATE TABLE tasks (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    columns TEXT NOT NULL
);
CREATE TABLE rows (
    key TEXT PRIMARY KEY,
    error TEXT NOT NULL,
    result TEXT NOT NULL,
    measured TEXT NOT NULL
) WITHOUT ROWID;
"""


# Rows that a notebook shows.
_SHOWN_ROWS = 30


class DamagedStoreError(InputError):
    """A store that somebody or something else has written into."""


class Counts(NamedTuple):
    """Numbers of tasks of the sweep that was planned last."""

    done: int
    failed: int
    remaining: int


class Store(Shown):
    """An open store; a context manager.

    Its tasks are those of the sweep that was planned last. Rows of other
    tasks (of an earlier version, or taken out of the configuration) stay in
    the file and are found again when their task comes back.

    Parameters
    ----------
    path
        The file.
    write
        Whether to write: creates the file if need be, and keeps all other
        writers out until it is closed.

    Raises
    ------
    InputError
        When it cannot be opened, is no store, is one of another version, or
        is being written already.
    """

    def __init__(
        self, path: str | os.PathLike[str], write: bool = False
    ) -> None:
        self.path = Path(path)
        self._lock: IO[str] | None = None
        if os.path.isdir(path):
            raise InputError("is a directory", where=str(path))
        if not write and not os.path.isfile(path):
            raise InputError("there is no such store", where=str(path))
        if write and self._exists():
            # Look before locking: what is no store gets no file beside it.
            Store(path).close()
        try:
            if write:
                self._lock = self._locked()
            with self._explained():
                self._open(write)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let other writers in.

        A writer leaves the one file, and none beside it. Where somebody
        reads just then, the log stays for the next writer.
        """
        connection = getattr(self, "_connection", None)
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                if self._lock is not None:
                    connection.execute("PRAGMA busy_timeout = 0")
                    connection.execute("PRAGMA journal_mode = DELETE")
            with contextlib.suppress(sqlite3.Error):
                connection.close()
        if self._lock is not None:
            if not self._lock.closed:
                # While it is held: whoever waits for it looks again.
                with contextlib.suppress(OSError):
                    self._lock_path.unlink()
            self._lock.close()

    def _exists(self) -> bool:
        there = os.path.exists(self.path)
        return there and self.path.stat().st_size > 0

    def _locked(self) -> IO[str]:
        """Lock a file beside the store; the kernel frees it at any death.

        Not the store itself: closing a file drops SQLite's own locks on it.
        """
        while True:
            try:
                file = self._lock_path.open("a+")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    file.seek(0)
                    owner = file.read().strip()
                    file.close()
                    raise InputError(
                        f"another sweep is writing to it: process {owner}",
                        where=str(self.path),
                    ) from None
                if not self._is_lock(file):
                    # Its owner removed it between the two calls.
                    file.close()
                    continue
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
                return file
            except OSError as error:
                raise InputError(
                    f"cannot be written: {error.strerror}",
                    where=str(self.path),
                ) from None

    def _is_lock(self, file: IO[str]) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(
                os.fstat(file.fileno()), self._lock_path.stat()
            )
        return False

    @property
    def _lock_path(self) -> Path:
        return self.path.with_name(self.path.name + ".lock")

    def _open(self, write: bool) -> None:
        if write and not self._exists():
            self._create()
        mode = "rw" if write else "ro"
        log = self.path.with_name(self.path.name + "-wal")
        if not write and not log.exists():
            folder = self.path.resolve().parent
            # A reader, too, writes a log, unless told that none is needed.
            mode += "" if os.access(folder, os.W_OK) else "&immutable=1"
        self._connection = _connect(self.path, mode)
        self._check_version()
        if write:
            if not os.access(self.path, os.W_OK):
                raise InputError("is read-only", where=str(self.path))
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def _create(self) -> None:
        """Make an empty store beside, then put it in place in one step.

        Nobody, not even after a kill, sees a file that is half a store.
        """
        part = self.path.with_name(self.path.name + ".part")
        part.unlink(missing_ok=True)
        connection = _connect(part, "rwc")
        try:
            connection.executescript(
                f"BEGIN; {_TABLES} "
                f"PRAGMA application_id = {_APPLICATION}; "
                f"PRAGMA user_version = {VERSION}; COMMIT"
            )
        except sqlite3.Error:
            connection.close()
            part.unlink(missing_ok=True)
            raise
        connection.close()
        part.replace(self.path)

    def _check_version(self) -> None:
        def pragma(name: str) -> int:
            found = self._connection.execute(f"PRAGMA {name}").fetchone()
            return int(found[0])

        if pragma("application_id") != _APPLICATION:
            raise DamagedStoreError(
                "is not a store of sweeps", where=str(self.path)
            )
        version = pragma("user_version")
        if version != VERSION:
            raise InputError(
                f"this kvopt reads version {VERSION}; give another store",
                field="version",
                value=version,
                where=str(self.path),
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in one line what SQLite could not do."""
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            damage = {
                "file is not a database": "is not a store of sweeps",
                "database disk image is malformed": "the store is damaged",
            }
            if text in damage:
                raise DamagedStoreError(
                    damage[text], where=str(self.path)
                ) from None
            problem = {
                "database or disk is full": "the disk is full",
                "attempt to write a readonly database": "is read-only",
            }.get(text, f"cannot be used: {text}")
            raise InputError(problem, where=str(self.path)) from None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of the block, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @property
    def name(self) -> str:
        """Name of the sweep; "" before the first is planned."""
        with self._explained():
            found = self._connection.execute("SELECT name FROM sweep")
            return next((str(name) for (name,) in found), "")

    def summary(self) -> list[Fact]:
        """Return how far the sweep has got."""
        counts = self.counts()
        return [("sweep", self.name), *counts._asdict().items()]

    def picture(self) -> str:
        """Return the first rows as a table of HTML."""
        rows = self.rows()[:_SHOWN_ROWS]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return html_table(
            columns, [[row.get(name) for name in columns] for row in rows]
        )

    def plan(self, name: str, tasks: Sequence[SweepTask]) -> None:
        """Make ``tasks`` the tasks of this store.

        Several may have one key, as when two seeds draw the same instance:
        each gets its line in the table, with the row that they share.

        Raises
        ------
        InputError
            When the store is of a sweep of another name.
        """
        if self.name not in ("", name):
            raise InputError(
                f"the store is of the sweep {self.name!r}; give another one",
                field="name",
                value=name,
                where=str(self.path),
            )
        rows = [
            (i, task.key, json.dumps(task.columns()))
            for i, task in enumerate(tasks)
        ]
        with self._explained(), self._transaction():
            self._connection.execute("DELETE FROM sweep")
            self._connection.execute("INSERT INTO sweep VALUES (?)", (name,))
            self._connection.execute("DELETE FROM tasks")
            self._connection.executemany(
                "INSERT INTO tasks VALUES (?, ?, ?)", rows
            )

    def add(self, outcomes: Iterable[SweepOutcome]) -> None:
        """Write rows in one transaction; a failed row may be replaced."""
        rows = [
            (o.key, o.error, json.dumps(o.result), json.dumps(o.measured))
            for o in outcomes
        ]
        with self._explained(), self._transaction():
            self._connection.executemany(
                "INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT (key) "
                "DO UPDATE SET error = excluded.error, "
                "result = excluded.result, measured = excluded.measured "
                "WHERE rows.error <> ''",
                rows,
            )

    def keys(self) -> dict[str, str]:
        """Return the error of every row, by key; "" is a row that is done."""
        with self._explained():
            return dict(
                self._connection.execute("SELECT key, error FROM rows")
            )

    def counts(self) -> Counts:
        """Count the tasks that are done, have failed and remain."""
        with self._explained():
            done, failed, remaining = self._connection.execute(
                "SELECT COALESCE(SUM(error = ''), 0), "
                "COALESCE(SUM(error <> ''), 0), "
                "COALESCE(SUM(error IS NULL), 0) "
                "FROM tasks LEFT JOIN rows USING (key)"
            ).fetchone()
        return Counts(done, failed, remaining)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows there are, in the order of the tasks.

        A row has the columns of its task, ``state``, ``error``, those of its
        result, and those that were measured, as ``measured.name``.
        """
        with self._explained():
            found = self._connection.execute(
                "SELECT key, columns, error, result, measured "
                "FROM tasks JOIN rows USING (key) ORDER BY position"
            ).fetchall()
        rows = []
        for key, columns, error, result, measured in found:
            place = f"row {key}"
            times = self._cells(measured, f"{place}, measured")
            rows.append(
                {
                    "key": str(key),
                    **self._cells(columns, f"{place}, columns"),
                    "state": "failed" if error else "done",
                    "error": str(error),
                    **self._cells(result, f"{place}, result"),
                    **{f"measured.{name}": v for name, v in times.items()},
                }
            )
        return rows

    def _cells(self, stored: Any, place: str) -> dict[str, Any]:
        """Return the cells that a column of the store holds as JSON.

        Raises
        ------
        DamagedStoreError
            When somebody else has written it.
        """

        def constant(name: str) -> Any:
            raise ValueError(f"{name} is no number of JSON")

        try:
            cells = json.loads(stored, parse_constant=constant)
            plain = not any(isinstance(v, list | dict) for v in cells.values())
        except (ValueError, TypeError, AttributeError, RecursionError):
            plain = False
        if not plain:
            raise DamagedStoreError(
                "the store is damaged: not an object of plain values",
                field=place,
                value=stored,
                where=str(self.path),
            )
        return dict(cells)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=10.0,
    )
