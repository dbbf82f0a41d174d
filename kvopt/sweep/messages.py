"""Tasks and outcomes as lines of JSON, between a parent and its worker."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kvopt.sweep.source import Source
from kvopt.sweep.task import SweepTask

__all__ = ["batch_line", "read_batch"]


def batch_line(tasks: Sequence[SweepTask]) -> bytes:
    """Return a line with the tasks; an instance they share is sent once."""
    message = {
        "sources": {task.source.hash: task.source.recipe for task in tasks},
        "tasks": [
            {
                "kind": task.kind,
                "subject": task.subject,
                "source": task.source.hash,
                "parameters": task.parameters,
                "seed": task.seed,
                "versions": task.versions,
            }
            for task in tasks
        ],
    }
    return json.dumps(message).encode() + b"\n"


def read_batch(line: bytes) -> list[SweepTask]:
    """Return the tasks of a line that :func:`batch_line` made."""
    message = json.loads(line)
    sources = {
        hash_: Source(hash_, recipe)
        for hash_, recipe in message["sources"].items()
    }
    return [
        SweepTask(**{**row, "source": sources[row["source"]]})
        for row in message["tasks"]
    ]
