"""Rooms of a checkout that the installed package does not bring along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from kvopt.model import InputError

__all__ = ["claims", "figures"]

CHECKOUT = Path(__file__).parents[2]


def claims(context: typer.Context) -> int:
    """Compute the verdicts on published claims, in a checkout.

    The options are those of the ledger: --quick, --only ID, --json,
    --html FILE, --resume FILE. Exit status: 0 as recorded, 1 something
    differs, 2 bad input, 3 something could not be checked.
    """
    return _run("proofs_check", "claims", "claims", context.args)


def figures(context: typer.Context) -> int:
    """Make the papers' figures, in a checkout.

    Without a name every figure, in at most a quarter of an hour; with --main
    those of make reproduce, in minutes. kvopt figures NAME makes one; kvopt
    figures --help lists them, kvopt figures NAME --help its options. --full
    is the budget of the papers. Pictures, data and captions go to the folder
    --out.
    """
    return _run("paper_figures", "the figures", "figures", context.args)


def _run(room: str, what: str, command: str, words: Sequence[str]) -> int:
    """Run a room of the checkout in a process of its own."""
    if not (CHECKOUT / room / "__main__.py").exists():
        raise InputError(
            f"{what} are in the repository, not in the installed package: "
            f"clone the repository and run kvopt {command} there",
            field=room,
            value=str(CHECKOUT),
        )
    # A process of its own: nothing of kvopt imports these rooms.
    paths = (str(CHECKOUT), os.environ.get("PYTHONPATH"))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "KVOPT_PROGRAM": f"kvopt {command}",
    }
    done = subprocess.run(
        [sys.executable, "-m", room, *words], env=environment, check=False
    )
    return done.returncode
