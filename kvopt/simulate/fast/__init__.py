"""The fast engine: event-driven, compiled, equal to the reference engine."""

from kvopt.simulate.fast.engine import run as run
from kvopt.simulate.fast.engine import warm_up as warm_up
