"""Parser and command of a figure, derived from its settings."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import os
import re
from collections.abc import Sequence
from typing import Any, get_args, get_origin, get_type_hints

__all__ = ["add_common", "command_of", "described", "parser_of", "settings_of"]


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that the main job and every figure have."""
    parser.add_argument("--out", default="out", help="folder (default: out)")
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        help="worker processes; no difference to the results",
    )


def parser_of(
    name: str, about: str, settings: type[Any]
) -> argparse.ArgumentParser:
    """Return a parser with an option for each field of the settings.

    Parameters
    ----------
    name, about
        The figure's name, and what it shows.
    settings
        A dataclass whose fields are integers, numbers, text, or tuples of
        integers or of numbers, each with a default.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m paper_figures {name}", description=about
    )
    add_common(parser)
    texts = described(settings)
    kinds = get_type_hints(settings)
    for field in dataclasses.fields(settings):
        kind = kinds[field.name]
        several = get_origin(kind) is tuple
        parser.add_argument(
            _option(field.name),
            type=get_args(kind)[0] if several else kind,
            nargs="+" if several else None,
            default=field.default,
            help=f"{texts[field.name]} (default: {_text(field.default)})",
        )
    return parser


def settings_of(settings: type[Any], options: argparse.Namespace) -> Any:
    """Return the settings that the options of a command line give.

    Raises
    ------
    InputError
        When the settings refuse a value.
    """
    values = {}
    for field in dataclasses.fields(settings):
        value = getattr(options, field.name)
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return settings(**values)


def command_of(name: str, settings: Any, folder: object) -> str:
    """Return the command that makes a figure again.

    Seed and folder are always in it, other options where they are not the
    usual ones.
    """
    words = ["python -m paper_figures", name, f"--out {folder}"]
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name == "seed" or value != field.default:
            words.append(f"{_option(field.name)} {_text(value)}")
    return " ".join(words)


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
