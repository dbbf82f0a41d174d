"""Run one task, here and now."""

from __future__ import annotations

import json
import os
import socket
import time

from kvopt.model import KvoptError
from kvopt.sweep.kinds import kind_called
from kvopt.sweep.outcome import SweepOutcome
from kvopt.sweep.task import SweepTask

__all__ = ["run_task"]


def run_task(task: SweepTask) -> SweepOutcome:
    """Run ``task``; whatever it raises becomes its outcome.

    Raises
    ------
    MemoryError
        When memory runs out: the process is in no state to go on.
    """
    load = os.getloadavg()[0]
    began = time.perf_counter()
    try:
        result, measured = kind_called(task.kind).run(
            task.source.instance, task.subject, task.parameters, task.seed
        )
        # A row must survive a store: plain JSON, no NaN.
        json.dumps(result, allow_nan=False)
        error = ""
    except MemoryError:
        raise
    except KvoptError as failure:
        result, measured, error = {}, {}, str(failure)
    except (Exception, SystemExit) as failure:
        result, measured = {}, {}
        error = f"{type(failure).__name__}: {failure}"
    measured = {
        **measured,
        "seconds": time.perf_counter() - began,
        "host": socket.gethostname(),
        "load": load,
    }
    # One line, whatever the exception says.
    return SweepOutcome(task.key, " ".join(error.split()), result, measured)
