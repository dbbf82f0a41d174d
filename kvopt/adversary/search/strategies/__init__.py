"""Strategies of the search, one a file; found by their names."""

from kvopt.adversary.search.strategies.base import Strategy as Strategy
from kvopt.adversary.search.strategies.base import Trial as Trial
from kvopt.adversary.search.strategies.registry import (
    STRATEGIES as STRATEGIES,
)
from kvopt.adversary.search.strategies.registry import (
    make_strategy as make_strategy,
)
