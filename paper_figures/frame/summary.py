"""The summary of a reproduction: Markdown for the folder, text to print."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paper_figures.frame.report import Report

__all__ = ["PartOutcome", "markdown", "printed"]


@dataclass(frozen=True)
class PartOutcome:
    """How a part ended.

    Parameters
    ----------
    status
        ``"OK"``, ``"FAILED"`` or ``"INTERRUPTED"``.
    seconds
        Wall time.
    report
        What it found; None when it raised.
    error
        What it raised, in one line.
    """

    status: str
    seconds: float
    report: Report | None = None
    error: str = ""


def markdown(outcomes: Mapping[str, PartOutcome], command: str) -> str:
    """Return ``summary.md``."""
    lines = ["# Results", "", "Made by", "", f"    {command}", ""]
    for head, points in sections(outcomes):
        lines += [f"## {head}", "", *(f"- {point}" for point in points), ""]
    for name, outcome in outcomes.items():
        report = outcome.report
        lines += [f"## {report.title if report else name}", ""]
        lines += [f"{outcome.status} in {outcome.seconds:.1f} s.", ""]
        if report is None:
            lines += [f"Error: {outcome.error}", ""]
            continue
        said = f"Seed {report.seed}; {report.budget}."
        lines += [f"    {report.command}", "", said, ""]
        lines += [*table(*report.table), ""]
        for figure in report.figures:
            caption = figure.removesuffix(".png") + ".md"
            lines += [f"![{report.title}]({figure})", ""]
            lines += [f"[What it shows, and what differs]({caption})", ""]
    return "\n".join(lines)


def printed(outcomes: Mapping[str, PartOutcome]) -> str:
    """Return the summary that is printed at the end."""
    lines = []
    for head, points in sections(outcomes):
        lines += [head]
        lines += [
            textwrap.fill(
                point,
                79,
                initial_indent="  - ",
                subsequent_indent="    ",
                break_long_words=False,
            )
            for point in points
        ]
        lines += [""]
    spent = sum(outcome.seconds for outcome in outcomes.values())
    states = [outcome.status for outcome in outcomes.values()]
    return "\n".join(
        [
            *lines,
            f"{states.count('OK')} of {len(states)} parts OK, {spent:.0f} s",
        ]
    )


def sections(
    outcomes: Mapping[str, PartOutcome],
) -> list[tuple[str, list[str]]]:
    """Return what is proved, what is not, and what went wrong."""
    reports = [o.report for o in outcomes.values() if o.report is not None]
    wrong = [
        f"{name}: {outcome.error or 'a check failed, see its table'}"
        for name, outcome in outcomes.items()
        if outcome.status != "OK"
    ]
    found = [
        ("Proved or checked", [s for r in reports for s in r.proved]),
        ("Not proved", [s for r in reports for s in r.not_proved]),
        ("Went wrong", wrong),
    ]
    return [(head, points) for head, points in found if points]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; none for an empty header."""
    if not header:
        return []

    def line(cells: Sequence[str]) -> str:
        escaped = (cell.replace("|", "\\|") for cell in cells)
        return "| " + " | ".join(escaped) + " |"

    return [line(header), line(["---"] * len(header)), *map(line, rows)]
