"""Objects that show themselves: as text, and in a notebook as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kvopt.model.errors import visible

__all__ = ["Fact", "Shown", "html_table", "shown_value", "spread_text"]

# A name and a value; values are shown by shown_value.
Fact = tuple[str, object]

# Characters of a value above which its end is left out.
_LONGEST = 300
_CELL = "padding:1px 12px 1px 0;text-align:left;vertical-align:top"


class Shown:
    """Base of what a person looks at: facts, and a picture where there is one.

    ``print`` gives the facts, a line each, and a notebook shows them as a
    table with the picture; ``repr`` is left as it is.
    """

    def summary(self) -> list[Fact]:
        """Return what a person wants to know of it first."""
        raise NotImplementedError

    def picture(self) -> str:
        """Return HTML that stands below the facts: a picture, a table."""
        return ""

    def __str__(self) -> str:
        """Return the facts, a line each."""
        facts = [
            (name, shown_value(value))
            for name, value in self.summary()
            if value is not None
        ]
        width = max(len(name) for name, _ in facts)
        return "\n".join(f"{name:{width}}  {text}" for name, text in facts)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        facts = [
            (name, value)
            for name, value in self.summary()
            if value is not None
        ]
        return f"<div>{html_table((), facts)}{self.picture()}</div>"


def html_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> str:
    """Return a table; whatever is in it is text, never markup.

    Parameters
    ----------
    columns
        Heads of the columns; none for no head.
    rows
        Values of the cells.
    """
    lines = ["<table>"]
    if columns:
        heads = "".join(f"<th>{_escaped(name)}</th>" for name in columns)
        lines.append(f"<thead><tr>{heads}</tr></thead>")
    lines.append("<tbody>")
    for row in rows:
        cells = "".join(
            f'<td style="{_CELL}">{_escaped(shown_value(value))}</td>'
            for value in row
        )
        lines.append(f"<tr>{cells}</tr>")
    lines.append("</tbody></table>")
    return "".join(lines)


def _escaped(text: str) -> str:
    return html.escape(visible(text, _LONGEST))


def shown_value(value: object) -> str:
    """Return a value as a person reads it, without control characters."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return visible(value, _LONGEST)


def spread_text(column: Any) -> str:
    """Return least, largest, mean and median of an array of integers."""
    low, high = int(column.min()), int(column.max())
    mean, median = float(np.mean(column)), float(np.median(column))
    return f"{low:,} .. {high:,}, mean {mean:,.2f}, median {median:,g}"
