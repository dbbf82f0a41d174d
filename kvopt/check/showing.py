"""Verdicts show themselves: as lines, and in a notebook as HTML."""

from __future__ import annotations

import html

from kvopt.model.errors import visible

__all__ = ["ShownLines"]


class ShownLines:
    """Base of verdicts: the first line says what was found."""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return the verdict for people."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the lines."""
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        """Return what a notebook shows; texts of files are never markup."""
        head, *rest = (html.escape(visible(line)) for line in self.lines())
        colour = "#00694d" if self.ok else "#a63c00"
        parts = [f'<div><b style="color:{colour}">{head}</b>']
        parts += [f"<br>{line}" for line in rest]
        return "".join([*parts, "</div>"])
