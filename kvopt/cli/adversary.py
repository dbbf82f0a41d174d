"""``kvopt adversary``: search for an instance that is bad for a policy."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import JsonOption, OutOption, SeedOption
from kvopt.cli.status import INTERRUPTED, verdict_status
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_lines,
    progress,
)
from kvopt.interrupts import Interruption, noting_interrupts
from kvopt.model import Witness, save_witness

__all__ = ["adversary"]

# Seconds for a solver when the search did not prove the reference optimal.
SETTLE_SECONDS = 5.0


def adversary(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY",
            help="A policy, such as mc-sf (see kvopt policies), or "
            "path/to/file.py:MyPolicy.",
            show_default=False,
        ),
    ],
    budget: Annotated[
        str,
        typer.Option(help="Seconds (10s), or evaluations (5000)."),
    ] = "10s",
    max_n: Annotated[int, typer.Option(help="Most requests.")] = 6,
    max_memory: Annotated[int, typer.Option(help="Largest capacity M.")] = 12,
    arrivals: Annotated[
        int, typer.Option(help="Last round of arrival; 0 for all at 0.")
    ] = 0,
    equal_prompts: Annotated[
        bool, typer.Option("--equal-prompts", help="Only equal prompts.")
    ] = False,
    seed: SeedOption = 0,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search for an instance on which a policy is far from the optimum.

    --out writes a kvopt-witness/1 file, which kvopt verify accepts. With a
    budget of evaluations the result depends on the seed alone. Ctrl-C,
    SIGTERM or SIGHUP ends the search; the best witness is kept. Exit status
    3, as of kvopt verify: the costs of the witness are right, but the checker
    did not re-derive that its reference is optimal.
    """
    from kvopt import adversary as room
    from kvopt.policies import parse_policy

    check_outputs(out=out)
    objective = room.PolicyRatio(parse_policy(policy), seed)
    limits = room.Limits(max_n, max_memory, arrivals, equal_prompts)
    stopping = room.parse_budget(budget)
    ending = Interruption()
    with noting_interrupts(ending):  # until all is saved
        with progress("searching", 1.0) as advance:
            result = room.search(
                objective,
                limits,
                stopping,
                seed,
                progress=lambda state: advance(
                    state.share,
                    f"{state.evaluations:,} instances, "
                    f"ratio {state.ratio:.4f}",
                ),
            )
        witness = None
        if result.best is not None:
            best = result.best
            if not result.interrupted:
                best = room.settle(best, SETTLE_SECONDS, seed)
            witness = room.witness(best, objective)
            if out is not None:
                save_witness(witness, out)
    status = _report(policy, result, witness, seed, as_json)
    if out is not None and witness is not None and not as_json:
        print_facts([("written", str(out))])
    if ending.interrupted:
        raise typer.Exit(INTERRUPTED)
    if status:
        raise typer.Exit(status)


def _report(
    policy: str, result: Any, witness: Witness | None, seed: int, as_json: bool
) -> int:
    """Print what was found; return the exit status that the checker gives."""
    from kvopt.check import Optimality, check_witness

    document = witness.document() if witness else None
    verdict = check_witness(document) if document else None
    status = verdict_status(verdict) if verdict else 0
    if as_json:
        print_json(
            {
                "policy": policy,
                "seed": seed,
                "ratio": witness.ratio if witness else None,
                "evaluations": result.evaluations,
                "climbs": result.climbs,
                "failures": result.failures,
                "failed_instance": result.failed and result.failed.document(),
                "interrupted": result.interrupted,
                "witness": document,
                "verdict": verdict and verdict.document(),
            }
        )
        return status
    facts: list[tuple[str, object]] = [
        ("instances", f"{result.evaluations:,} in {result.climbs:,} climbs"),
    ]
    if result.failures:
        facts.append(
            ("failed", f"{policy} did not finish {result.failures:,} of them")
        )
    if witness is None:
        facts.append(("found", "nothing: optimal wherever it finished"))
    else:
        requests = [
            f"({r.arrival}, {r.prompt}, {r.output})" for r in witness.instance
        ]
        settled = verdict and verdict.optimality is Optimality.CERTIFIED
        facts += [
            ("ratio" if settled else "ratio, least", f"{witness.ratio:.6f}"),
            ("memory", witness.instance.memory),
            ("requests", "(arrival, prompt, output) " + " ".join(requests)),
        ]
    print_facts(facts)
    if verdict is not None:
        print_lines(verdict.lines())
    return status
