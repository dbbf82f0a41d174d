"""HiGHS has one scheduler a process: runs take turns.

A run that was left behind at its time limit may still use it, so the next one
waits.
"""

from __future__ import annotations

from threading import Lock

__all__ = ["SCHEDULER"]

SCHEDULER = Lock()
