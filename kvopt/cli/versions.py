"""``kvopt versions``: what to say in a bug report."""

from __future__ import annotations

import typer

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_facts, print_json

__all__ = ["print_version", "versions"]


def print_version(wanted: bool) -> None:
    """Print the version of kvopt alone, and end the command."""
    if wanted:
        from importlib.metadata import version

        print(f"kvopt {version('kvopt')}")
        raise typer.Exit


def versions(as_json: JsonOption = False) -> None:
    """Show the versions of kvopt and its packages, and the machine."""
    from kvopt.versions import versions as found

    if as_json:
        print_json(dict(found()))
    else:
        print_facts(found().items())
