"""What came of a task, and how a worker tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SweepOutcome"]


@dataclass(frozen=True)
class SweepOutcome:
    """The row of a task, without what the task itself says.

    Parameters
    ----------
    key
        Key of the task.
    error
        Why the task failed; "" if it did not.
    result
        Result columns: the same at every run.
    measured
        Runtime, host and the like, which differ from run to run.
    """

    key: str
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """``"done"`` or ``"failed"``."""
        return "failed" if self.error else "done"
