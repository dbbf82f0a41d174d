"""``kvopt bound``: a lower bound with a certificate."""

from __future__ import annotations

from typing import Annotated

import typer

from kvopt.cli.files import check_outputs, read_instance
from kvopt.cli.options import InstanceArgument, JsonOption, OutOption
from kvopt.cli.terminal import print_facts, print_json

__all__ = ["bound"]


def bound(
    instance: InstanceArgument,
    method: Annotated[
        str, typer.Option(help="best, trivial, area, lp or lp-cuts.")
    ] = "best",
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute a lower bound on the total latency, and check it."""
    from kvopt.analysis.verified import verified_bound
    from kvopt.exact import lower_bound
    from kvopt.model import save_certificate

    check_outputs(instance, out=out)
    problem = read_instance(instance)
    certificate = lower_bound(problem, method)
    verified_bound(problem, certificate)
    if out is not None:
        save_certificate(certificate, out)
    if as_json:
        print_json(certificate.document())
        return
    n = len(problem)
    facts = [
        ("total latency", f"at least {certificate.value:,} rounds"),
        ("mean latency", f"at least {certificate.value / n:,.4f} rounds"),
        ("method", certificate.method),
        ("checked", "re-derived by the independent checker"),
    ]
    if out is not None:
        facts.append(("written", str(out)))
    print_facts(facts)
