"""The independent checker of staged runs: plain integers, every violation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from kvopt.check.documents import (
    ROUND_LIMIT,
    Problem,
    keys_are,
    read_instance,
    shape,
    typed,
    whole,
)
from kvopt.check.showing import ShownLines
from kvopt.check.verdict import Violation
from kvopt.model.errors import InputError

__all__ = ["StagedVerdict", "check_staged", "check_staged_of"]

_TICKS = 2**62
_CLOCK = ("d0", "d1", "d2", "prefill", "free", "arrival_unit")


@dataclass(frozen=True)
class StagedVerdict(ShownLines):
    """The checker's findings about a staged run.

    Parameters
    ----------
    requests, memory
        Number of requests, and the limit ``C``.
    violations
        Every broken rule; ``round`` is the number of the iteration.
    total_latency
        Sum of completion less arrival, in ticks; None unless every request
        is complete and nothing is violated.
    peak_memory
        Most units held in an iteration.
    """

    requests: int
    memory: int
    violations: tuple[Violation, ...]
    total_latency: int | None
    peak_memory: int

    @property
    def ok(self) -> bool:
        """True when no rule is broken."""
        return not self.violations

    def lines(self) -> list[str]:
        """Return the verdict for people, one violation a line."""
        count = len(self.violations)
        plural = "" if count == 1 else "s"
        head = (
            "feasible" if self.ok else f"REJECTED: {count} violation{plural}"
        )
        latency = (
            "latency refused"
            if self.total_latency is None
            else f"total latency {self.total_latency} ticks"
        )
        summary = (
            f"{self.requests} requests, {latency}, "
            f"peak memory {self.peak_memory} of {self.memory}"
        )
        return [head, summary, *(v.message for v in self.violations)]

    def document(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {**asdict(self), "ok": self.ok}


class _Step(NamedTuple):
    start: int
    end: int
    evict: list[int]
    prefill: list[tuple[int, int]]
    decode: list[int]


def check_staged(
    instance_document: Any, staged_document: Any
) -> StagedVerdict:
    """Check a ``kvopt-staged/1`` against its ``kvopt-instance/1``.

    The memory of all that is resident is added up unit by unit, each request
    processes exactly its prompt and then makes exactly its tokens,
    nothing runs before it arrives or in two iterations at once, and the
    iteration takes what the clock says.

    Raises
    ------
    InputError
        When a document is malformed, or the run is of another instance.
    """
    return check_staged_of(staged_document, read_instance(instance_document))


def check_staged_of(
    document: Any, problem: Problem, where: str = ""
) -> StagedVerdict:
    """Check a run of an instance that was read; see :func:`check_staged`.

    Parameters
    ----------
    document
        The log of the run, as parsed JSON.
    problem
        The instance, as the checker has read it.
    where
        File that errors name.
    """
    try:
        clock, steps = _read(document, problem)
    except InputError as error:
        raise error.at(where) from None
    return _Checker(problem, clock).run(steps)


def _read(
    document: Any, problem: Problem
) -> tuple[dict[str, int], list[_Step]]:
    shape(
        document,
        "kvopt-staged/1",
        required=("instance", "clock", "iterations"),
    )
    if document["instance"] != problem.hash:
        raise InputError(
            f"made for another instance, not {problem.hash}",
            field="instance",
            value=document["instance"],
        )
    keys_are(document["clock"], "clock", required=_CLOCK)
    clock = {
        key: whole(document["clock"][key], f"clock.{key}", 0, _TICKS)
        for key in _CLOCK
    }
    rows = typed(document["iterations"], list, "iterations", "must be a list")
    return clock, [
        _step(row, f"iterations[{k}]") for k, row in enumerate(rows)
    ]


def _step(row: Any, name: str) -> _Step:
    keys_are(row, name, required=_Step._fields)
    entries = typed(row["prefill"], list, f"{name}.prefill", "must be a list")
    prefill = []
    for k, entry in enumerate(entries):
        place = f"{name}.prefill[{k}]"
        pair = typed(entry, list, place, "must be [request, tokens]")
        if len(pair) != 2:
            raise InputError(
                "must be [request, tokens]", field=place, value=entry
            )
        first, second = (whole(v, place, 0, ROUND_LIMIT) for v in pair)
        prefill.append((first, second))

    def requests(key: str) -> list[int]:
        place = f"{name}.{key}"
        given = typed(row[key], list, place, "must be a list")
        return [whole(i, place, 0, ROUND_LIMIT) for i in given]

    return _Step(
        whole(row["start"], f"{name}.start", 0, _TICKS),
        whole(row["end"], f"{name}.end", 0, _TICKS),
        requests("evict"),
        prefill,
        requests("decode"),
    )


class _Checker:
    """The state of every request, as the iterations go by."""

    def __init__(self, problem: Problem, clock: dict[str, int]) -> None:
        self.problem = problem
        self.clock = clock
        self.prefilled: dict[int, int] = {}  # of what is resident
        self.decoded: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self.usage = 0  # of all that is resident
        self.peak = 0

    def run(self, steps: list[_Step]) -> StagedVerdict:
        """Go through the iterations and return what was found."""
        found: list[Violation] = []
        now = 0
        for k, step in enumerate(steps):
            if step.start < now:
                words = f"starts {now - step.start} before the last one ends"
                found.append(
                    _said("overlap", None, k, now - step.start, words)
                )
            now = step.end
            found += self.step(k, step)
        for i in range(len(self.problem.tasks)):
            if i not in self.ends:
                found.append(
                    Violation(
                        "not-completed", i, None, 0, f"request {i}: never ends"
                    )
                )
        unit = self.clock["arrival_unit"]
        arrivals = sum(task.arrival for task in self.problem.tasks)
        return StagedVerdict(
            len(self.problem.tasks),
            self.problem.memory,
            tuple(found),
            None if found else sum(self.ends.values()) - unit * arrivals,
            self.peak,
        )

    def step(self, k: int, step: _Step) -> Iterator[Violation]:
        """Yield what is wrong with one iteration."""
        tasks = self.problem.tasks
        for i in step.evict:
            if i not in self.decoded:
                yield _said(
                    "not-resident", i, k, 0, "is evicted, not resident"
                )
            self.leave(i)
        tokens = 0
        batch = [i for i, _ in step.prefill] + step.decode
        for i, times in Counter(batch).items():
            if times > 1:
                yield _said("twice", i, k, times, "is in the batch twice")
        if not batch:
            yield _said("empty", None, k, 0, "does nothing")
        for i in batch:
            if i >= len(tasks):
                yield _said("unknown-request", i, k, i, "is no request")
                return
            early = tasks[i].arrival * self.clock["arrival_unit"] - step.start
            if early > 0:
                words = f"runs {early} ticks before it arrives"
                yield _said("early-start", i, k, early, words)
            if i in self.ends:
                yield _said("completed-again", i, k, 0, "is complete already")
        for i, part in step.prefill:
            if i not in self.decoded:
                self.prefilled[i] = self.decoded[i] = 0
                self.usage += tasks[i].prompt
            self.prefilled[i] += part
            over = self.prefilled[i] - tasks[i].prompt
            if over > 0 or self.decoded[i] or (part < 1 and tasks[i].prompt):
                words = f"processes {part} tokens, {over} beyond its prompt"
                yield _said("wrong-prefill", i, k, over, words)
            tokens += self.prefilled[i]
        for i in step.decode:
            left = tasks[i].prompt - self.prefilled.get(i, 0)
            if i not in self.decoded or left > 0:
                words = f"makes a token with {left} of its prompt to go"
                yield _said("early-decode", i, k, left, words)
                continue
            self.decoded[i] += 1
            self.usage += 1
            tokens += tasks[i].prompt + self.decoded[i]
        self.peak = max(self.peak, self.usage)
        over = self.usage - self.problem.memory
        if over > 0:
            words = f"holds {self.usage} units, {over} too many"
            yield _said("memory", None, k, over, words)
        takes = step.end - step.start
        prompts = sum(part for _, part in step.prefill)
        due = self.duration(len(batch), tokens, prompts)
        if takes != due:
            words = f"takes {takes} ticks, not {due}"
            yield _said("wrong-time", None, k, takes - due, words)
        for i in step.decode:
            if self.decoded.get(i) == tasks[i].output:
                self.ends[i] = step.end
                self.leave(i)

    def leave(self, i: int) -> None:
        """Take a request out of what is resident, if it is there."""
        if i in self.decoded:
            self.usage -= self.problem.tasks[i].prompt + self.decoded[i]
            del self.decoded[i], self.prefilled[i]

    def duration(self, batch: int, tokens: int, prompts: int) -> int:
        """Return the ticks that an iteration takes by the clock."""
        c = self.clock
        beyond = max(0, prompts - c["free"])
        fixed = c["d0"] + c["d1"] * batch
        return fixed + c["d2"] * tokens + c["prefill"] * beyond


def _said(
    kind: str, request: int | None, k: int, amount: int, words: str
) -> Violation:
    who = f"iteration {k}" if request is None else f"request {request}"
    at = "" if request is None else f" in iteration {k}"
    return Violation(kind, request, k, amount, f"{who}: {words}{at}")
