"""``kvopt sweep``: run a sweep, or look into its store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from kvopt.cli.options import JsonOption
from kvopt.cli.sweep_store import (
    StoreOption,
    export,
    show,
    status,
    store_of,
)
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_note,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from kvopt.sweep import SweepPlan

__all__ = ["sweep"]


class _RunByDefault(TyperGroup):
    """``kvopt sweep FILE`` is ``kvopt sweep run FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


sweep = typer.Typer(
    cls=_RunByDefault,
    help=(
        "Run many tasks, keep every row, go on where it stopped.\n\n"
        "kvopt sweep CONFIG.toml runs what is missing; CONFIG.toml is "
        "described in docs/sweeps.md."
    ),
    no_args_is_help=True,
)
for _command in (status, show, export):
    sweep.command()(_command)


@sweep.command()
def run(
    config: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG.toml",
            help="What to compute.",
            show_default=False,
        ),
    ],
    store: StoreOption = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Worker processes.",
            show_default="one a core",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="tcp://host:port of a Dask scheduler, or local:NUMBER.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="List the tasks and their cost; write nothing."
        ),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run failed tasks again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compute the rows that are missing; stop and go on at any time."""
    from kvopt.sweep import Store, SweepProgress, read_plan, run_sweep

    plan = read_plan(config)
    path = store_of(config, store)
    if dry_run:
        _dry_run(plan, path, workers, as_json)
        return
    with progress(plan.name, len(plan.tasks)) as advance:

        def news(state: SweepProgress) -> None:
            advance(state.done + state.failed, str(state))

        try:
            counts = run_sweep(
                plan, path, workers, cluster, retry_failed, news
            )
        except KeyboardInterrupt:
            with Store(path) as rows:
                reached = rows.counts()
            again = [str(config), *(["--store", str(store)] if store else [])]
            print_note(
                f"interrupted: {reached.done} done, "
                f"{reached.failed} failed, {reached.remaining} remaining; "
                f"go on with: kvopt sweep {' '.join(again)}"
            )
            raise
    _tell(plan, path, counts, as_json)


def _tell(plan: SweepPlan, path: Path, counts: Any, as_json: bool) -> None:
    facts = {
        "sweep": plan.name,
        "store": str(path),
        "tasks": len(plan.tasks),
        **counts._asdict(),
    }
    if as_json:
        print_json(facts)
        return
    if counts.failed:
        facts["errors"] = f"kvopt sweep show {path} --failed"
    print_facts(facts.items())


def _dry_run(
    plan: SweepPlan, path: Path, workers: int | None, as_json: bool
) -> None:
    from dataclasses import asdict

    from kvopt.sweep import default_workers, estimate
    from kvopt.sweep.forecast import duration

    number = workers or default_workers()
    groups = estimate(plan, path, number)
    seconds = sum(group.seconds for group in groups)
    if as_json:
        print_json(
            {
                "sweep": plan.name,
                "store": str(path),
                "tasks": len(plan.tasks),
                "workers": number,
                "seconds": seconds / number,
                "groups": [asdict(group) for group in groups],
            }
        )
        return
    print_table(
        ("kind", "what", "tasks", "present", "sampled", "time, one worker"),
        [
            (
                group.kind,
                group.subject,
                group.tasks,
                group.present,
                group.sampled,
                ("" if group.sampled else "at most ")
                + duration(group.seconds),
            )
            for group in groups
        ],
    )
    print_facts(
        [
            ("tasks", len(plan.tasks)),
            ("missing", sum(g.tasks - g.present for g in groups)),
            ("workers", number),
            ("time", f"about {duration(seconds / number)}"),
            ("store", str(path)),
        ]
    )
