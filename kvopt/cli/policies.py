"""``kvopt policies``: the policies and where they come from."""

from __future__ import annotations

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_json, print_table

__all__ = ["policies"]


def policies(as_json: JsonOption = False) -> None:
    """List the scheduling policies."""
    from dataclasses import asdict

    from kvopt.policies import infos, make_policy

    rows = [
        {**asdict(info), "parameters": asdict(make_policy(info.name))}  # type: ignore[call-overload]
        for info in infos()
    ]
    if as_json:
        print_json({"policies": rows})
        return
    print_table(
        ("policy", "parameters", "is told", "arrivals", "ratio", "paper"),
        [
            (
                row["name"],
                _shown(row["parameters"]),
                row["sight"].value,
                row["arrivals"].value,
                row["ratio"],
                row["paper"],
            )
            for row in rows
        ],
    )


def _shown(parameters: dict[str, object]) -> str | None:
    shown = ", ".join(f"{key}={value}" for key, value in parameters.items())
    return shown or None
