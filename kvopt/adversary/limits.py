"""What the instances of a search may look like."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model.instance import whole_number

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Limits of a search; all of them inclusive.

    Parameters
    ----------
    requests
        Most requests, at least 2.
    memory
        Largest capacity ``M``, at least 2, in units.
    latest_arrival
        Last round in which a request may arrive; 0 for all at 0.
    equal_prompts
        Whether all prompts of an instance must be equal, as P1 and P4 do.
    """

    requests: int = 6
    memory: int = 12
    latest_arrival: int = 0
    equal_prompts: bool = False

    def __post_init__(self) -> None:
        # Beyond these the optimum is out of reach of the search.
        whole_number(self.requests, "requests", 2, 12)
        whole_number(self.memory, "memory", 2, 1000)
        whole_number(self.latest_arrival, "latest_arrival", 0, 1000)
