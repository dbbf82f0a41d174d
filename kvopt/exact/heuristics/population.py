"""A population of schedules that are crossed and annealed a little.

Annealing alone ends in one of very many good schedules. Most of them have
some parts right: which requests share the memory, one after the other. A
child takes the order of starts of one parent in a part, of the other
elsewhere, and a short annealing fits the two together. Where a relaxation
offers models, starts that good schedules resemble but that need not be
feasible, their orders are parents as well.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.heuristics.annealing import Annealing
from kvopt.model.instance import IntArray

__all__ = ["Member", "Population"]

Member = tuple[int, IntArray]


def _latency(member: Member) -> int:
    return member[0]


def _order(start: IntArray) -> NDArray:
    return np.argsort(start, kind="stable")


class Population:
    """Schedules of one instance, of different total latency.

    Parameters
    ----------
    annealing
        Of the instance, with its parameters.
    """

    def __init__(self, annealing: Annealing) -> None:
        self.annealing, self.rng = annealing, annealing.rng
        self.params = params = annealing.params
        self.size = params.population
        memory, _, prompt, output = annealing.sizes
        n = output.size
        self.mean = float(output.mean())
        running = memory / (float(prompt.mean()) + self.mean / 2)
        self.moves = 1 + int(
            min(params.child_moves * n, params.child_work / (n * running))
        )
        self.members: list[Member] = []
        self.elite: list[Member] = []
        self.born = self.idle = self.fitted = 0
        self.joined = False

    def breed(
        self,
        report: Callable[[IntArray, int], None],
        checkpoint: Callable[[], None] = lambda: None,
        model: Callable[[], IntArray] | None = None,
    ) -> None:
        """Make one schedule more, and keep it if it is good.

        Parameters
        ----------
        report
            Called with start rounds and total latency of some of the
            schedules, the best among them.
        checkpoint
            Called often; may raise.
        model
            Returns starts that a good schedule may resemble, not always the
            same; None where there are none. They need not be feasible.
        """
        params = self.params
        heats = params.child_heat, params.hot_child_heat
        if model and self.fitted < params.fitted * self.size:
            self.fitted += 1
            heat = params.child_heat
            start = self.annealing.decoded(_order(model()))
        elif self.born < self.size:
            heat = params.first_heat
            noise = params.first_noise if self.born else 0.0
            start = self.annealing.shortest_first(noise)
        else:
            heat = float(self.rng.choice(heats))
            start = self.annealing.decoded(self._cross(model))
        self.born += 1
        latency = self.annealing.latency(start)
        best = latency, start

        def keep(start: IntArray, latency: int) -> None:
            nonlocal best
            best = latency, start
            report(start, latency)

        heat *= self.mean
        self.annealing.run(start, self.moves, heat, keep, checkpoint)
        self.idle = 0 if self.join(*best) else self.idle + 1
        # First the best of earlier populations join, then a new one begins.
        if self.idle >= params.stale * self.size:
            self._renew()

    def join(self, latency: int, start: IntArray) -> bool:
        """Take a schedule in if it is good; return whether it is."""
        if any(latency == known for known, _ in self.members):
            return False
        if len(self.members) >= self.size:
            worst = max(self.members, key=_latency)
            if latency > worst[0]:
                return False
            self.members.remove(worst)
        self.members.append((latency, start))
        return True

    def replace(self, member: Member, better: Member) -> None:
        """Take in a schedule made from one of these, or from another."""
        self.members = [kept for kept in self.members if kept is not member]
        self.join(*better)

    def _renew(self) -> None:
        self.idle = 0
        best = min(self.members, key=_latency)
        if self.joined or not self.elite:
            self.elite = [*self.elite, best][-self.params.elite :]
            self.members, self.joined = [], False
            self.born = self.fitted = 0
            return
        for member in self.elite:
            self.join(*member)
        self.joined = True

    def _cross(self, model: Callable[[], IntArray] | None) -> NDArray:
        """Return an order from those of two members, or a model and one."""
        rng, members = self.rng, self.members
        if model and rng.random() < self.params.models:
            order = _order(model())
            last = _order(members[rng.integers(len(members))][1])
        elif len(members) < 2:
            return _order(members[0][1])
        else:
            one, other = rng.choice(len(members), 2, replace=False)
            order, last = _order(members[one][1]), _order(members[other][1])
        n = order.size
        first, stop = np.sort(rng.integers(0, n + 1, 2))
        if rng.random() < 0.5:
            # A beginning or an end, which leaves the rest where it is.
            first, stop = (0, stop) if rng.random() < 0.5 else (first, n)
        part = order[first:stop]
        rest = last[~np.isin(last, part)]
        return np.concatenate([rest[:first], part, rest[first:]])
