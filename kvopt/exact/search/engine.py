"""The search: bounds, fixing, labels and heuristics in turns."""

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
from kvopt.exact.relaxation.tables import RelaxationTables
from kvopt.exact.search.dual import BYTES_A_STATE, MAX_STEPS, Dual
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.improver import Improver
from kvopt.exact.search.labels import (
    BYTES_A_LABEL,
    BYTES_A_TRACE,
    Labels,
    obstacle,
)
from kvopt.exact.search.levels import bytes_needed, levels
from kvopt.exact.search.proof import Proof, raise_bound
from kvopt.exact.search.shared import Closed, Shared
from kvopt.exact.search.state_graph import (
    BYTES_AN_ARC,
    GraphTooLarge,
    most_bits,
)
from kvopt.exact.task import SolverTask

__all__ = ["search"]


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
        self.params = task.params
        self.groups, self.memory = groups, memory
        output = task.instance.output
        # No optimal schedule exceeds this.
        self.last_round = int((task.latest + output).max())
        self.rounds = self._horizon()
        self.labels: Labels | None = None
        self.why_no_labels = obstacle(groups, self.params.label_states)
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
            most = self.params.label_states
            room = int(self.memory * self.params.label_states_memory)
            if Labels.bytes_needed(self.groups, most) > room:
                self.why_no_labels = "their states take too much memory"
            else:
                self.labels = Labels(self.groups, self.params)
        instance, seed = self.task.instance, self.task.seed
        known = (instance, self.groups, shared, self.labels)
        most_labels = math.inf if self.beside else self.params.turn_labels
        first = Improver(*known, seed, self.params, most_labels)
        first.step()
        if problem:
            return problem
        self.rounds = min(self.rounds, self._horizon())
        self.improver = first
        if self.beside:
            # Another one, for when this thread has nothing else to do.
            self.improver = Improver(*known, seed + 1, self.params)
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
        slack = int(makespan * self.params.horizon_slack)
        slack += self.params.horizon_rounds
        return min(self.last_round, makespan + slack)

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
            int(self.memory * self.params.relaxation_memory),
            self.params,
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
        shared, params = self.shared, self.params
        completion = shared.best()[0] + self.task.instance.output
        first = thresholds[0]
        most = params.tiny_steps
        steps = count_states(self.groups.memory, first, most) * self.rounds
        width = params.coarse_width
        dual = Dual(self.groups, self.rounds, completion, params)
        if steps > most and self.rounds > params.coarse_buckets * width:
            dual.enter(first, width)
            self._ascend(dual, params.coarse_evaluations)
        dual.enter(first, 1)
        tiny = steps <= most
        self._ascend(
            dual,
            params.tiny_evaluations if tiny else params.first_evaluations,
        )
        self._settle(dual, True)
        few = self.groups.requests <= params.few_requests
        quota = params.quota_few if few else params.quota
        most_quota = int(self.memory * params.trace_memory / BYTES_A_TRACE)
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
            steps = self.params.heuristic_steps
        elif proof is None or proof.raised or self.moved:
            return
        else:
            steps = proof.used // self.params.labels_a_step
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

        Longer in tables on which a state graph would have most of the states:
        evaluations take less time there. Shorter where ``finer`` says that
        short steps are for a threshold to come.
        """
        params = self.params
        tables = isinstance(dual.program, RelaxationTables)
        for k in range(params.table_prunings if tables else params.prunings):
            moved = self._ascend(dual, params.evaluations)
            self._prune(dual)
            if not moved:
                return False
            if finer and dual.point.step < params.short_step:
                break
            enough = k + 1 >= params.prunings
            if tables and enough and dual.alive <= params.sparse:
                break
        return True

    def _ascend(self, dual: Dual, iterations: int) -> bool:
        """Improve multipliers; return whether they still moved."""
        shared, session = self.shared, self.session
        late = self.params.late_certificate
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
        news = (1 + self.params.certificate_news) * self.certified
        if dual.value() < news:
            return
        self.certified = dual.value()
        if self.session.time_limit is not None:
            rate = self.params.certificate_rate
            most_steps = min(most_steps, int(self.session.time_limit * rate))
        room = self.memory * self.params.certificate_memory
        most_steps = min(most_steps, int(room / BYTES_A_STATE))
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
        share = self.params.refused_gap
        small = [gap <= share * refused for refused in self.refused]
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
            except GraphTooLarge:
                gap = self.shared.latency - self.shared.bound
                self.refused[kind] = gap
                continue
            self.refused = [math.inf, math.inf]
            if kind == 0:
                self.left.pop(0)
            return True
        return False

    def _enter(self, dual: Dual, threshold: int, bits: int) -> None:
        """Go on with tables where they are small, else with a state graph."""
        shared = self.shared
        most = shared.latency - 1
        tables = isinstance(dual.program, RelaxationTables) and not bits
        many = dual.alive > self.params.sparse
        if tables and many and self._fits(threshold):
            dual.enter(threshold, 1)
            return
        memory = self.memory * self.params.relaxation_memory
        room = int(memory / BYTES_AN_ARC)
        if self.session.time_limit is not None:
            rate = self.params.arcs_a_second
            room = min(room, int(self.session.time_limit * rate))
        step = (threshold, most, room, shared.checkpoint, bits)
        if not dual.refine(*step):
            shared.proved((most + 1) * SCALE)
            raise Closed

    def _fits(self, threshold: int) -> bool:
        """Whether tables of a threshold are small."""
        groups, params = self.groups, self.params
        most = params.table_states
        if count_states(groups.memory, threshold, most) >= most:
            return False
        sizes = (groups, self.rounds, threshold, params.most_states)
        needed = bytes_needed(*sizes, tables=True)
        return needed <= self.memory * params.relaxation_memory

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
            int(self.memory * self.params.round_memory / BYTES_A_LABEL),
            self.rounds >= self.last_round,
        )

    def _exhausted(self) -> str:
        if self.why_no_labels:
            return f"no labels ({self.why_no_labels}); the bound stands still"
        return (
            "the proof needs more labels than fit into "
            f"{self.memory / 2**30:.3g} GiB"
        )
