"""What a script says of its result, and how it talks while it works."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvopt.model import InputError, KvoptError

__all__ = ["Progress", "Report", "output_folder", "run"]


@dataclass(frozen=True)
class Report:
    """The result of a script.

    Parameters
    ----------
    title
        What was done, in a few words.
    command, seed
        What does it again, alone.
    budget
        Whether that is the quick or the full budget.
    proved, not_proved
        Sentences, for the summary.
    numbers
        Everything that was measured; plain JSON values.
    table
        Header and rows, for the summary.
    figures
        File names of PNG figures, relative to the output folder.
    ok
        False when a check failed.
    """

    title: str
    command: str
    seed: int
    budget: str
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]
    numbers: Mapping[str, Any]
    table: tuple[Sequence[str], Sequence[Sequence[str]]]
    figures: tuple[str, ...] = ()
    ok: bool = field(default=True)


class Progress:
    """Progress of one script on stderr: one line that is rewritten.

    Without a terminal it is a line of its own, every few seconds at most.
    """

    def __init__(self, label: str, every: float = 5.0) -> None:
        self.label = label
        self.every = every
        self.began = self.said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` are done."""
        now = time.monotonic()
        text = f"{self.label}: {done}/{total}, {now - self.began:.0f} s"
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            print(f"\r{text}\033[K", end=end, file=sys.stderr, flush=True)
        elif done == total or now - self.said >= self.every:
            self.said = now
            print(text, file=sys.stderr, flush=True)


def output_folder(path: str | os.PathLike[str]) -> Path:
    """Create the folder for results, before any of them is computed."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot be made: {error.strerror}", where=str(folder)
        ) from None
    return folder


def run(make: Callable[[], Report]) -> int:
    """Run a script; print what it found; return its exit code."""
    try:
        report = make()
    except KeyboardInterrupt:
        print("interrupted; finished rows are saved", file=sys.stderr)
        return 130
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KvoptError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    print(report.title)
    for label, lines in (
        ("proved", report.proved),
        ("not proved", report.not_proved),
    ):
        for line in lines:
            print(f"  {label}: {line}")
    return 0 if report.ok else 1
