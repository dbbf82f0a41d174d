"""Lower bounds on the total latency, each with a certificate."""

from kvopt.exact.bounds.registry import METHODS as METHODS
from kvopt.exact.bounds.registry import BoundRun as BoundRun
from kvopt.exact.bounds.registry import lower_bound as lower_bound
from kvopt.exact.bounds.registry import run_bound as run_bound
