"""``kvopt policies``: the policies and where they come from."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_facts, print_json, print_table

__all__ = ["policies"]


def policies(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Say everything about this policy; parameters may follow, "
            "as in mc-sf:misfit=skip.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the scheduling policies, or say everything about one of them."""
    rows = _all() if name is None else [_one(name)]
    if as_json:
        print_json({"policies": rows})
    elif name is None:
        print_table(
            ("policy", "paper", "what it does"),
            [
                *((r["name"], _label(r["paper"]), r["summary"]) for r in rows),
                *_installed(),
            ],
        )
        print()
        print("kvopt policies NAME says the rest.")
    else:
        print_facts(_facts(rows[0]))


def _all() -> list[dict[str, Any]]:
    from kvopt.policies import names
    from kvopt.policies.staged import staged_names

    return [_one(name) for name in (*names(), *staged_names())]


def _installed() -> list[tuple[str, str, str]]:
    """Return rows of what other packages offer; none of it is loaded."""
    from kvopt.policies import names, outside

    return [
        (name, "-", f"installed: {entry.value}")
        for name, entry in outside.installed().items()
        if name not in names()
    ]


def _one(text: str) -> dict[str, Any]:
    """Return the metadata of a policy, as a dictionary."""
    from dataclasses import asdict

    from kvopt.policies import parse_policy
    from kvopt.policies.staged import parse_staged, staged_names
    from kvopt.simulation.engine import engine_of

    policy: Any
    if text.partition(":")[0] in staged_names():
        policy, engine = parse_staged(text), "staged"
    else:
        policy = parse_policy(text)
        engine = engine_of(policy)
    return {
        **asdict(policy.info),
        "information": policy.information.value,
        "arrivals": policy.info.arrivals.value,
        "parameters": asdict(policy),
        "engine": engine,
    }


def _label(paper: str) -> str:
    """Return the label P1 to P6, or how else the paper is found."""
    label, colon, _ = paper.partition(":")
    if colon:
        return label
    _, arxiv, number = paper.partition("arXiv ")
    return number.partition(",")[0] if arxiv else "ours"


def _facts(row: dict[str, Any]) -> list[tuple[str, object]]:
    shown = ", ".join(f"{k}={v}" for k, v in row["parameters"].items())
    return [
        ("policy", row["name"]),
        ("title", row["title"]),
        ("what it does", row["summary"]),
        ("paper", row["paper"]),
        ("parameters", shown or None),
        ("is told", row["information"]),
        ("arrivals", row["arrivals"]),
        ("restarts", row["restarts"]),
        ("engine", row["engine"]),
        ("ratio", row["ratio"]),
        ("complexity", row["complexity"]),
        ("reading", row["reading"]),
    ]
