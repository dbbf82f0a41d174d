"""Arguments and options of ``kvopt simulate`` that no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ClockOption",
    "EngineOption",
    "ExplainOption",
    "FigureOption",
    "MoreOption",
    "PageOption",
    "PoliciesArgument",
    "PredictorsOption",
    "RecordsOption",
    "ResumeOption",
    "SeedsOption",
    "ServingOption",
    "SourceArgument",
    "WorkersOption",
]

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="INSTANCE|TRACE",
        help="An instance (a file or library:NAME), a witness (its "
        "instance), or a trace (FILE.csv).",
        show_default=False,
    ),
]
PoliciesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="POLICY...",
        help="Policies, such as mc-sf or mc-sf:misfit=skip (see kvopt "
        "policies), or path/to/file.py:MyPolicy.",
        show_default=False,
    ),
]
ClockOption = Annotated[
    str,
    typer.Option(
        help="How long a round takes: unit (latencies in rounds), "
        "llama-2-70b-2xa100, affine:d0=..,d1=..,d2=.. and, after commas, "
        "prefill=.., free=.., prompts=.., floor=.. (ms; free in tokens, "
        "prompts mixed or alone), "
        "p5:d0=..,d1=.. (ms)."
    ),
]
ServingOption = Annotated[
    str,
    typer.Option(
        help="Rules of the server: block=.. (memory in whole blocks of "
        "so many tokens), budget=.. (tokens an iteration; prompts in "
        "chunks), restart=discard or recompute; joined by commas."
    ),
]
PredictorsOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Predictions of lengths: common:lower=..,upper=.., "
        "buckets:width=.., bands:x=.., noisy-interval:epsilon=.., "
        "noisy-point:epsilon=.., classes. Repeat for points and "
        "intervals.",
        show_default=False,
    ),
]
EngineOption = Annotated[str, typer.Option(help="auto, fast or reference.")]
SeedsOption = Annotated[
    int,
    typer.Option(
        min=1,
        help="Number of seeds, from --seed on; rows are means over them.",
    ),
]
RecordsOption = Annotated[
    Path | None,
    typer.Option(
        help="File with a row for each policy and request: CSV, or "
        "Parquet if it ends in .parquet. Grows policy by policy.",
        show_default=False,
    ),
]
FigureOption = Annotated[
    Path | None,
    typer.Option(
        help="Draw throughput, memory and latencies of the first seed "
        "to FIGURE.pdf and FIGURE.png.",
        show_default=False,
    ),
]
PageOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        help="Write the schedules of the first seed as a page to look "
        "at, as kvopt report does.",
        show_default=False,
    ),
]
ExplainOption = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Have the reference engine say why each request started or "
        "waited, in --report and --records.",
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help="Keep the policies in --records."),
]
MoreOption = Annotated[
    bool,
    typer.Option(
        "--more", help="Print a second table: tokens, memory, energy."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes that make the runs side by side; each takes about "
        "1.5 KB of memory a request.",
        show_default="one a core where the runs take some seconds",
    ),
]
