"""Parser and command of a figure, derived from its settings."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import os
import re
from collections.abc import Sequence
from typing import Any, get_args, get_origin, get_type_hints

__all__ = [
    "add_common",
    "budget_of",
    "command_of",
    "described",
    "parser_of",
    "settings_of",
]


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that the main job and every figure have."""
    parser.add_argument("--out", default="out", help="folder (default: out)")
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        help="worker processes; no difference to the results",
    )
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument(
        "--quick",
        action="store_false",
        dest="full",
        default=False,
        help="samples and sizes of less than a minute (the default)",
    )
    budget.add_argument(
        "--full",
        action="store_true",
        help="as many samples and as large sizes as published, or nearly",
    )


def parser_of(
    name: str, about: str, quick: Any, full: Any
) -> argparse.ArgumentParser:
    """Return a parser with an option for each field of the settings.

    Parameters
    ----------
    name, about
        The figure's name, and what it shows.
    quick, full
        Two objects of one dataclass whose fields are integers, numbers,
        text, or tuples of integers or of numbers. They are the settings that
        are used, without and with ``--full``, where no option says else.
    """
    settings = type(quick)
    parser = argparse.ArgumentParser(
        prog=f"python -m paper_figures {name}", description=about
    )
    add_common(parser)
    texts = described(settings)
    kinds = get_type_hints(settings)
    for field in dataclasses.fields(settings):
        kind = kinds[field.name]
        several = get_origin(kind) is tuple
        usual = [_text(getattr(each, field.name)) for each in (quick, full)]
        known = f"default: {usual[0]}"
        if usual[0] != usual[1]:
            known += f"; full: {usual[1]}"
        parser.add_argument(
            _option(field.name),
            type=get_args(kind)[0] if several else kind,
            nargs="+" if several else None,
            help=f"{texts[field.name]} ({known})",
        )
    return parser


def settings_of(quick: Any, full: Any, options: argparse.Namespace) -> Any:
    """Return the settings that the options of a command line give.

    Parameters
    ----------
    quick, full
        As for :func:`parser_of`.
    options
        What the parser found.

    Raises
    ------
    InputError
        When the settings refuse a value.
    """
    values = {}
    for field in dataclasses.fields(quick):
        value = getattr(options, field.name)
        if value is not None:
            several = isinstance(value, list)
            values[field.name] = tuple(value) if several else value
    return dataclasses.replace(full if options.full else quick, **values)


def command_of(name: str, settings: Any, full: Any, folder: object) -> str:
    """Return the command that makes a figure again.

    Seed and folder are always in it, other options where they are those of
    neither budget.

    Parameters
    ----------
    name, folder
        The figure's name, and the output folder.
    settings, full
        The settings, and those of the full budget.
    """
    commands: list[list[str]] = []
    for base, flag in ((type(settings)(), ()), (full, ("--full",))):
        words = ["python -m paper_figures", name, f"--out {folder}", *flag]
        for field in dataclasses.fields(settings):
            value = getattr(settings, field.name)
            if field.name == "seed" or value != getattr(base, field.name):
                words.append(f"{_option(field.name)} {_text(value)}")
        commands.append(words)
    short, other = commands
    return " ".join(other if len(other) < len(short) else short)


def budget_of(settings: Any, full: Any) -> str:
    """Say whether settings are the quick or the full ones, whatever the seed.

    Parameters
    ----------
    settings, full
        The settings, and those of the full budget.
    """
    quick = type(settings)()
    if quick == full:
        return "the only budget"

    def same(usual: Any) -> bool:
        return all(
            field.name == "seed"
            or getattr(settings, field.name) == getattr(usual, field.name)
            for field in dataclasses.fields(settings)
        )

    if same(quick):
        return "quick budget"
    return "full budget" if same(full) else "settings of its own"


def described(settings: type[Any]) -> dict[str, str]:
    """Return what the docstring's Parameters section says of each field.

    Raises
    ------
    ValueError
        Naming the fields of which it says nothing.
    """
    lines = inspect.cleandoc(settings.__doc__ or "").splitlines()
    texts: dict[str, str] = {}
    heads: list[str] = []
    for line in lines:
        if re.fullmatch(r"\w+(, \w+)*", line):
            heads = line.split(", ")
            texts |= dict.fromkeys(heads, "")
        elif line.startswith("    "):
            for name in heads:
                texts[name] = f"{texts[name]} {line.strip()}".strip()
    missing = [
        field.name
        for field in dataclasses.fields(settings)
        if not texts.get(field.name)
    ]
    if missing:
        raise ValueError(f"{settings} does not describe {missing}")
    return texts


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def _text(value: Any) -> str:
    """Return a value as it stands on a command line."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(map(_text, value))
    return str(value)
