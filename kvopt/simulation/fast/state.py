"""What the event loop of the fast engine works on, in compiled code.

Records, so that kernels read like the reference engine: ``requests[i].start``,
``state.round``. A record array is one argument to compile and to count the
references of, where a tuple of arrays is as many as it has members.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = [
    "ACTIVE",
    "ALL",
    "AT_PLACE",
    "BREAK",
    "DONE",
    "EACH",
    "END",
    "FULL",
    "KEYS",
    "LATEST",
    "LIVELOCK",
    "LOOK_AHEAD",
    "LOST_COLUMNS",
    "MISFIT",
    "NONE",
    "NOTHING",
    "PATIENCE",
    "PAUSE",
    "PEAKS",
    "PLACE",
    "REPLAN",
    "REQUEST",
    "SHORTEST",
    "SKIP",
    "SKIP_BY_PROMPT",
    "START",
    "STATE",
    "STATE_RECORD",
    "STUCK",
    "TOO_LATE",
    "TRUST",
    "TURN",
    "USAGE",
    "WAITING",
    "WATERMARK",
    "WHO",
    "Rules",
]

# How the loop ended.
DONE, PAUSE, FULL, REPLAN, STUCK, LIVELOCK, TOO_LATE = range(7)
# At the first misfit: stop; go on along a sorted list; go on in a tree, where
# the order is by length and does not change.
BREAK, SKIP, SKIP_BY_PROMPT = range(3)
# Admission tests.
LOOK_AHEAD, PEAKS, USAGE, WATERMARK = range(4)
# Overflow rules.
NOTHING, ALL, EACH, LATEST, SHORTEST = range(5)
# How a livelock is found out.
TRUST, STATE, PATIENCE = range(3)

# No round: nothing can change any more.
NONE = -1

# Of a cancelled run: request, start, stop; begin, end of the first
# iteration, and end in ticks; tokens that it made.
LOST_COLUMNS = 7


# Compile caches name the tuples: whoever renames one has to clear them.
class Rules(NamedTuple):
    """The policy's choices and the clock, as numbers.

    Parameters
    ----------
    steps
        Most steps before a pause.
    memory, limit
        ``M``, and the units of it that the admission test may fill.
    batch
        Most requests that may be active at once.
    order
        The order's place in :class:`kvopt.policies.choices.Order`.
    admission, skip, overflow
        The codes above.
    foresees
        Whether the admission test looks at believed ends.
    most
        Most requests that a scan passes over, with ``SKIP``.
    beta
        Probability of being cancelled, with the overflow rule ``EACH``.
    spare
        Units that have to stay free when running requests make a token, with
        ``LATEST``.
    continuous
        Whether progress raises what is believed, with ``SHORTEST``.
    learns, extra
        Whether a cancelled run of ``k`` rounds raises the belief, and that
        it does to ``k + extra``.
    watch, patience
        How a livelock is found out, and after how many quiet rounds.
    every
        Least number of rounds between two plans of the queue; 0 for none.
    measures
        Whether the clock measures seconds.
    d0, d1, d2, prefill, free
        Its coefficients, in ticks.
    alone, floor
        Whether prompts are computed in an iteration of their own, and the
        least ticks that they take.
    latest
        The latest time, in ticks.
    block
        Memory is handed out in blocks of so many units.
    keeps
        Whether the tokens of a cancelled run become a part of the prompt.
    budget
        Tokens that an iteration computes at most; 0 for no such rule.
    """

    steps: int
    memory: int
    limit: int
    batch: int
    order: int
    admission: int
    foresees: bool
    skip: int
    most: int
    overflow: int
    beta: float
    spare: int
    continuous: bool
    learns: bool
    extra: int
    watch: int
    patience: int
    every: int
    measures: bool
    d0: int
    d1: int
    d2: int
    prefill: int
    free: int
    alone: bool
    floor: int
    latest: int
    block: int
    keeps: bool
    budget: int


# Rows of the waiting requests, shape ``(rows, n)``, as many as ``skip`` needs:
# a heap, or with ``SKIP`` a sorted list; the sort keys of the heap, place by
# place; scratch for the minimal misfits of a scan; and with ``SKIP_BY_PROMPT``
# the place of each request in the order, and the request at each place. One
# array: with a tuple, counting references took half of the time of first come,
# first served. With a token budget there are rows more: the running requests
# whose prompts are being computed, in that order; and scratch for what a
# look-ahead foresees: requests, the round before the first token of each, and
# its believed end.
WAITING, KEYS, MISFIT, PLACE, AT_PLACE = range(5)
TURN, WHO, START, END = range(5, 9)

# One record a request, shape ``(n,)``.
REQUEST = np.dtype(
    [
        # The instance, in units and rounds; where tokens are kept, what is
        # left of it.
        ("prompt", np.int64),
        ("output", np.int64),
        # Time of arrival, in ticks (rounds if the clock does not measure).
        ("due", np.int64),
        # Believed length, and the least length that was seen.
        ("told", np.int64),
        ("known", np.int64),
        # Sort key of the queue.
        ("key", np.int64),
        # Start round of the last run, and its number. With a token budget
        # the start moves on while the prompt is computed: it is the round
        # before the first token. Then where the run really started, and the
        # prompt tokens yet to be computed, ``NONE`` once all are.
        ("start", np.int64),
        ("sequence", np.int64),
        ("started", np.int64),
        ("left", np.int64),
        # Remembered progress, for the livelock test, with the number of the
        # moment it was remembered at.
        ("mark", np.int64),
        # With a clock that measures: the round in which it is first seen;
        # begin, end of the first iteration, and end of its last run, in ticks.
        ("seen", np.int64),
        ("begin", np.int64),
        ("first", np.int64),
        ("finish", np.int64),
    ]
)

# The active requests in order of their believed ends, see ``profile``, with
# room to spare: the first ``state.active`` count.
ACTIVE = np.dtype(
    [
        # Believed end, and the request.
        ("end", np.int64),
        ("who", np.int64),
        # What follows from the request and its start, kept here because the
        # look-ahead goes over all active requests at every step: ``s - p``,
        # and the completion ``p + o``.
        ("share", np.int64),
        ("done", np.int64),
    ]
)

# What changes from step to step, and outlives a pause.
STATE_RECORD = np.dtype(
    [
        # Round and time that have come.
        ("round", np.int64),
        ("time", np.int64),
        # Numbers of requests that have arrived, are active, wait, are done.
        ("arrived", np.int64),
        ("active", np.int64),
        ("waiting", np.int64),
        ("completed", np.int64),
        # Place of the first waiting request, with ``SKIP``; else 0.
        ("head", np.int64),
        # Sum of ``s - p`` over the active: they hold constant + active * t.
        ("constant", np.int64),
        # Sum of the believed peaks of the active, if their ends are looked at.
        ("peaks", np.int64),
        # The next completion, and the round in which admission may succeed.
        ("next_done", np.int64),
        ("ready", np.int64),
        # Numbers of starts and of cancelled runs so far.
        ("sequence", np.int64),
        ("lost", np.int64),
        # Since when nothing has arrived or completed; the livelock test.
        ("quiet_since", np.int64),
        ("clears", np.int64),
        ("mark_at", np.int64),
        ("mark_size", np.int64),
        ("marks", np.int64),
        # Waiting requests that are in no plan, and the round of the last one.
        ("unplanned", np.int64),
        ("planned_at", np.int64),
        # The round in which a request started last.
        ("started_at", np.int64),
        # Running requests whose prompts are being computed in chunks.
        ("prefilling", np.int64),
    ]
)
