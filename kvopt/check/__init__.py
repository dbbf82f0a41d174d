"""Independent checkers: plain integers, nothing shared with what they check.

From the rest of kvopt only the class of errors is imported. Instances,
schedules and bounds come in as documents, and every unit of memory is added
again.
"""

from __future__ import annotations

from typing import Any

from kvopt.check.bound import BoundVerdict as BoundVerdict
from kvopt.check.bound import check_bound as check_bound
from kvopt.check.columns import check_objects
from kvopt.check.files import check_files as check_files
from kvopt.check.files import check_lone_file as check_lone_file
from kvopt.check.files import check_witness_file as check_witness_file
from kvopt.check.game import check_game as check_game
from kvopt.check.game_verdict import GameVerdict as GameVerdict
from kvopt.check.schedule import check_schedule as check_schedule
from kvopt.check.staged import StagedVerdict as StagedVerdict
from kvopt.check.staged import check_staged as check_staged
from kvopt.check.verdict import Verdict as Verdict
from kvopt.check.verdict import Violation as Violation
from kvopt.check.witness import Optimality as Optimality
from kvopt.check.witness import WitnessVerdict as WitnessVerdict
from kvopt.check.witness import check_witness as check_witness
from kvopt.model.errors import InputError


def verify(instance: Any, schedule: Any) -> Verdict:
    """Check a schedule of an instance and report every violation.

    Parameters
    ----------
    instance
        A :class:`kvopt.Instance`, or a ``kvopt-instance/1`` document.
    schedule
        A :class:`kvopt.Schedule` when the instance is an object, a result
        that holds one, or a ``kvopt-schedule/1`` document.

    Raises
    ------
    InputError
        When a document is malformed, the schedule is for another instance,
        or what is given holds no schedule.
    """
    document = instance if isinstance(instance, dict) else None
    if isinstance(schedule, dict):
        return check_schedule(document or instance.document(), schedule)
    # A simulation with a clock has its own instance, whose arrivals are the
    # rounds in which requests were seen.
    of = getattr(schedule, "instance", instance)
    runs = getattr(schedule, "schedule", schedule)
    if not (hasattr(runs, "runs") and hasattr(of, "columns")):
        raise InputError(
            "must be a schedule, or a result that holds one; check_bound and "
            "check_witness check the documents of bounds and witnesses",
            field="schedule",
            value=schedule,
        )
    if of is instance:
        return check_objects(of, runs)
    return check_schedule(document or instance.document(), runs.document(of))
