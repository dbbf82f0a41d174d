"""``kvopt solvers``: the solvers, and which of them are installed."""

from __future__ import annotations

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_json, print_table

__all__ = ["solvers"]


def solvers(as_json: JsonOption = False) -> None:
    """List the solvers and whether they are installed."""
    from dataclasses import asdict

    from kvopt import exact

    infos = exact.infos()
    if as_json:
        rows = [
            {
                **asdict(info),
                "available": info.available(),
                "version": info.version(),
            }
            for info in infos
        ]
        print_json({"solvers": rows})
        return
    print_table(
        ("solver", "title", "installed", "what it is"),
        [
            (
                info.name,
                info.title,
                (info.version() or "yes")
                if info.available()
                else f"no: {info.install}",
                info.summary,
            )
            for info in infos
        ],
    )
