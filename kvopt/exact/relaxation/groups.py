"""Equal requests, merged."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from kvopt.model import Instance

__all__ = ["Groups"]


class Groups:
    """The requests of an instance; those with equal ``(a, s, o)`` as one.

    Groups are sorted by ``(s, o)``, later arrivals first. So, listed group by
    group, requests of one size are neighbours and the last to arrive leads.

    Attributes
    ----------
    arrival, prompt, output, peak, count
        One value a group; ``count`` is its number of requests.
    members
        Request numbers of each group.
    group
        Group of each request.
    """

    def __init__(self, instance: Instance) -> None:
        found: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for i, (a, s, o) in enumerate(instance):
            found[s, o, -a].append(i)
        keys = sorted(found)
        self.memory = instance.memory
        self.requests = len(instance)
        self.members = [found[key] for key in keys]
        self.group = np.zeros(self.requests, np.int64)
        for g, members in enumerate(self.members):
            self.group[members] = g
        table = np.array(keys, dtype=np.int64)
        self.prompt = table[:, 0].copy()
        self.output = table[:, 1].copy()
        self.arrival = -table[:, 2]
        self.peak = self.prompt + self.output
        self.count = np.array([len(m) for m in self.members], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.members)
