"""``kvopt solve``: the best schedule and the best bound in the time."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from kvopt.cli.files import check_outputs, read_instance
from kvopt.cli.options import (
    InstanceArgument,
    JsonOption,
    OutOption,
    SeedOption,
)
from kvopt.cli.status import INTERRUPTED
from kvopt.cli.terminal import print_facts, print_json, progress
from kvopt.model import (
    InputError,
    Instance,
    SolveResult,
    load_schedule,
    save_certificate,
    save_schedule,
)

__all__ = ["solve"]


def solve(
    instance: InstanceArgument,
    solver: Annotated[
        str, typer.Option(help="A solver of kvopt solvers.")
    ] = "auto",
    time_limit: Annotated[
        float, typer.Option(help="Wall time, in seconds.")
    ] = 60.0,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Threads. [default: all processors]",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = 0,
    warm_start: Annotated[
        Path | None,
        typer.Option(
            help="A kvopt-schedule/1 file to start from. [default: the best "
            "of the policies]",
            show_default=False,
        ),
    ] = None,
    memory_gib: Annotated[
        float,
        typer.Option(help="GiB for the tables of search and semi-online."),
    ] = 4.0,
    levels: Annotated[
        str | None,
        typer.Option(
            help="Levels of the inequalities in integer and constraint "
            "programs, such as 1,2,3, or none. [default: the solver's best]",
            show_default=False,
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

    Ctrl-C ends the search; the best schedule and bound are kept.
    """
    inputs = [instance] if warm_start is None else [instance, warm_start]
    check_outputs(*inputs, out=out, bound_out=bound_out, export=export)
    if not (math.isfinite(time_limit) and time_limit > 0):
        raise InputError(
            "must be a positive number of seconds",
            field="--time-limit",
            value=time_limit,
        )
    problem = read_instance(instance)
    options: dict[str, Any] = {
        "workers": workers,
        "seed": seed,
        "memory_limit": memory_gib,
        "levels": _levels(levels),
    }
    if warm_start is not None:
        options["warm_start"] = load_schedule(warm_start, problem)
    run = _solver(problem, solver, time_limit, options)
    if export is not None:
        from kvopt.exact import export_model

        export_model(problem, export, seed)
    result = run()
    checked = _checked(problem, result)
    assert result.schedule is not None
    assert result.certificate is not None
    if out is not None:
        save_schedule(result.schedule, problem, out)
    if bound_out is not None:
        save_certificate(result.certificate, bound_out)
    if as_json:
        print_json(_document(problem, result, checked))
    else:
        written = [str(path) for path in (out, bound_out, export) if path]
        print_facts(_facts(problem, result, checked, written))
    if result.reason == "interrupted":
        raise typer.Exit(INTERRUPTED)


def _solver(
    instance: Instance,
    name: str,
    time_limit: float,
    options: dict[str, Any],
) -> Callable[[], SolveResult]:
    """Return what solves the instance; refuse unknown and missing solvers."""
    from kvopt import exact
    from kvopt.exact import semi_online
    from kvopt.exact.registry import resolve

    if name == semi_online.INFO.name:
        if "warm_start" in options:
            raise InputError(
                "starts from no schedule", field="--solver", value=name
            )
        return lambda: semi_online.solve_semi_online(
            instance, time_limit, options["seed"], options["memory_limit"]
        )
    known = (*exact.names(), semi_online.INFO.name)
    if name not in known:
        raise InputError(
            f"unknown solver; known are {', '.join(known)}",
            field="--solver",
            value=name,
        )
    resolve(name, instance)

    def run() -> SolveResult:
        with progress("solving", time_limit) as advance:
            return exact.solve(
                instance,
                name,
                time_limit,
                progress=lambda event: advance(
                    event.seconds,
                    f"latency {event.objective:,}, "
                    f"at least {event.lower_bound:,}",
                ),
                **options,
            )

    return run


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
    assert result.certificate is not None
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
    assert result.schedule is not None
    assert result.certificate is not None
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
    assert result.objective is not None
    assert result.gap is not None
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
