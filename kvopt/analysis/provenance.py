"""What a result needs so that someone else can make it again."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata

from kvopt.model import write_atomically

__all__ = ["Caption", "environment", "save_caption"]

_PACKAGES = (
    "kvopt",
    "numpy",
    "numba",
    "pulp",
    "ortools",
    "highspy",
    "matplotlib",
)


def environment() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers rest on.

    A package that is not installed is left out; none is imported.
    """
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


@dataclass(frozen=True)
class Caption:
    """The text that goes with a figure.

    Parameters
    ----------
    title
        What the figure shows, in one sentence.
    original
        The published figure it is named after.
    command, seed
        What made it.
    budget
        How much was done, and in what time.
    findings
        What can be read off, with what is proved and what is not.
    same, differs
        What is as in the original, and what is not.
    """

    title: str
    original: str
    command: str
    seed: int
    budget: str
    findings: tuple[str, ...]
    same: tuple[str, ...]
    differs: tuple[str, ...]

    def markdown(self) -> str:
        """Return the caption as Markdown."""
        lines = [f"# {self.title}", "", f"After {self.original}.", ""]
        lines += ["Made by", "", f"    {self.command}", ""]
        made_with = ", ".join(
            f"{name} {version}" for name, version in environment().items()
        )
        lines += [f"Seed {self.seed}; {self.budget}; {made_with}.", ""]
        for head, points in (
            ("What it shows", self.findings),
            ("The same as the original", self.same),
            ("Different from the original", self.differs),
        ):
            lines += [f"## {head}", ""]
            lines += [f"- {point}" for point in points]
            lines += [""]
        return "\n".join(lines)


def save_caption(caption: Caption, path: str | os.PathLike[str]) -> None:
    """Write a caption as a Markdown file."""
    with write_atomically(path) as part:
        part.write_text(caption.markdown(), encoding="utf-8")
