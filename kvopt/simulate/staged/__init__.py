"""The simulator of the staged model (P5); see docs/staged.md."""

from kvopt.simulate.staged.engine import simulate_staged as simulate_staged
from kvopt.simulate.staged.result import Iteration as Iteration
from kvopt.simulate.staged.result import StagedResult as StagedResult
