"""The fast engine: event-driven, compiled, equal to the reference engine."""

from kvopt.simulation.fast.engine import run as run
from kvopt.simulation.fast.engine import total_latency as total_latency
from kvopt.simulation.fast.engine import warm_up as warm_up
