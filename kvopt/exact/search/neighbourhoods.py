"""Improve schedules by label searches in neighbourhoods of them.

In a neighbourhood every request completes at most some rounds earlier or
later than it does; a few, alike in time or size, also that near to when
another of these does. So the few change places and all others make way. The
label search looks through it with a beam.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.heuristics.population import Member
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import LabelQuota, Labels
from kvopt.model.instance import IntArray

__all__ = ["Neighbourhoods"]


class Neighbourhoods:
    """Neighbourhood searches from schedule to better schedule of one instance.

    Parameters
    ----------
    labels
        The label search, with its parameters.
    rng
        Source of random numbers.
    """

    def __init__(self, labels: Labels, rng: np.random.Generator) -> None:
        self.labels, self.rng = labels, rng
        groups = labels.groups
        self.output = groups.output[groups.group]
        self.peak = groups.peak[groups.group]

    def search_near(
        self,
        newest: Callable[[], Guide],
        member: Member,
        most_labels: float,
        report: Callable[[IntArray, int], None],
        checkpoint: Callable[[], None] = lambda: None,
    ) -> tuple[Member, int]:
        """Improve on a schedule while that succeeds.

        Parameters
        ----------
        newest
            Returns the best costs to go that there are by now.
        member
            Total latency and start rounds of a schedule.
        most_labels
            After so many labels no other search is begun.
        report
            Called with start rounds and total latency of each better one.
        checkpoint
            Called often; may raise.

        Returns
        -------
        The last schedule, and how many labels were made.

        Notes
        -----
        Where labels end, late in the schedule, nothing before can make up for
        what is there. So the few are chosen around a request that completes
        no earlier than where all searches so far had ended.
        """
        latency, starts = member[0], self.labels.in_order(member[1])
        params, sizes = self.labels.params, self.labels.params.lns_sizes
        made = spent = 0
        end = newest().rounds
        while spent < params.lns_labels and made < most_labels:
            guide = newest()
            # What is beyond the end of the list is the end.
            place = int(self.rng.exponential(params.lns_size_mean))
            few, distance = sizes[min(place, len(sizes) - 1)]
            away = self.away(starts + self.output, few, end, guide.rounds)
            found = self.labels.run(
                guide,
                latency - 1,
                LabelQuota(
                    params.beam * (guide.rounds + 1),
                    params.beam * params.beam_excess,
                    params.beam,
                ),
                (away, distance),
                checkpoint=checkpoint,
            )
            made += found.labels
            spent += max(found.labels, params.search_labels)
            if found.starts is None or found.latency is None:
                end = min(end, found.end)
                continue
            latency, starts = found.latency, found.starts
            report(starts, latency)
            spent, end = 0, guide.rounds
        return (latency, starts), made

    def away(
        self, completion: IntArray, few: int, end: int, rounds: int
    ) -> NDArray:
        """Return a random neighbourhood, as :meth:`Labels.run` takes it.

        Parameters
        ----------
        completion
            Completion rounds of the schedule.
        few
            How many requests may change places.
        end
            One of them completes in this round or later, if any request does.
        rounds
            Horizon ``T``.

        Returns
        -------
        How far each request would have to move for each round, shape
        ``(n, T + 1)``. ``O(n * T)``.
        """
        away = abs(np.arange(rounds + 1) - completion[:, None])
        late = np.flatnonzero(completion >= end)
        if late.size == 0:
            late = np.arange(completion.size)
        one = self.rng.choice(late)
        when = abs(completion - completion[one]) / rounds
        size = abs(self.peak - self.peak[one]) / self.labels.groups.memory
        weight = self.rng.random()
        alike = np.argsort(weight * when + (1 - weight) * size, kind="stable")
        away[alike[:few]] = away[alike[:few]].min(axis=0)
        return away
