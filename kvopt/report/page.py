"""The page: one HTML file that needs nothing else, and no network."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import assert_never

from kvopt.report.contents import Distribution, ReportTable, Scene
from kvopt.report.reading import Contents

__all__ = ["report_page"]

_SCRIPTS = (
    "vendor/uPlot.iife.min.js",
    "vendor/sortable.min.js",
    "schedule.js",
    "charts.js",
    "page.js",
)
_STYLES = ("vendor/uPlot.min.css", "page.css")


def report_page(contents: Sequence[Contents], title: str) -> str:
    """Return the page that shows what is given, in this order.

    Texts of files are data to it: they are never part of the markup, and
    the script sets them as text.

    Parameters
    ----------
    contents
        What to show.
    title
        Title of the page.
    """
    shown: list[dict[str, object]] = []
    for item in contents:
        match item:
            case Scene():
                shown.append({"kind": "scene", **item.payload()})
            case ReportTable():
                shown.append({"kind": "table", **item.payload()})
            case Distribution():
                shown.append({"kind": "distribution", **item.payload()})
            case _:
                assert_never(item)
    styles = "\n".join(map(_asset, _STYLES))
    scripts = "\n".join(
        f"<script>{_asset(name)}</script>" for name in _SCRIPTS
    )
    return _asset("page.html").format(
        title=html.escape(title),
        styles=styles,
        data=_embedded({"title": title, "contents": shown}),
        scripts=scripts,
    )


def _asset(name: str) -> str:
    folder = resources.files("kvopt.report") / "assets"
    return folder.joinpath(name).read_text(encoding="utf-8")


def _embedded(value: object) -> str:
    """Return JSON that no HTML parser takes for markup."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
