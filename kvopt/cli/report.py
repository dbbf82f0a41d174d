"""``kvopt report`` and ``kvopt view``: results as a page to look at."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kvopt.cli.files import check_outputs, instance_path
from kvopt.cli.terminal import print_lines
from kvopt.model import InputError, save_json, write_atomically

if TYPE_CHECKING:
    from kvopt.report.reading import Contents

__all__ = ["report", "view", "write_page"]

_Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="An instance (or library:NAME) with schedules of it, "
        "witnesses, records (CSV), stores of sweeps, games, a ledger.",
        show_default=False,
    ),
]


def report(
    files: _Files,
    out: Annotated[
        Path, typer.Option(help="The page to write, one file.")
    ] = Path("report.html"),
    title: Annotated[
        str, typer.Option(help="Title of the page.")
    ] = "kvopt report",
    trace: Annotated[
        Path | None,
        typer.Option(
            "--chrome-trace",
            help="Write the first instance's schedules as a trace, too, "
            "which Perfetto and Chrome open.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write results as one HTML file that works without a network.

    Schedules of one instance come side by side: memory over time with each
    request as a band, queue and running requests of every round, latencies.
    """
    from kvopt.report import Scene, chrome_trace

    check_outputs(*files, out=out, chrome_trace=trace)
    contents = _contents(files)
    if trace is not None:
        scenes = [item for item in contents if isinstance(item, Scene)]
        if not scenes:
            raise InputError(
                "needs an instance with a schedule, or a witness",
                field="--chrome-trace",
                value=str(trace),
            )
        save_json(chrome_trace(scenes[0]), trace)
    write_page(contents, title, out)
    written = [f"wrote {out}"]
    if trace is not None:
        written.append(f"wrote {trace}: open it at ui.perfetto.dev")
    print_lines(written)


def write_page(contents: Sequence[Contents], title: str, out: Path) -> None:
    """Write a page, all of it or nothing.

    Parameters
    ----------
    contents
        What to show.
    title
        Title of the page.
    out
        The file.
    """
    from kvopt.report import report_page

    with write_atomically(out) as part:
        part.write_text(report_page(contents, title), encoding="utf-8")


def _contents(files: list[str]) -> list[Contents]:
    from kvopt.report import read_contents

    with ExitStack() as stack:
        paths = [stack.enter_context(instance_path(name)) for name in files]
        return read_contents(paths)


def view(files: _Files) -> None:
    """Open what kvopt report would write in the browser of this machine."""
    import webbrowser

    from kvopt.report import report_page

    page = report_page(_contents(files), Path(files[0]).name)
    # The browser reads it after this command has ended.
    handle, name = tempfile.mkstemp(prefix="kvopt-", suffix=".html")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(page)
    opened = webbrowser.open(Path(name).as_uri())
    print_lines([f"{'opened' if opened else 'no browser here; see'} {name}"])
