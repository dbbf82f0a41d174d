"""The entry of the dedicated search; compiles nothing before it runs."""

from __future__ import annotations

from kvopt.exact.control.session import Session
from kvopt.exact.task import Task

__all__ = ["run"]


def run(task: Task, session: Session) -> str:
    """Solve ``task``; return why the search ended."""
    from kvopt.exact.search.engine import search

    return search(task, session, task.memory)
