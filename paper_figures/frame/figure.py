"""The protocol of a figure, and where figures are found.

A figure is a module of ``paper_figures/`` with five names: ``SECONDS``,
``Settings``, ``data``, ``draw`` and ``describe``. What is drawn is decided by
the settings alone; parser, command and caption are derived from them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import paper_figures
from kvopt.analysis import Caption, save_caption
from kvopt.plots import save_figure
from paper_figures.frame.command import command_of
from paper_figures.frame.report import Progress, Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

__all__ = ["Figure", "Findings", "Work", "figure_called", "make", "names"]


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
        ending = f"_{part}.csv" if part else ".csv"
        return self.folder / f"{self.name}{ending}"

    def progress(self, label: str) -> Progress:
        """Return a line of progress on stderr that begins with ``label``."""
        return Progress(label)


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
        """Wall time of the usual settings on two cores, all compiled."""

    @property
    def Settings(self) -> type[Any]:
        """A frozen dataclass: how much to do, and with which seed.

        Each field has a default and is described under ``Parameters``.
        """

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
    figure = figure_called(name)
    data = figure.data(settings, Work(folder, name, processes))
    command = command_of(name, settings, folder)
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
                (*said.proved, *said.not_proved, *said.notes),
                said.same,
                said.differs,
            ),
            folder / f"{name}.md",
        )
    return Report(
        said.title,
        command,
        seed,
        proved=said.proved,
        not_proved=said.not_proved,
        numbers=said.numbers,
        table=said.table,
        figures=() if drawing is None else (f"{name}.png",),
        ok=said.ok,
    )
