"""``kvopt policies``: the policies and where they come from."""

from __future__ import annotations

from typing import Any

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_json, print_table

__all__ = ["policies"]


def policies(as_json: JsonOption = False) -> None:
    """List the scheduling policies."""
    from dataclasses import asdict

    from kvopt.policies import infos, make_policy
    from kvopt.policies.staged import parse_staged, staged_infos
    from kvopt.simulation.engine import engine_of

    made: list[Any] = [make_policy(info.name) for info in infos()]
    engines = [engine_of(policy) for policy in made]
    paused = [parse_staged(info.name) for info in staged_infos()]
    rows = [
        {
            **asdict(policy.info),
            "parameters": asdict(policy),
            "engine": engine,
        }
        for policy, engine in zip(
            [*made, *paused],
            [*engines, *["staged"] * len(paused)],
            strict=True,
        )
    ]
    if as_json:
        print_json({"policies": rows})
        return
    print_table(
        (
            "policy",
            "parameters",
            "is told",
            "arrivals",
            "engine",
            "ratio",
            "paper",
        ),
        [
            (
                row["name"],
                _shown(row["parameters"]),
                row["sight"].value,
                row["arrivals"].value,
                row["engine"],
                row["ratio"],
                row["paper"],
            )
            for row in rows
        ],
    )


def _shown(parameters: dict[str, object]) -> str | None:
    shown = ", ".join(f"{key}={value}" for key, value in parameters.items())
    return shown or None
