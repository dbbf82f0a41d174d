"""``kvopt compile``: compile ahead what would be compiled on first use."""

from __future__ import annotations

import time
from typing import Any

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_facts, print_json, print_table, progress
from kvopt.model.compilation import COMPILING

__all__ = ["compile_"]


def compile_(as_json: JsonOption = False) -> None:
    """Compile what numba compiles, once for this machine.

    Solvers, bounds, the fast engine and the adversary; they are compiled on
    first use otherwise. What is in numba's cache already is loaded, which
    takes a second or two.
    """
    from kvopt.cli.ahead import compile_ahead, units

    began = time.monotonic()
    done = []
    total = len(units())
    with progress(COMPILING, total) as advance:
        for unit in compile_ahead():
            done.append(unit)
            advance(len(done), unit.name)
    seconds = time.monotonic() - began
    if as_json:
        document: dict[str, Any] = {
            "seconds": seconds,
            "compiled": [
                {
                    "name": unit.name,
                    "seconds": unit.seconds,
                    "functions": [f._asdict() for f in unit.functions],
                }
                for unit in done
            ],
        }
        print_json(document)
        return
    print_table(
        ("what", "functions compiled", "seconds"),
        [(unit.name, len(unit.functions), unit.seconds) for unit in done],
    )
    print_facts([("together", f"{seconds:.1f} s, two side by side")])
