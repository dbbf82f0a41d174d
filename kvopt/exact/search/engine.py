"""The search: bounds, windows, labels and heuristics in turns."""

from __future__ import annotations

from importlib import metadata
from threading import Thread

from kvopt.exact.bounds.groups import Groups
from kvopt.exact.bounds.unlinked import MAX_ROUNDS, OutOfRange
from kvopt.exact.search.dual import Dual
from kvopt.exact.search.improver import Improver
from kvopt.exact.search.labels import (
    BYTES_A_LABEL,
    BYTES_A_TRACE,
    Labels,
    obstacle,
)
from kvopt.exact.search.levels import levels
from kvopt.exact.search.proof import Proof, raise_bound
from kvopt.exact.search.shared import Closed, Shared
from kvopt.exact.session import Session
from kvopt.exact.task import Task

__all__ = ["MEMORY", "search"]

# Bytes that the tables of a search may take.
MEMORY = 4 << 30
# Shares of it: relaxation and guides, labels of a round, their trace.
RELAXATION, ROUND, TRACE = 0.6, 0.12, 0.2
# Labels of the first round of searches; each later one has twice as many.
# Few requests are closed by labels, many by better bounds first.
QUOTA, QUOTA_FEW = 300_000, 3_000_000
FEW_REQUESTS = 34
# States times rounds below which labels are tried almost at once.
TINY = 50_000
# Rounds in a bucket of the first, coarse prices.
COARSE = 20
# Runs of the heuristic where there is nothing else to do.
LAST_RUNS = 2
LAST_MOVES = 100


def search(task: Task, session: Session, memory: int = MEMORY) -> str:
    """Solve ``task``; return why the search ended.

    Parameters
    ----------
    task, session
        What is solved, and whom to tell.
    memory
        Bytes that tables may take. What is too large is left out: fine
        thresholds first, then labels, then the relaxation.

    Notes
    -----
    With two workers or more the heuristics run in a thread of their own.
    With one, all is in turns that depend on counts only, not on the clock.
    """
    session.ground = (
        "optimality by reduced-cost windows and label search, "
        f"kvopt {metadata.version('kvopt')}, seed {task.seed}"
    )
    shared = Shared(task, session)
    groups = Groups(task.instance)
    try:
        return _Search(task, session, shared, groups, memory).run()
    except Closed:
        return "the schedule meets the bound"
    finally:
        shared.end()


class _Search:
    def __init__(
        self,
        task: Task,
        session: Session,
        shared: Shared,
        groups: Groups,
        memory: int,
    ) -> None:
        self.task, self.session, self.shared = task, session, shared
        self.groups, self.memory = groups, memory
        output = task.instance.output
        self.completion = shared.starts + output
        # No optimal schedule exceeds this.
        self.last_round = int((task.latest + output).max())
        makespan = int(self.completion.max())
        self.rounds = min(self.last_round, makespan + makespan // 8 + 10)
        self.labels: Labels | None = None
        self.why_no_labels = obstacle(groups)
        self.improver: Improver | None = None
        self.beside = task.workers > 1

    def run(self) -> str:
        shared = self.shared
        problem, thresholds = self._thresholds()
        if thresholds and not self.why_no_labels:
            if Labels.bytes_needed(self.groups) > self.memory // 8:
                self.why_no_labels = "their states take too much memory"
            else:
                self.labels = Labels(self.groups)
        self.improver = Improver(
            self.task.instance, shared, self.labels, self.task.seed
        )
        if problem:
            self.improver.moves = min(self.improver.moves, LAST_MOVES)
            for _ in range(LAST_RUNS):
                self.improver.step()
            return problem
        self.improver.step()
        if self.beside:
            Thread(
                target=self.improver.loop, name="kvopt-improver", daemon=True
            ).start()
        try:
            while True:
                ended = self._turns(thresholds)
                if ended:
                    return ended
                # Schedules beyond the horizon got in the way.
                self.rounds = self.last_round
                problem, thresholds = self._thresholds()
                if problem:
                    return problem
        except OutOfRange:
            return "the multipliers left the range of 32-bit integers"

    def _thresholds(self) -> tuple[str, list[int]]:
        """Return the levels, or why there are none."""
        if self.rounds >= MAX_ROUNDS:
            return (
                f"the relaxation would have {self.rounds:,} rounds, "
                f"{MAX_ROUNDS:,} or more",
                [],
            )
        found = levels(
            self.groups,
            self.rounds,
            int(self.memory * RELAXATION),
            self.session.time_limit,
        )
        if not found:
            return (
                "the relaxation would have too many states for "
                f"{self.memory / 2**30:.3g} GiB (memory "
                f"{self.groups.memory}, {self.rounds:,} rounds)",
                [],
            )
        return "", found

    def _turns(self, thresholds: list[int]) -> str:
        """Search until nothing is left to try; "" for a longer horizon."""
        shared = self.shared
        dual = Dual(self.groups, self.rounds, self.completion)
        first = thresholds[0]
        tiny = len(dual.states(first)) * self.rounds <= TINY
        if tiny:
            self._ascend(dual, first, 1, 30, 0.3)
        else:
            if self.rounds > 3 * COARSE:
                self._ascend(dual, first, COARSE, 120, 0.3)
            self._ascend(dual, first, 1, 250, 0.15)
        few = self.groups.requests <= FEW_REQUESTS
        quota = QUOTA_FEW if few else QUOTA
        most_quota = int(self.memory * TRACE / BYTES_A_TRACE)
        turn = 0
        before = 0
        while True:
            proof = self._labels(dual, min(quota, most_quota))
            if proof is not None and proof.horizon:
                if self.rounds < self.last_round:
                    return ""
                return "schedules beyond the horizon could not be excluded"
            if not self.beside and self.improver is not None:
                self.improver.step()
            turn += 1
            level = min((turn + 1) // 2, len(thresholds) - 1)
            value = self._ascend(dual, thresholds[level], 1, 120, 0.15)
            last_level = turn > 2 * len(thresholds)
            stuck = last_level and value - before < 1e-5 * value
            before = value
            if stuck and (proof is None or quota >= most_quota):
                return self._exhausted()
            quota *= 2
            shared.checkpoint()

    def _ascend(
        self,
        dual: Dual,
        threshold: int,
        width: int,
        iterations: int,
        step: float,
    ) -> int:
        shared = self.shared
        dual.enter(threshold, width)
        try:
            value = dual.ascend(
                shared.latency, iterations, step, shared.checkpoint
            )
        finally:
            if dual.point.value is not None:
                shared.proved(dual.point.value)
        certificate = dual.certificate(self.task.instance.hash)
        if certificate is not None:
            self.session.certified(certificate)
        return value

    def _labels(self, dual: Dual, quota: int) -> Proof | None:
        """Make a guide; search with it for a better bound."""
        shared = self.shared
        shared.checkpoint()
        guide = dual.guide(shared.latency - 1)
        shared.proved(guide.value)
        shared.checkpoint()
        shared.guide = guide
        if self.labels is None:
            return None
        return raise_bound(
            self.labels,
            guide,
            shared,
            quota,
            int(self.memory * ROUND / BYTES_A_LABEL),
            self.rounds >= self.last_round,
        )

    def _exhausted(self) -> str:
        if self.why_no_labels:
            return f"no labels ({self.why_no_labels}); the bound stands still"
        return (
            "the proof needs more labels than fit into "
            f"{self.memory / 2**30:.3g} GiB"
        )
