"""The polynomial solver for requests that are all present at 0."""

from kvopt.exact.semi_online.backend import INFO as INFO
from kvopt.exact.semi_online.backend import (
    solve_semi_online as solve_semi_online,
)
