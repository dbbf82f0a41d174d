"""The entry of the dedicated search; compiles nothing before it runs."""

from __future__ import annotations

from kvopt.exact.control.session import Session
from kvopt.exact.task import SolverTask

__all__ = ["run", "warm_up"]


def run(task: SolverTask, session: Session) -> str:
    """Solve ``task``; return why the search ended."""
    from kvopt.exact.search.engine import search

    return search(task, session, task.memory)


def warm_up() -> None:
    """Compile all that :func:`run` needs, or load it from the cache."""
    from kvopt.exact.search.warm_up import warm_up as compile_all

    compile_all()
