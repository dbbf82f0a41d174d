"""Requests that are all equal: long-run rates, exactly.

Over the phases of the dynamic program for few types a schedule is a walk, and
its long-run rate of starts a round is that of a cycle. See
``docs/identical-requests.md``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.few_types.table import Phases
from kvopt.exact.few_types.types import Types

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Pattern", "best_pattern", "greedy_pattern"]

_MOST_PHASES = 1 << 22


class Pattern(NamedTuple):
    """Starts that repeat: ``starts[t]`` requests are started in round ``t``.

    ``starts`` is a period.
    """

    starts: tuple[int, ...]

    @property
    def rate(self) -> Fraction:
        """Starts a round."""
        return Fraction(sum(self.starts), len(self.starts))


def greedy_pattern(memory: int, prompt: int, output: int) -> Pattern:
    """Return what MC-SF does in the long run with equal requests.

    It starts one request more whenever one fits, so it walks from phase to
    phase without a choice, and ends in a cycle.

    Parameters
    ----------
    memory
        ``M``, in units of KV memory.
    prompt
        Prompt length of every request, in tokens.
    output
        Output length of every request, in tokens.
    """
    after = _phases(memory, prompt, output)
    seen: dict[int, int] = {}
    starts: list[int] = []
    phase = 0
    while phase not in seen:
        seen[phase] = len(starts)
        count = 0
        while after[phase, 1] >= 0:
            phase = int(after[phase, 1])
            count += 1
        starts.append(count)
        phase = int(after[phase, 0])
    return Pattern(_period(tuple(starts[seen[phase] :])))


def best_pattern(memory: int, prompt: int, output: int) -> Pattern:
    """Return a pattern of the greatest rate that memory allows.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    prompt, output
        Lengths ``s`` and ``o`` of every request, in tokens.

    Notes
    -----
    A cycle of maximum ratio (Lawler 1967). With weight ``-1`` for a start and
    ``r`` for a round, there is a negative cycle if and only if some pattern
    has a rate above ``r``. A simple cycle has at most as many rounds as there
    are phases, ``f``, so two of their rates differ by at least ``1/f^2``, and
    bisection ends with the one fraction that is left. Where there is no
    negative cycle there are distances, which prove that no walk has a greater
    rate; and every edge of a cycle that attains it is on a shortest path.
    """
    import networkx as nx

    best = greedy_pattern(memory, prompt, output)
    graph = _graph(_phases(memory, prompt, output))
    size = len(graph)
    # The memory-time volume of a request bounds the rate.
    volume = prompt * output + output * (output + 1) // 2
    low, high = best.rate, Fraction(memory, volume)
    if _distances(graph, low) is not None:
        return best
    while (high - low) * size**2 >= 1:
        middle = (low + high) / 2
        if _distances(graph, middle) is None:
            low = middle
        else:
            high = middle
    rate = ((low + high) / 2).limit_denominator(size)
    far = _distances(graph, rate)
    assert far is not None  # no pattern is faster
    tight = nx.DiGraph()
    for phase, following, starts in graph.edges(data="starts"):
        if far[following] == far[phase] + _weight(starts, rate):
            tight.add_edge(phase, following)
    cycle = nx.find_cycle(tight)
    actions = [graph.edges[edge]["starts"] for edge in cycle]
    # Begin after a round: 0 is a round, 1 a start.
    last = actions.index(0)
    counts = [0]
    for action in actions[last + 1 :] + actions[: last + 1]:
        if action:
            counts[-1] += 1
        else:
            counts.append(0)
    found = Pattern(_period(tuple(counts[:-1])))
    assert found.rate == rate
    return found


def _graph(after: NDArray[np.int32]) -> nx.DiGraph:
    """Return the phases, with an edge for a round and one for a start."""
    import networkx as nx

    graph = nx.DiGraph()
    for phase, (round_, start) in enumerate(after.tolist()):
        graph.add_edge(phase, round_, starts=0)
        if start >= 0:
            graph.add_edge(phase, start, starts=1)
    return graph


def _weight(starts: int, rate: Fraction) -> int:
    """Return the weight of an edge, as a multiple of the denominator."""
    return -rate.denominator if starts else rate.numerator


def _distances(graph: nx.DiGraph, rate: Fraction) -> dict[int, int] | None:
    """Return distances from the empty phase; None for a negative cycle."""
    import networkx as nx

    try:
        found: dict[int, int] = nx.single_source_bellman_ford_path_length(
            graph, 0, lambda u, v, edge: _weight(edge["starts"], rate)
        )
    except nx.NetworkXUnbounded:
        return None
    return found


def _period(starts: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shortest piece of which ``starts`` is a repetition."""
    size = len(starts)
    return next(
        starts[:part]
        for part in range(1, size + 1)
        if size % part == 0 and starts[:part] * (size // part) == starts
    )


def _phases(memory: int, prompt: int, output: int) -> NDArray[np.int32]:
    types = Types(memory, ((prompt, output),))
    return Phases(types, _MOST_PHASES).after
