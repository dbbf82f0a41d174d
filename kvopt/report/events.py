"""A schedule as a trace that Perfetto and Chrome open."""

from __future__ import annotations

from typing import Any

from kvopt.report.contents import Scene

__all__ = ["chrome_trace"]

# Perfetto shows microseconds; a round is shown as a millisecond.
_ROUND = 1_000


def chrome_trace(scene: Scene) -> dict[str, Any]:
    """Return schedules as events: a track a request, memory as a counter.

    The Trace Event Format of Chrome. Each schedule is a process, each
    request a thread of it; a round takes one millisecond of the trace.

    Parameters
    ----------
    scene
        The schedules.
    """
    events: list[dict[str, Any]] = []
    instance = scene.instance
    for process, (label, schedule) in enumerate(scene.schedules, 1):
        events.append(
            {
                "ph": "M",
                "name": "process_name",
                "pid": process,
                "args": {"name": label},
            }
        )
        change: dict[int, list[int]] = {}
        for run in schedule.runs:
            prompt = int(instance.prompt[run.request])
            waited = run.start - int(instance.arrival[run.request])
            events.append(
                {
                    "ph": "X",
                    "name": f"request {run.request}",
                    "cat": "completed" if run.completed else "cancelled",
                    "pid": process,
                    "tid": run.request,
                    "ts": run.start * _ROUND,
                    "dur": (run.stop - run.start) * _ROUND,
                    "args": {
                        "prompt": prompt,
                        "output": int(instance.output[run.request]),
                        "waited": waited,
                    },
                }
            )
            for at, sign in ((run.start, 1), (run.stop, -1)):
                both = change.setdefault(at, [0, 0])
                both[0] += sign
                both[1] += sign * (prompt - run.start)
        events += _counters(change, process)
    return {"displayTimeUnit": "ms", "traceEvents": events}


def _counters(
    change: dict[int, list[int]], process: int
) -> list[dict[str, Any]]:
    """Return the memory in the first and last round between two events."""
    events = []
    active = constant = 0
    times = sorted(change)
    for at, until in zip(times, [*times[1:], None], strict=True):
        active += change[at][0]
        constant += change[at][1]
        rounds = [at] if until is None else sorted({at + 1, until})
        events += [
            {
                "ph": "C",
                "name": "memory",
                "pid": process,
                "ts": (max(t - 1, at)) * _ROUND,
                "args": {"units": constant + active * t if active else 0},
            }
            for t in rounds
        ]
    return events
