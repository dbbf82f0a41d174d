"""``kvopt claims``: run the claims ledger of a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import typer

from kvopt.model import InputError

__all__ = ["claims"]

CHECKOUT = Path(__file__).parents[2]


def claims(context: typer.Context) -> int:
    """Compute the verdicts on published claims, in a checkout.

    The options are those of the ledger: --quick, --only ID, --json,
    --html FILE, --resume FILE. Exit status: 0 as recorded, 1 something
    differs, 2 bad input, 3 something could not be checked.
    """
    if not (CHECKOUT / "proofs_check" / "__main__.py").exists():
        raise InputError(
            "the ledger is a room of the repository, not of the installed "
            "package: clone the repository and run kvopt claims there",
            field="proofs_check",
            value=str(CHECKOUT),
        )
    # A process of its own: nothing of kvopt imports the ledger.
    done = subprocess.run(
        [sys.executable, "-m", "proofs_check", *context.args],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(CHECKOUT), os.environ.get("PYTHONPATH")))
            ),
            "KVOPT_PROGRAM": "kvopt claims",
        },
        check=False,
    )
    return done.returncode
