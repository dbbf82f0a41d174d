"""The polynomial solver for requests that are all present at 0."""

from kvopt.semi_online.solver import INFO as INFO
from kvopt.semi_online.solver import solve_semi_online as solve_semi_online
