"""Sweeps: many tasks, each under limits, in a store that survives.

::

    from kvopt.sweep import Store, read_plan, run_sweep

    run_sweep(read_plan("ratios.toml"), "ratios.sqlite", workers=2)
    with Store("ratios.sqlite") as store:
        rows = store.rows()
"""

from kvopt.sweep.config import plan_of as plan_of
from kvopt.sweep.config import read_plan as read_plan
from kvopt.sweep.estimates import estimate as estimate
from kvopt.sweep.forecast import SweepProgress as SweepProgress
from kvopt.sweep.kinds import Kind as Kind
from kvopt.sweep.limits import Limits as Limits
from kvopt.sweep.outcome import SweepOutcome as SweepOutcome
from kvopt.sweep.plan import SweepPlan as SweepPlan
from kvopt.sweep.run import default_workers as default_workers
from kvopt.sweep.run import run_sweep as run_sweep
from kvopt.sweep.source import Source as Source
from kvopt.sweep.store import Counts as Counts
from kvopt.sweep.store import DamagedStoreError as DamagedStoreError
from kvopt.sweep.store import Store as Store
from kvopt.sweep.table import column_names as column_names
from kvopt.sweep.table import csv_lines as csv_lines
from kvopt.sweep.table import to_numpy as to_numpy
from kvopt.sweep.table import to_pandas as to_pandas
from kvopt.sweep.table import write_csv as write_csv
from kvopt.sweep.task import SweepTask as SweepTask
