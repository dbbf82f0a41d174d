"""The simulator of the staged model (P5); see docs/staged.md."""

from kvopt.simulation.staged.engine import simulate_staged as simulate_staged
from kvopt.simulation.staged.result import Iteration as Iteration
from kvopt.simulation.staged.result import StagedResult as StagedResult
