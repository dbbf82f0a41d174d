"""Independent checkers: plain integers, nothing shared with what they check.

From the rest of kvopt only the class of errors is imported. Instances,
schedules and bounds come in as documents, and every unit of memory is added
again.
"""

from __future__ import annotations

from typing import Any

from kvopt.check.bound import BoundVerdict as BoundVerdict
from kvopt.check.bound import check_bound as check_bound
from kvopt.check.files import check_files as check_files
from kvopt.check.files import check_witness_file as check_witness_file
from kvopt.check.schedule import check_schedule as check_schedule
from kvopt.check.staged import StagedVerdict as StagedVerdict
from kvopt.check.staged import check_staged as check_staged
from kvopt.check.verdict import Verdict as Verdict
from kvopt.check.verdict import Violation as Violation
from kvopt.check.witness import Optimality as Optimality
from kvopt.check.witness import WitnessVerdict as WitnessVerdict
from kvopt.check.witness import check_witness as check_witness


def verify(instance: Any, schedule: Any) -> Verdict:
    """Check a schedule of an instance and report every violation.

    Parameters
    ----------
    instance
        A :class:`kvopt.Instance`, or a ``kvopt-instance/1`` document.
    schedule
        A :class:`kvopt.Schedule` when the instance is an object, or a
        ``kvopt-schedule/1`` document.

    Raises
    ------
    InputError
        When a document is malformed, or the schedule is for another
        instance.
    """
    if not isinstance(schedule, dict):
        schedule = schedule.document(instance)
    if not isinstance(instance, dict):
        instance = instance.document()
    return check_schedule(instance, schedule)
