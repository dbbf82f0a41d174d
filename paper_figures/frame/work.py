"""Where a figure works: its folder, its processes, what it has computed."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kvopt.analysis import write_rows
from kvopt.experiments import run_experiment
from kvopt.model import InputError, save_json
from kvopt.sweep import DamagedStoreError, SweepTask
from kvopt.sweep.versions import versions_of
from paper_figures.frame.report import Progress

__all__ = ["Work"]

Row = TypeVar("Row")
Task = TypeVar("Task")

# Of the files in which results are kept.
VERSION = 1


@dataclass(frozen=True)
class Work:
    """Where a figure puts its data, and how much of the machine it has.

    Parameters
    ----------
    folder
        The output folder; it exists.
    name
        The figure's name, with which its files begin.
    processes
        Worker processes; they make no difference to the data.
    """

    folder: Path
    name: str
    processes: int

    def csv(self, part: str = "") -> Path:
        """Return the path of the data, or of a named part of it."""
        return self._file(part, ".csv")

    def _file(self, part: str, ending: str) -> Path:
        stem = f"{self.name}_{part}" if part else self.name
        return self.folder / f"{stem}{ending}"

    def progress(self, label: str) -> Progress:
        """Return a line of progress on stderr that begins with ``label``."""
        return Progress(label)

    def run(
        self,
        described: Callable[[Task], SweepTask],
        tasks: Sequence[Task],
        kind: type[Row],
        what: str,
        part: str = "",
    ) -> list[Row]:
        """Run an experiment; its rows are kept and computed once.

        Rows that are kept in a damaged store are computed again, and the
        store is put aside.

        Parameters
        ----------
        described, tasks, kind
            As for :func:`kvopt.experiments.run_experiment`.
        what
            What the line of progress says.
        part
            Name of the part of the data, where there are several.

        Raises
        ------
        InputError
            When a task means nothing, or the store is of another version.
        KvoptError
            When tasks failed.
        """
        path = self.csv(part)

        def rows() -> list[Row]:
            return run_experiment(
                described,
                tasks,
                kind,
                path,
                self.processes,
                self.progress(what),
            )

        try:
            return rows()
        except DamagedStoreError as error:
            self._put_aside(path.with_suffix(".sqlite"), error)
            return rows()

    def kept(
        self,
        settings: Any,
        compute: Callable[[], Any],
        part: str = "",
        code: tuple[str, ...] = (),
    ) -> Any:
        """Return what ``compute`` returns, computed once for the settings.

        It is computed again when the settings, kvopt or the figure are no
        longer the same, or the file in which it is kept is damaged.

        Parameters
        ----------
        settings
            The figure's settings.
        compute
            Returns plain JSON values.
        part
            Name of the part of the data, where there are several.
        code
            Modules beyond kvopt and the figure's own that decide the result.

        Raises
        ------
        InputError
            When the file is of another version.
        """
        path = self._file(part, ".kept.json")
        modules = ("kvopt", f"paper_figures.{self.name}", *code)
        # As JSON, in which a tuple is a list.
        key = json.loads(
            json.dumps(
                {
                    "settings": dataclasses.asdict(settings),
                    "versions": versions_of(modules, ("numpy",)),
                }
            )
        )
        try:
            found = _read(path)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            self._put_aside(path, error)
            found = {}
        if found.get("key") == key:
            return found["result"]
        result = compute()
        save_json({"version": VERSION, "key": key, "result": result}, path)
        return result

    def kept_rows(
        self,
        settings: Any,
        kind: type[Row],
        compute: Callable[[], Sequence[Row]],
        part: str = "",
    ) -> list[Row]:
        """Return rows that are computed once, and write them as CSV.

        Parameters
        ----------
        settings, part
            As for :meth:`kept`.
        kind
            The dataclass of the rows.
        compute
            Returns the rows.
        """
        found = self.kept(
            settings,
            lambda: [dataclasses.asdict(row) for row in compute()],  # type: ignore[call-overload]
            part,
        )
        rows = [kind(**row) for row in found]
        write_rows(rows, kind, self.csv(part))
        return rows

    def _put_aside(self, path: Path, error: Exception) -> None:
        aside = path.with_name(path.name + ".damaged")
        path.replace(aside)
        print(
            f"{self.name}: {error}; it is computed again, and the damaged "
            f"file is now {aside.name}",
            file=sys.stderr,
        )


def _read(path: Path) -> dict[str, Any]:
    """Return what was kept; nothing when there is no file.

    Raises
    ------
    InputError
        When it is of another version.
    ValueError
        When the file is damaged.
    """
    if not path.exists():
        return {}
    damaged = ValueError(f"{path}: is damaged")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise damaged from None
    if not isinstance(found, dict) or "version" not in found:
        raise damaged
    if found["version"] != VERSION:
        raise InputError(
            f"this kvopt reads version {VERSION}; give another --out",
            field="version",
            value=found["version"],
            where=str(path),
        )
    if not {"key", "result"} <= set(found):
        raise damaged
    return found
