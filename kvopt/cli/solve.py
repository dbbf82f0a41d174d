"""``kvopt solve``: the best schedule and the best bound in the time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kvopt.cli.files import check_outputs, read_instance
from kvopt.cli.options import (
    InstanceArgument,
    JsonOption,
    OutOption,
    SeedOption,
    naming_options,
)
from kvopt.cli.status import INTERRUPTED
from kvopt.cli.terminal import print_facts, print_hint, print_json, progress
from kvopt.interrupts import Interruption, noting_interrupts
from kvopt.model import (
    InputError,
    Instance,
    SearchParams,
    SolveResult,
    load_schedule,
    save_certificate,
    save_schedule,
)

if TYPE_CHECKING:
    from kvopt.exact import SolveEvent

__all__ = ["solve"]


def solve(
    instance: InstanceArgument,
    solver: Annotated[
        str, typer.Option(help="A solver of kvopt solvers.")
    ] = "auto",
    time_limit: Annotated[
        float | None,
        typer.Option(help="Wall time, in seconds.", show_default="none"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Threads, where the solver has several.",
            show_default="all processors",
        ),
    ] = None,
    seed: SeedOption = 0,
    warm_start: Annotated[
        Path | None,
        typer.Option(
            help="A kvopt-schedule/1 file to start from.",
            show_default="the best of the policies",
        ),
    ] = None,
    memory_limit: Annotated[
        float | None,
        typer.Option(
            help="GiB for the tables of search and semi-online.",
            show_default="4",
        ),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(
            help="Levels of the inequalities in integer and constraint "
            "programs, such as 1,2,3, or none.",
            show_default="the solver's best",
        ),
    ] = None,
    params: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of parameters of the dedicated search.",
            show_default="those of docs/search-params.md",
        ),
    ] = None,
    out: OutOption = None,
    bound_out: Annotated[
        Path | None,
        typer.Option(
            help="File for the certificate of the lower bound.",
            show_default=False,
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            help="Write the integer program too, as .lp or .mps.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search for a schedule of least total latency, with a lower bound.

    Ctrl-C, SIGTERM or SIGHUP ends the search; the best schedule and bound
    are kept. The time limit does not count what is compiled once for this
    machine.
    """
    from kvopt import exact
    from kvopt.exact.control.limits import check_memory_limit, check_time_limit
    from kvopt.exact.solving import choose

    inputs = [path for path in (warm_start, params) if path is not None]
    check_outputs(
        instance, *inputs, out=out, bound_out=bound_out, export=export
    )
    problem = read_instance(instance)
    options: dict[str, Any] = {
        "workers": workers,
        "memory_limit": memory_limit,
        "levels": _levels(levels),
        "params": None if params is None else SearchParams.from_file(params),
    }
    # Refused before anything is written.
    with naming_options("solver", "time_limit", *options):
        check_time_limit(time_limit)
        check_memory_limit(memory_limit)
        try:
            choose(problem, solver, **options)
        except InputError as error:
            if error.field != "params":
                raise
            raise InputError(
                error.problem, field="params", value=str(params)
            ) from None
    if warm_start is not None:
        options["warm_start"] = load_schedule(warm_start, problem)
    if export is not None:
        exact.export_model(problem, export, seed)
    ending = Interruption()
    with noting_interrupts(ending):  # until all is saved
        with progress("solving", time_limit) as advance:
            result = exact.solve(
                problem,
                solver,
                time_limit,
                seed=seed,
                progress=lambda event: advance(event.seconds, _remark(event)),
                **options,
            )
        checked = _checked(problem, result)
        if out is not None:
            save_schedule(result.schedule, problem, out)
        if bound_out is not None:
            save_certificate(result.certificate, bound_out)
    if as_json:
        print_json(_document(problem, result, checked))
    else:
        written = [str(path) for path in (out, bound_out, export) if path]
        print_facts(_facts(problem, result, checked, written))
        shown = f"kvopt view {instance} {out or 'FILE'}"
        first = "" if out else "--out FILE writes the schedule, and "
        print_hint(f"{first}{shown} shows it.")
    if ending.interrupted:
        raise typer.Exit(INTERRUPTED)


def _remark(event: SolveEvent) -> str:
    if event.busy:
        return event.busy
    return f"latency {event.objective:,}, at least {event.lower_bound:,}"


def _levels(text: str | None) -> tuple[int, ...] | None:
    """Read ``1,2,3`` or ``none``; None stays what it is."""
    if text is None:
        return None
    if text == "none":
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            "must be whole numbers with commas between them, or none",
            field="--levels",
            value=text,
        ) from None


def _checked(instance: Instance, result: SolveResult) -> dict[str, str]:
    """Have the checker confirm the result, and say what rests on whom."""
    from kvopt.check.gate import verified_bound, verified_latency

    latency = verified_latency(instance, result.schedule)  # type: ignore[arg-type]
    bound = verified_bound(instance, result.certificate)
    assert latency == result.objective
    by_checker = f"{result.certificate.method} bound {bound:,}"
    if bound == result.lower_bound:
        ground = f"{by_checker}, re-derived by the independent checker"
    else:
        ground = (
            f"{result.lower_bound:,} by {result.solver} ({result.reason}); "
            f"the independent checker re-derives the {by_checker}"
        )
    return {
        "schedule": "feasible, says the independent checker",
        "bound": ground,
    }


def _document(
    instance: Instance, result: SolveResult, checked: dict[str, str]
) -> dict[str, Any]:
    return {
        "instance": instance.hash,
        "objective": result.objective,
        "lower_bound": result.lower_bound,
        "gap": result.gap,
        "status": result.status.value,
        "reason": result.reason,
        "runtime": result.runtime,
        "solver": result.solver,
        "seed": result.seed,
        "params": result.params and result.params.document(),
        "versions": dict(result.versions),
        "checked": checked,
        "certificate": result.certificate.document(),
        "schedule": result.schedule.document(instance),
    }


def _facts(
    instance: Instance,
    result: SolveResult,
    checked: dict[str, str],
    written: list[str],
) -> list[tuple[str, object]]:
    mean = result.objective / len(instance)
    facts: list[tuple[str, object]] = [
        ("status", f"{result.status.value}: {result.reason}"),
        (
            "total latency",
            f"{result.objective:,} rounds, mean {mean:,.4f}",
        ),
        ("lower bound", f"{result.lower_bound:,} rounds"),
        ("gap", f"{100 * result.gap:.2f} %"),
        ("solver", result.solver),
        ("runtime", f"{result.runtime:.2f} s"),
        ("schedule", checked["schedule"]),
        ("proof", checked["bound"]),
    ]
    return facts + [("written", path) for path in written]
