"""The files that ``kvopt simulate`` writes, as its runs are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvopt.cli.files import check_outputs
from kvopt.cli.report import write_page
from kvopt.cli.simulate_figure import Drawing
from kvopt.cli.simulate_plan import CommandPlan
from kvopt.model import InputError, SimulationResult, save_schedule

__all__ = ["Outputs", "Written"]


@dataclass(frozen=True)
class Outputs:
    """What is asked for; None for a file that is not.

    Parameters
    ----------
    out
        For the schedule of the only run.
    records
        For a row for each policy and request.
    figure, page
        For a picture, and for the page of schedules, of the first seed.
    explain
        Whether reasons are written, in page and records.
    resume
        Whether the policies in the records are kept.
    """

    out: Path | None
    records: Path | None
    figure: Path | None
    page: Path | None
    explain: bool
    resume: bool

    def refuse(self, source: str, runs: int) -> None:
        """Refuse what has no meaning, and files that cannot be written.

        Parameters
        ----------
        source
            The instance or trace, which no output replaces.
        runs
            Number of runs.

        Raises
        ------
        InputError
            Naming the option.
        """
        if self.out is not None and runs > 1:
            raise InputError(
                "takes the schedule of one policy and seed only",
                field="--out",
                value=str(self.out),
            )
        if self.resume and self.records is None:
            raise InputError(
                "has no meaning without --records",
                field="--resume",
                value=True,
            )
        if self.explain and self.page is None and self.records is None:
            raise InputError(
                "needs --report or --records, where reasons are written",
                field="--explain",
                value=True,
            )
        check_outputs(
            source,
            out=self.out,
            records=self.records,
            figure=self.figure,
            report=self.page,
        )

    def begun(self, plan: CommandPlan) -> Written:
        """Return what is written when the runs of a plan are made."""
        return Written(self, plan.seeds[0])


class Written:
    """What is written while the runs are made, and at their end.

    Parameters
    ----------
    asked
        The files.
    first
        The first seed, of which pictures are made.
    """

    def __init__(self, asked: Outputs, first: int) -> None:
        from kvopt.analysis.records import RecordsFile

        self.asked, self.first = asked, first
        self.drawing = None if asked.figure is None else Drawing()
        self.file: RecordsFile | None = None
        if asked.records is not None:
            self.file = RecordsFile(
                asked.records, resume=asked.resume, explained=asked.explain
            )
        self.shown: list[SimulationResult] = []

    def keep(self, row: dict[str, Any], result: SimulationResult) -> None:
        """Write what can be written of a run."""
        asked = self.asked
        if self.file is not None:
            self.file.add(row, result)
        if asked.out is not None:
            save_schedule(result.schedule, result.instance, asked.out)
        if self.drawing is not None:
            self.drawing.add(result, self.first)
        if asked.page is not None and result.seed == self.first:
            self.shown.append(result)

    def save(self) -> None:
        """Write figure and page."""
        asked = self.asked
        if asked.figure is not None and self.drawing is not None:
            self.drawing.save(asked.figure)
        if asked.page is not None and self.shown:
            from kvopt.report import scenes_of

            write_page(scenes_of(self.shown), "kvopt simulate", asked.page)
