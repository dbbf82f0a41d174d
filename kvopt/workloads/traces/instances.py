"""From a request trace, in seconds, to an instance, in rounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError, Instance, Trace
from kvopt.model.instance import (
    MAX_ROUND,
    MAX_SIZE,
    IntArray,
    real_number,
    whole_number,
)

__all__ = ["ARRIVALS", "instance_from_trace"]

ARRIVALS = ("trace", "poisson", "zero")


def instance_from_trace(
    trace: Trace,
    memory: int,
    *,
    sample: int | None = None,
    contiguous: bool = False,
    arrivals: str = "trace",
    rate: float | None = None,
    round_seconds: float | None = None,
    prompt: int | None = None,
    drop_oversize: bool = False,
    rng: np.random.Generator | None = None,
) -> Instance:
    """Make an instance of a trace; what was done is told in its ``source``.

    Steps, in this order: set prompts, drop what is too big, take a sample,
    set arrivals.

    Parameters
    ----------
    trace
        The trace.
    memory
        Capacity ``M``, in tokens.
    sample
        Number of requests to take, without replacement, in the trace's
        order; None for all.
    contiguous
        Take a random window of consecutive requests instead, which keeps
        bursts as they were.
    arrivals
        ``"trace"``: the trace's times since the first request taken, divided
        by ``round_seconds`` and floored. ``"poisson"``: the times of a
        Poisson process, floored likewise. ``"zero"``: everything at 0.
    rate
        Rate of the Poisson process: requests a second when ``round_seconds``
        is given, else requests a round.
    round_seconds
        Length of a round, in seconds.
    prompt
        Prompt length for every request, in place of the trace's.
    drop_oversize
        Leave out requests with ``s + o > memory`` instead of refusing them.
    rng
        Needed for a sample and for Poisson arrivals.

    Raises
    ------
    InputError
        When an option is missing, has no meaning beside the others, or a
        request does not fit; a request is named by its row in the trace,
        counted from 0.
    """
    memory = whole_number(memory, "memory", 1, MAX_SIZE)
    origin = Path(trace.source).name or "trace"
    steps = [f"{origin} ({len(trace)} requests)"]
    s, o = _prompts(trace, prompt), trace.output
    if prompt is not None:
        steps.append(f"prompt {prompt} for all")
    rows = np.arange(len(trace))
    if drop_oversize:
        rows = np.flatnonzero(s + o <= memory)
        dropped = len(trace) - rows.size
        steps.append(f"{dropped} with prompt + output > {memory} dropped")
        if rows.size == 0:
            raise InputError(
                "is too small for every request of the trace",
                field="memory",
                value=memory,
                where=trace.source,
            )
    if sample is not None:
        rows = _sample(rows, sample, contiguous, _needed(rng, "sample"))
        how = "consecutive ones" if contiguous else "ones"
        steps.append(f"{sample} random {how} taken")
    elif contiguous:
        raise _no_meaning("contiguous", contiguous, "a sample")
    _check_fit(s + o, rows, memory, trace.source)
    if arrivals == "poisson":
        times, said = _poisson(rows.size, rate, round_seconds, rng)
    elif rate is not None:
        raise _no_meaning("rate", rate, "arrivals = 'poisson'")
    elif arrivals == "trace":
        times, said = _trace_times(trace, rows, round_seconds)
    elif arrivals != "zero":
        raise InputError(
            f"must be one of {', '.join(ARRIVALS)}",
            field="arrivals",
            value=arrivals,
        )
    elif round_seconds is not None:
        raise _no_meaning("round_seconds", round_seconds, "arrival times")
    else:
        times, said = np.zeros(rows.size), "all at 0"
    steps.append(said)
    return Instance(
        memory,
        _floored(times),
        s[rows],
        o[rows],
        name=f"{origin}, n={rows.size}, M={memory}",
        source="; ".join(steps),
    )


def _prompts(trace: Trace, prompt: int | None) -> IntArray:
    if prompt is not None:
        prompt = whole_number(prompt, "prompt", 0, MAX_SIZE)
        return np.full(len(trace), prompt, dtype=np.int64)
    if trace.prompt is None:
        raise InputError(
            "the trace has no prompt lengths: say one for all requests",
            field="prompt",
            value=None,
            where=trace.source,
        )
    return trace.prompt


def _sample(
    rows: IntArray, sample: int, contiguous: bool, rng: np.random.Generator
) -> IntArray:
    sample = whole_number(sample, "sample", 1, MAX_SIZE)
    if sample > rows.size:
        raise InputError(
            f"exceeds the {rows.size} requests to choose from",
            field="sample",
            value=sample,
        )
    if contiguous:
        first = int(rng.integers(rows.size - sample, endpoint=True))
        return rows[first : first + sample]
    return np.sort(rng.choice(rows, size=sample, replace=False))


def _check_fit(
    size: IntArray, rows: IntArray, memory: int, where: str
) -> None:
    over = rows[size[rows] > memory]
    if over.size:
        i = int(over[0])
        raise InputError(
            f"exceeds memory = {memory}, and so do {over.size - 1} other "
            "requests; drop_oversize leaves them out",
            field=f"requests[{i}].prompt + output",
            value=int(size[i]),
            where=where,
        )


def _trace_times(
    trace: Trace, rows: IntArray, round_seconds: float | None
) -> tuple[NDArray[np.float64], str]:
    """Arrival of each row in rounds, not yet floored, and how it was made."""
    if trace.arrival_s is None:
        raise InputError(
            "the trace has no arrival times: say 'poisson' with a rate, or "
            "'zero'",
            field="arrivals",
            value="trace",
            where=trace.source,
        )
    if round_seconds is None:
        raise InputError(
            "is needed to turn the trace's seconds into rounds",
            field="round_seconds",
            value=None,
        )
    length = _round_length(round_seconds)
    seconds = trace.arrival_s[rows]
    said = f"arrivals of the trace, {length:g} s a round"
    # 0.15 / 0.05 is a hair below 3, and means round 3.
    return np.round((seconds - seconds[0]) / length, 6), said


def _poisson(
    n: int,
    rate: float | None,
    round_seconds: float | None,
    rng: np.random.Generator | None,
) -> tuple[NDArray[np.float64], str]:
    """Arrival of each row in rounds, not yet floored, and how it was made."""
    if rate is None:
        raise InputError(
            "is needed for arrivals = 'poisson'", field="rate", value=None
        )
    rate = real_number(rate, "rate", 1e-9, 1e9)
    said = f"Poisson arrivals, {rate:g} a round"
    per_round = rate
    if round_seconds is not None:
        length = _round_length(round_seconds)
        per_round = rate * length
        said = f"Poisson arrivals, {rate:g} a second, {length:g} s a round"
    gaps = _needed(rng, "arrivals").exponential(1 / per_round, size=n)
    return np.cumsum(gaps), said


def _floored(rounds: NDArray[np.float64]) -> IntArray:
    last = float(rounds[-1])
    if last > MAX_ROUND:
        raise InputError(
            f"must not exceed {MAX_ROUND}; use a longer round",
            field="last arrival in rounds",
            value=last,
        )
    return np.floor(rounds).astype(np.int64)


def _round_length(round_seconds: float) -> float:
    return real_number(round_seconds, "round_seconds", 1e-9, 1e9)


def _needed(rng: np.random.Generator | None, what: str) -> np.random.Generator:
    if rng is None:
        raise InputError(
            f"a random {what} needs a random generator",
            field="rng",
            value=None,
        )
    return rng


def _no_meaning(name: str, value: object, without: str) -> InputError:
    return InputError(
        f"has no meaning without {without}", field=name, value=value
    )
