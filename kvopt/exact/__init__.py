"""Exact solving: schedules with proved bounds."""

from kvopt.exact.bounds import BoundRun as BoundRun
from kvopt.exact.bounds import lower_bound as lower_bound
from kvopt.exact.bounds import run_bound as run_bound
from kvopt.exact.control.session import SolveEvent as SolveEvent
from kvopt.exact.control.session import SolverError as SolverError
from kvopt.exact.info import SolverInfo as SolverInfo
from kvopt.exact.milp.export import export_model as export_model
from kvopt.exact.registry import infos as infos
from kvopt.exact.registry import names as names
from kvopt.exact.solving import solve as solve
