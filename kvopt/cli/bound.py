"""``kvopt bound``: a lower bound with a certificate."""

from __future__ import annotations

from typing import Annotated

import typer

from kvopt.cli.files import check_outputs, read_instance
from kvopt.cli.options import (
    InstanceArgument,
    JsonOption,
    OutOption,
    naming_options,
)
from kvopt.cli.status import INTERRUPTED
from kvopt.cli.terminal import print_facts, print_json, progress
from kvopt.interrupts import Interruption, noting_interrupts

__all__ = ["bound"]


def bound(
    instance: InstanceArgument,
    method: Annotated[
        str,
        typer.Option(
            help="best, trivial, area, mean-busy-time, machines, "
            "convex-prices, memory-prices, lp, lp-cuts or lagrangian."
        ),
    ] = "best",
    time_limit: Annotated[
        float | None,
        typer.Option(help="Wall time, in seconds.", show_default="none"),
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a lower bound on the total latency, and check it.

    At the time limit and on Ctrl-C the best bound so far is kept; of a
    linear program, that of the last one solved, else that of best.
    """
    from kvopt.check.gate import verified_bound
    from kvopt.exact import run_bound
    from kvopt.model import save_certificate

    check_outputs(instance, out=out)
    problem = read_instance(instance)
    ending = Interruption()
    with noting_interrupts(ending):  # until all is saved
        with (
            naming_options("method", "time_limit"),
            progress("bounding", time_limit) as advance,
        ):
            run = run_bound(
                problem,
                method,
                time_limit,
                lambda seconds, value: advance(seconds, f"at least {value:,}"),
            )
        certificate = run.certificate
        verified_bound(problem, certificate)
        if out is not None:
            save_certificate(certificate, out)
    if as_json:
        print_json(certificate.document())
    else:
        facts = [
            ("total latency", f"at least {certificate.value:,} rounds"),
            (
                "mean latency",
                f"at least {certificate.value / len(problem):,.4f} rounds",
            ),
            ("method", certificate.method),
            ("checked", "re-derived by the independent checker"),
        ]
        if run.ended != "complete":
            stopped = f"{run.ended}; this is the best bound until then"
            facts.append(("stopped", stopped))
        if out is not None:
            facts.append(("written", str(out)))
        print_facts(facts)
    if ending.interrupted:
        raise typer.Exit(INTERRUPTED)
