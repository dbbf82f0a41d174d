"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.strategies.adaptive import AdaptiveClimbing
from kvopt.adversary.search.strategies.annealing import SimulatedAnnealing
from kvopt.adversary.search.strategies.base import Strategy
from kvopt.adversary.search.strategies.climbing import HillClimbing
from kvopt.adversary.search.strategies.generators import GeneratorSearch
from kvopt.adversary.search.strategies.gradient import SampledGradient
from kvopt.adversary.search.strategies.novelty import NoveltyPopulation
from kvopt.adversary.search.strategies.pattern import PatternSearch
from kvopt.adversary.search.strategies.portfolio import Portfolio
from kvopt.adversary.search.strategies.uniform import RandomSearch
from kvopt.model import InputError

__all__ = ["BASELINES", "STRATEGIES", "make_strategy"]

STRATEGIES: Mapping[str, Callable[[Conditions], Strategy]] = {
    kind.name: kind
    for kind in (
        Portfolio,
        NoveltyPopulation,
        GeneratorSearch,
        AdaptiveClimbing,
        PatternSearch,
        RandomSearch,
        HillClimbing,
        SimulatedAnnealing,
        SampledGradient,
    )
}
BASELINES = ("random", "climbing", "annealing", "gradient")


def make_strategy(name: str, conditions: Conditions) -> Strategy:
    """Return a strategy that has seen nothing yet.

    Parameters
    ----------
    name
        One of :data:`STRATEGIES`.
    conditions
        What its candidates keep.

    Raises
    ------
    InputError
        For an unknown name.
    """
    if name not in STRATEGIES:
        raise InputError(
            f"unknown; known are {', '.join(STRATEGIES)}",
            field="strategy",
            value=name,
        )
    return STRATEGIES[name](conditions)
