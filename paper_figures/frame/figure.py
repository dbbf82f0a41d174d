"""The protocol of a figure, and where figures are found.

A figure is a module of ``paper_figures/`` with six names: ``SECONDS``,
``Settings``, ``FULL``, ``data``, ``draw`` and ``describe``. What is drawn is
decided by the settings alone; parser, command and caption are derived from
them. ``Settings()`` is the quick budget, ``FULL`` the full one.
"""

from __future__ import annotations

import pkgutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import paper_figures
from kvopt.analysis import Caption, save_caption
from kvopt.plots import save_figure
from paper_figures.frame.command import budget_of, command_of
from paper_figures.frame.hidden import hidden_lines
from paper_figures.frame.report import Report
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

__all__ = ["Figure", "Findings", "Work", "figure_called", "make", "names"]


@dataclass(frozen=True)
class Findings:
    """What a figure shows, in words and numbers.

    Parameters
    ----------
    title
        What was done, in a few words.
    proved, not_proved
        Sentences, for caption and summary.
    numbers
        Everything that was measured; plain JSON values.
    table
        Header and rows, for the summary.
    ok
        False when a check failed.
    shows
        What the picture shows, in one sentence.
    original
        The published figure or claim that the picture is after.
    notes, same, differs
        Sentences for the caption: how to read it, what is as in the original
        and what is not.
    """

    title: str
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]
    numbers: Mapping[str, Any]
    table: tuple[Sequence[str], Sequence[Sequence[str]]]
    ok: bool = True
    shows: str = ""
    original: str = ""
    notes: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class Figure(Protocol):
    """A module that makes one figure."""

    @property
    def SECONDS(self) -> float:
        """Wall time of the quick settings on two cores, all compiled."""

    @property
    def Settings(self) -> type[Any]:
        """A frozen dataclass: how much to do, and with which seed.

        Each field has a default, the quick one, and is described under
        ``Parameters``.
        """

    @property
    def FULL(self) -> Any:
        """The settings of the full budget: as published, or nearly."""

    def data(self, settings: Any, work: Work, /) -> Any:
        """Compute the data and write it as CSV."""

    def draw(self, data: Any, settings: Any, /) -> Drawing | None:
        """Draw the data; None for a part that has no picture."""

    def describe(self, data: Any, settings: Any, /) -> Findings:
        """Say what the data shows."""


def names() -> tuple[str, ...]:
    """Return the names of all figures, in alphabetical order."""
    found = pkgutil.iter_modules(paper_figures.__path__)
    return tuple(
        module.name
        for module in found
        if not module.ispkg and module.name != "__main__"
    )


def figure_called(name: str) -> Figure:
    """Return the figure with a name of :func:`names`."""
    return cast("Figure", import_module(f"paper_figures.{name}"))


def make(name: str, settings: Any, folder: Path, processes: int) -> Report:
    """Make one figure: its data, its picture, its caption.

    Parameters
    ----------
    name
        A name of :func:`names`.
    settings
        An object of the figure's ``Settings``.
    folder
        The output folder; it exists.
    processes
        Worker processes.
    """
    began = time.monotonic()
    figure = figure_called(name)
    data = figure.data(settings, Work(folder, name, processes))
    command = command_of(name, settings, figure.FULL, folder)
    budget = budget_of(settings, figure.FULL)
    seed = getattr(settings, "seed", 0)
    said = figure.describe(data, settings)
    drawing = figure.draw(data, settings)
    if drawing is not None:
        save_figure(drawing, folder / name)
        save_caption(
            Caption(
                said.shows,
                said.original,
                command,
                seed,
                f"{budget}, made in {time.monotonic() - began:.0f} s, "
                "without what had been kept",
                (
                    *said.proved,
                    *said.not_proved,
                    *said.notes,
                    *hidden_lines(drawing),
                ),
                said.same,
                said.differs,
            ),
            folder / f"{name}.md",
        )
    return Report(
        said.title,
        command,
        seed,
        budget,
        proved=said.proved,
        not_proved=said.not_proved,
        numbers=said.numbers,
        table=said.table,
        figures=() if drawing is None else (f"{name}.png",),
        ok=said.ok,
    )
