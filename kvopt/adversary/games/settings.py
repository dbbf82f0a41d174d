"""The setting of a game: what the adversary may release, and when."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model import InputError
from kvopt.model.instance import whole_number

__all__ = ["GameSettings"]


@dataclass(frozen=True)
class GameSettings:
    """The setting of an online clairvoyant game; limits are inclusive.

    Parameters
    ----------
    memory
        The limit ``M``, in units.
    types
        The ``(prompt, output)`` pairs, in tokens, of which the adversary
        releases requests: different ones, each of which fits alone.
    requests
        Most requests of any branch.
    horizon
        Last round in which the adversary releases anything.
    releases
        Most rounds in which the adversary releases anything. Fewer make the
        search faster and its bound, still valid, lower.

    Raises
    ------
    InputError
        Naming the field at fault.
    """

    memory: int
    types: tuple[tuple[int, int], ...]
    requests: int
    horizon: int
    releases: int

    def __post_init__(self) -> None:
        whole_number(self.memory, "memory", 1, 1000)
        whole_number(self.requests, "requests", 1, 64)
        whole_number(self.horizon, "horizon", 0, 1000)
        whole_number(self.releases, "releases", 1, 64)
        if not self.types or len(set(self.types)) < len(self.types):
            raise InputError(
                "must be different pairs, at least one",
                field="types",
                value=self.types,
            )
        for prompt, output in self.types:
            whole_number(prompt, "prompt", 0, self.memory)
            whole_number(output, "output", 1, self.memory)
            if prompt + output > self.memory:
                raise InputError(
                    f"does not fit into a memory of {self.memory}",
                    field="prompt + output",
                    value=prompt + output,
                )
