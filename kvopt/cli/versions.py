"""``kvopt versions``: what to say in a bug report."""

from __future__ import annotations

from kvopt.cli.options import JsonOption
from kvopt.cli.terminal import print_facts, print_json

__all__ = ["versions"]


def versions(as_json: JsonOption = False) -> None:
    """Show the versions of kvopt and its packages, and the machine."""
    from kvopt.versions import versions as found

    if as_json:
        print_json(dict(found()))
    else:
        print_facts(found().items())
