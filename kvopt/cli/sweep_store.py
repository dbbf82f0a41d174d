"""``kvopt sweep status``, ``show`` and ``export``: what is in a store."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import JsonOption, OutOption
from kvopt.cli.terminal import (
    print_csv,
    print_facts,
    print_json,
    print_table,
)

__all__ = ["StoreOption", "export", "show", "status", "store_of"]

StoreOption = Annotated[
    Path | None,
    typer.Option(
        help="The store.",
        show_default="beside CONFIG.toml, with .sqlite",
    ),
]
_SweepArgument = Annotated[
    Path,
    typer.Argument(
        metavar="SWEEP",
        help="CONFIG.toml or a store.",
        show_default=False,
    ),
]

# Columns that everybody knows of a row, or that say nothing to a person.
_HIDDEN = {"key", "error", "versions", "instance.hash", "measured.host"}


def store_of(sweep: Path, store: Path | None) -> Path:
    """Return the store of a sweep that is given as either of its files."""
    if store is not None:
        return store
    if sweep.suffix == ".toml":
        return sweep.with_suffix(".sqlite")
    return sweep


def status(
    sweep: _SweepArgument,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count what is done, has failed and remains; also while it runs."""
    from kvopt.sweep import Store

    path = store_of(sweep, store)
    with Store(path) as rows:
        name, counts, errors = rows.name, rows.counts(), rows.rows()
    why = Counter(row["error"] for row in errors if row["error"])
    facts = {"sweep": name, "store": str(path), **counts._asdict()}
    if as_json:
        print_json({**facts, "errors": dict(why.most_common())})
        return
    print_facts(facts.items())
    if why:
        print()
        print_table(("tasks", "error"), [(n, e) for e, n in why.most_common()])


def show(
    sweep: _SweepArgument,
    store: StoreOption = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only failed tasks.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, help="At most so many rows.")
    ] = 40,
    as_json: JsonOption = False,
) -> None:
    """Print rows as a table."""
    from kvopt.sweep import Store, column_names

    with Store(store_of(sweep, store)) as opened:
        rows = opened.rows()
    chosen = [row for row in rows if row["error"] or not failed]
    shown = chosen[:limit]
    if as_json:
        print_json({"rows": shown})
        return
    # What is the same in all rows is not worth a column.
    names = [
        name
        for name in column_names(shown)
        if name not in _HIDDEN and len({row.get(name) for row in shown}) > 1
    ]
    names = [*dict.fromkeys(["kind", "subject", *names])]
    if failed:
        names.append("error")
    print_table(names, [[row.get(name) for name in names] for row in shown])
    if len(shown) < len(chosen):
        print(f"{len(chosen) - len(shown):,} more rows; see --limit")


def export(
    sweep: _SweepArgument,
    store: StoreOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all rows and columns as CSV, to --out or standard output."""
    from kvopt.sweep import Store, csv_lines, write_csv

    path = store_of(sweep, store)
    check_outputs(sweep, path, out=out)
    with Store(path) as opened:
        rows = opened.rows()
    if out is not None:
        write_csv(rows, out)
    if as_json:
        print_json({"rows": rows})
    elif out is None:
        print_csv(csv_lines(rows))
    else:
        print_facts([("rows", len(rows)), ("written", str(out))])
