"""The search: bounds, windows, labels and heuristics in turns."""

from __future__ import annotations

import math
from importlib import metadata
from threading import Thread

from kvopt.exact.control.session import Session
from kvopt.exact.relaxation.costs import (
    MAX_ROUNDS,
    SCALE,
    OutOfRange,
)
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import count_states
from kvopt.exact.relaxation.tables import Relaxation
from kvopt.exact.search.dual import MAX_STEPS, Dual
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.improver import Improver
from kvopt.exact.search.labels import (
    BYTES_A_LABEL,
    BYTES_A_TRACE,
    Labels,
    obstacle,
)
from kvopt.exact.search.levels import bytes_needed, levels
from kvopt.exact.search.network import TooLarge, most_bits
from kvopt.exact.search.proof import Proof, raise_bound
from kvopt.exact.search.shared import Closed, Shared
from kvopt.exact.task import SolverTask

__all__ = ["search"]

# Shares of it: relaxation and guides, labels of a round, their trace.
RELAXATION, ROUND, TRACE = 0.6, 0.12, 0.2
# Labels of the first round of searches; each later one has twice as many.
# Few requests are closed by labels, many by better bounds first.
QUOTA, QUOTA_FEW = 300_000, 3_000_000
FEW_REQUESTS = 34
# States times rounds below which labels are tried almost at once.
TINY = 50_000
# Rounds in a bucket of the first, coarse prices; evaluations with these, and
# with narrow ones, before what is left of the states is taken.
COARSE, FIRST, SECOND = 20, 80, 100
# Share of the states below which a network is faster than tables, and how
# often one waits for it; and states of finer tables to wait in.
SPARSE, MORE, TABLE_STATES = 0.2, 8, 20_000
# Steps that are not worth their time before the last threshold.
SHORT = 0.005
# Evaluations between two prunings, and how often so at a threshold.
EVALUATIONS, TIMES = 60, 3
# Bytes that a network takes for an arc while it is made; and arcs for each
# second of the limit, so that there is time to improve its multipliers.
BYTES_AN_ARC, ARCS_A_SECOND = 40, 700_000
# States times rounds of a certificate, for each second of the limit, and when
# the limit is over; and by how much the bound must have risen for another.
STEPS_A_SECOND, LATE_STEPS, NEWS = 1_000_000, 30_000_000, 3e-4
# Steps of the heuristics in each turn of one thread alone; where there are
# two, one for so many labels.
STEPS, LABELS_A_STEP = 3, 1_000_000
# Labels of a walk in a turn of one thread alone.
LABELS_A_WALK = 1_000_000


def search(task: SolverTask, session: Session, memory: int) -> str:
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
        "optimality by reduced-cost deletion and label search, "
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
        task: SolverTask,
        session: Session,
        shared: Shared,
        groups: Groups,
        memory: int,
    ) -> None:
        self.task, self.session, self.shared = task, session, shared
        self.groups, self.memory = groups, memory
        output = task.instance.output
        # No optimal schedule exceeds this.
        self.last_round = int((task.latest + output).max())
        self.rounds = self._horizon()
        self.labels: Labels | None = None
        self.why_no_labels = obstacle(groups)
        self.improver: Improver | None = None
        self.beside = task.workers > 1
        self.certified = 0
        # Thresholds still to come, whether values moved in the last turn, and
        # the gaps at which the next threshold or mark was too large.
        self.left: list[int] = []
        self.moved = True
        self.refused = [math.inf, math.inf]

    def run(self) -> str:
        shared = self.shared
        problem, thresholds = self._thresholds()
        if thresholds and not self.why_no_labels:
            if Labels.bytes_needed(self.groups) > self.memory // 8:
                self.why_no_labels = "their states take too much memory"
            else:
                self.labels = Labels(self.groups)
        instance, seed = self.task.instance, self.task.seed
        known = (instance, self.groups, shared, self.labels)
        most = math.inf if self.beside else LABELS_A_WALK
        first = Improver(*known, seed, most)
        first.step()
        if problem:
            return problem
        self.rounds = min(self.rounds, self._horizon())
        self.improver = first
        if self.beside:
            # Another one, for when this thread has nothing else to do.
            self.improver = Improver(*known, seed + 1)
            Thread(
                target=first.loop, name="kvopt-improver", daemon=True
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

    def _horizon(self) -> int:
        """Return rounds within which good schedules are likely to end."""
        starts, _ = self.shared.best()
        makespan = int((starts + self.task.instance.output).max())
        return min(self.last_round, makespan + makespan // 8 + 10)

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
        completion = shared.best()[0] + self.task.instance.output
        dual = Dual(self.groups, self.rounds, completion)
        first = thresholds[0]
        dual.enter(first, 1)
        tiny = count_states(self.groups.memory, first, TINY) * self.rounds
        if tiny > TINY and self.rounds > 3 * COARSE:
            dual = Dual(self.groups, self.rounds, completion)
            dual.enter(first, COARSE)
            self._ascend(dual, FIRST)
            dual.enter(first, 1)
        self._ascend(dual, 30 if tiny <= TINY else SECOND)
        self._settle(dual, True)
        few = self.groups.requests <= FEW_REQUESTS
        quota = QUOTA_FEW if few else QUOTA
        most_quota = int(self.memory * TRACE / BYTES_A_TRACE)
        self.left = thresholds[1:] or thresholds[:]
        self.moved = True
        self.refused = [math.inf, math.inf]
        while True:
            proof = self._labels(dual, min(quota, most_quota))
            if proof is not None and proof.horizon and not self.left:
                if self.rounds < self.last_round:
                    return ""
                return "schedules beyond the horizon could not be excluded"
            self._improve(proof)
            latency = shared.latency
            finer = self._refine(dual)
            self.moved = self._settle(dual, any(self._finer(dual)))
            still = not (self.moved or finer or any(self._finer(dual)))
            stuck = still and shared.latency == latency
            if stuck and (proof is None or quota >= most_quota):
                if self.session.time_limit is None:
                    return self._exhausted()
                self._wait(latency)
            quota *= 2
            shared.checkpoint()

    def _improve(self, proof: Proof | None) -> None:
        """Search for schedules in this thread.

        If another does that, only when neither labels nor multipliers were
        of use, and for about as long as was spent on labels.
        """
        if not self.beside:
            steps = STEPS
        elif proof is None or proof.raised or self.moved:
            return
        else:
            steps = proof.used // LABELS_A_STEP
        assert self.improver is not None
        for _ in range(steps):
            self.improver.step()

    def _wait(self, latency: int) -> None:
        """Search for schedules until there is a better one.

        The bound may then go on: what was too large fits a smaller gap.
        """
        assert self.improver is not None
        while self.shared.latency == latency:
            self.improver.step()

    def _settle(self, dual: Dual, finer: bool) -> bool:
        """Ascend and prune some times; return whether values still moved.

        Longer in tables on which a network would have most of the states:
        evaluations take less time there. Shorter where ``finer`` says that
        short steps are for a threshold to come.
        """
        tables = isinstance(dual.program, Relaxation)
        for k in range(MORE if tables else TIMES):
            moved = self._ascend(dual, EVALUATIONS)
            self._prune(dual)
            if not moved:
                return False
            if finer and dual.point.step < SHORT:
                break
            if tables and k + 1 >= TIMES and dual.alive <= SPARSE:
                break
        return True

    def _ascend(self, dual: Dual, iterations: int) -> bool:
        """Improve multipliers; return whether they still moved."""
        shared, session = self.shared, self.session
        late = LATE_STEPS
        shared.paths = dual.paths
        try:
            moved = dual.ascend(shared.latency, iterations, shared.checkpoint)
            late = 0
        finally:
            if dual.point.value is not None:
                shared.proved(dual.point.value)
                if late:
                    self._certify(dual, late)
        session.checkpoint()
        return moved

    def _certify(self, dual: Dual, most_steps: int = MAX_STEPS) -> None:
        """Report a certificate if the bound has risen and it is cheap."""
        if dual.value() < (1 + NEWS) * self.certified:
            return
        self.certified = dual.value()
        if self.session.time_limit is not None:
            share = int(self.session.time_limit * STEPS_A_SECOND)
            most_steps = min(most_steps, share)
        most_steps = min(most_steps, self.memory // 64)
        hash_ = self.task.instance.hash
        certificate = dual.certificate(hash_, most_steps)
        if certificate is not None:
            self.session.certified(certificate)

    def _finer(self, dual: Dual) -> list[tuple[int, int] | None]:
        """Return threshold and bits of the next steps to try, None for none.

        Lower thresholds first: they gain more for what they take. What was
        too large is tried again when the gap is smaller.
        """
        own, bits, left = dual.threshold, dual.bits, self.left
        gap = self.shared.latency - self.shared.bound
        small = [gap <= 0.9 * refused for refused in self.refused]
        link = not (left and self.moved)
        link = link and bits < most_bits(self.groups, own)
        return [
            (left[0], bits) if left and small[0] else None,
            (own, bits + 1) if link and small[1] else None,
        ]

    def _refine(self, dual: Dual) -> bool:
        """Take a lower threshold, or else link prompts more closely.

        Returns whether one of them was possible.
        """
        self._prune(dual)
        for kind, step in enumerate(self._finer(dual)):
            if step is None:
                continue
            try:
                self._enter(dual, *step)
            except TooLarge:
                gap = self.shared.latency - self.shared.bound
                self.refused[kind] = gap
                continue
            self.refused = [math.inf, math.inf]
            if kind == 0:
                self.left.pop(0)
            return True
        return False

    def _enter(self, dual: Dual, threshold: int, bits: int) -> None:
        """Go on with tables where they are small, else with a network."""
        shared = self.shared
        most = shared.latency - 1
        tables = isinstance(dual.program, Relaxation) and not bits
        if tables and dual.alive > SPARSE and self._fits(threshold):
            dual.enter(threshold, 1)
            return
        room = int(self.memory * RELAXATION / BYTES_AN_ARC)
        if self.session.time_limit is not None:
            room = min(room, int(self.session.time_limit * ARCS_A_SECOND))
        step = (threshold, most, room, shared.checkpoint, bits)
        if not dual.refine(*step):
            shared.proved((most + 1) * SCALE)
            raise Closed

    def _fits(self, threshold: int) -> bool:
        """Whether tables of a threshold are small."""
        memory = self.groups.memory
        count = count_states(memory, threshold, TABLE_STATES)
        needed = bytes_needed(self.groups, self.rounds, threshold, True)
        enough = needed <= self.memory * RELAXATION
        return count < TABLE_STATES and enough

    def _prune(self, dual: Dual) -> Guide:
        """Delete what no better schedule needs; return a guide."""
        shared = self.shared
        shared.checkpoint()
        most = shared.latency - 1
        guide = dual.prune(most)
        if guide is None:
            shared.proved((most + 1) * SCALE)
            raise Closed
        shared.proved(guide.value)
        shared.guide = guide
        shared.checkpoint()
        return guide

    def _labels(self, dual: Dual, quota: int) -> Proof | None:
        """Search with a guide for a better bound."""
        guide = self._prune(dual)
        self._certify(dual)
        if self.labels is None:
            return None
        return raise_bound(
            self.labels,
            guide,
            self.shared,
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
