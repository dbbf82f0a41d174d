"""The time-indexed linear program, alone and with rows of level k.

HiGHS solves it in floating point. What is stated is only what its duals,
rounded to integers, prove exactly: neither the solver's tolerances nor the
last round of the program can make it wrong, only weaker.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from kvopt.exact.bounds.lp_value import Multipliers, proved
from kvopt.exact.control.highs_lock import SCHEDULER
from kvopt.exact.control.session import Session, SolverError, Stopped
from kvopt.exact.cuts import Span, largest_prompt, spans
from kvopt.exact.task import SolverTask
from kvopt.exact.time_index import MAX_TERMS, TimeIndex, too_large
from kvopt.model import BoundCertificate, InputError
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum

if TYPE_CHECKING:
    import highspy

__all__ = ["lp_bound", "lp_cuts_bound"]

SCALE = 1 << 24
LEVELS = (1, 2, 3)
# Separation ends when no row is violated by more, or the value grows by
# less than this share, or after as many rounds.
_VIOLATION = 1e-3
_GROWTH = 5e-4
_ROUNDS = 12
_ROWS_A_ROUND = 250
# Seconds between two looks at the clock, and that HiGHS gets to stop.
POLL = 0.02
GRACE = 1.0


def lp_bound(session: Session) -> BoundCertificate:
    """Return the bound of the linear program of P1's integer program.

    Raises
    ------
    InputError
        When HiGHS is not installed, or the program would be too large.
    Stopped
        When the session is over before the program is solved.
    """
    return _certificate(session, ())


def lp_cuts_bound(session: Session) -> BoundCertificate:
    """Return the bound of the program with violated rows of level 1 to 3.

    The session is told the bound of each program on the way there.

    Raises
    ------
    InputError, Stopped
        As :func:`lp_bound`.
    """
    return _certificate(session, LEVELS)


def _certificate(
    session: Session, levels: tuple[int, ...]
) -> BoundCertificate:
    instance = session.instance
    try:
        import highspy  # noqa: F401
    except ImportError:
        raise InputError(
            "the linear program needs highspy: pip install highspy"
        ) from None
    volume = instance.output * instance.prompt + (
        instance.output * (instance.output + 1) // 2
    )
    arrival = int(instance.arrival.max())
    serial = arrival + int(instance.output.sum())
    # Long enough for the program's optimum as a rule; if there is no
    # solution, up to what running one by one needs.
    busy = -(-exact_sum(volume) // instance.memory)
    end = min(serial, arrival + 3 * busy // 2 + instance.memory)
    while True:
        session.checkpoint()
        best: BoundCertificate | None = None
        for multipliers in _LinearProgram(session, end).solve(levels):
            value = proved(instance, multipliers)
            if best is None or value > best.value:
                name, data = instance.hash, multipliers.document()
                best = BoundCertificate(name, "lp-dual", value, data)
            session.certified(best)
        if best is not None:
            return best
        if end == serial:
            raise SolverError("HiGHS could not solve the linear program")
        end = min(serial, 2 * end)


class _LinearProgram:
    """The program in which everything completes by ``end``."""

    def __init__(self, session: Session, end: int) -> None:
        import highspy

        self.session, self.instance = session, session.instance
        self.end, instance = end, session.instance
        task = SolverTask(instance, end - instance.output, (), (), 1, 0)
        problem = too_large(task)
        if problem:
            raise InputError(problem)
        if end > MAX_TERMS:
            # There is a multiplier for each, and for each level's row.
            raise InputError(
                "the linear program's bound is for at most "
                f"{MAX_TERMS:,} rounds",
                field="rounds",
                value=end,
            )
        self.index = TimeIndex.of(task)
        self.rows: list[tuple[int, int]] = []
        self.model = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.passModel(self._plain())
        self.model.cbSimplexInterrupt.subscribe(self._look)
        self.model.cbIpmInterrupt.subscribe(self._look)

        self.stopping = False

    def _look(self, event: Any) -> None:
        event.data_in.user_interrupt = self.stopping

    def _run(self) -> None:
        """Run HiGHS; leave it behind when it does not stop in time.

        It has a thread of its own, since its presolve cannot be interrupted.
        """
        while not SCHEDULER.acquire(timeout=POLL):
            self.session.checkpoint()
        ended = Event()

        def work() -> None:
            try:
                self.model.run()
            finally:
                SCHEDULER.release()
                ended.set()

        Thread(target=work, name="kvopt-lp", daemon=True).start()
        while not ended.wait(POLL):
            if self.session.over():
                self.stopping = True
                ended.wait(GRACE)
                raise Stopped

    def solve(self, levels: tuple[int, ...]) -> Iterator[Multipliers]:
        """Yield the duals, then those with violated rows added, and again.

        Nothing is yielded when there is no solution.
        """
        import highspy

        shapes = {
            k: [
                spans(request, self.instance.memory, k, largest)
                for request in self.instance
            ]
            for k in levels
            for largest in (
                largest_prompt(self.instance, self.instance.memory, k),
            )
        }
        before = 0.0
        for step in range(_ROUNDS + 1):
            self._run()
            status = self.model.getModelStatus()
            if status != highspy.HighsModelStatus.kOptimal:
                return
            yield self._duals(levels)
            self.session.checkpoint()
            value = self.model.getInfo().objective_function_value
            if step == _ROUNDS or value < before * (1 + _GROWTH):
                return
            before = value
            if not self._separate(shapes):
                return

    def _plain(self) -> highspy.HighsLp:
        import highspy

        index = self.index
        n, m = len(self.instance), len(index)
        memory = list(index.memory_rows())
        self.rounds = np.array([row.round for row in memory])
        variables = [np.arange(m), *(row.variables for row in memory)]
        weights = [np.ones(m), *(row.units for row in memory)]
        sizes = [row.variables.size for row in memory]
        starts = np.concatenate([index.first[:-1], m + np.cumsum([0, *sizes])])
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = m, n + len(memory)
        lp.col_cost_ = index.cost.astype(float)
        lp.col_lower_ = np.zeros(m)
        lp.col_upper_ = np.full(m, highspy.kHighsInf)
        lp.row_lower_ = np.concatenate(
            [np.ones(n), np.full(len(memory), -highspy.kHighsInf)]
        )
        lp.row_upper_ = np.concatenate(
            [np.ones(n), np.full(len(memory), float(self.instance.memory))]
        )
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = starts
        lp.a_matrix_.index_ = np.concatenate(variables)
        lp.a_matrix_.value_ = np.concatenate(weights).astype(float)
        return lp

    def _separate(self, shapes: dict[int, list[list[Span]]]) -> bool:
        """Add the most violated rows; return whether there were any."""
        x = np.array(self.model.getSolution().col_value)
        found: list[tuple[float, int, int]] = []
        for k, shape in shapes.items():
            excess = self._counts(x, shape) - k
            found += [
                (-float(excess[t]), k, int(t))
                for t in np.flatnonzero(excess > _VIOLATION)
            ]
        for _, k, t in sorted(found)[:_ROWS_A_ROUND]:
            self._add(k, t, shapes[k])
        return bool(found)

    def _counts(self, x: Any, shape: list[list[Span]]) -> Any:
        """Return the left side of a level's row at each round."""
        instance, end = self.instance, self.end
        change = np.zeros(end + 2)
        for i, request in enumerate(instance):
            own = x[self.index.of_request(i)]
            completion = request.arrival + request.output
            for span in shape[i]:
                # Runs that complete at c count in c+first .. c+last.
                first = completion + span.first
                change[first : first + own.size] += own
                last = min(completion + span.last + 1, end + 1)
                kept = min(own.size, end + 1 - last)
                change[last : last + kept] -= own[:kept]
        return np.cumsum(change)[: end + 1]

    def _add(self, k: int, t: int, shape: list[list[Span]]) -> None:
        """Add the row of level ``k`` at round ``t``."""
        import highspy

        weight = np.zeros(len(self.index))
        for i, request in enumerate(self.instance):
            begin = int(self.index.first[i]) - request.arrival
            begin -= request.output
            own = self.index.of_request(i)
            for span in shape[i]:
                low = max(own.start, begin + t - span.last)
                high = min(own.stop, begin + t - span.first + 1)
                if low < high:
                    weight[low:high] += 1
        chosen = np.flatnonzero(weight).astype(np.int32)
        self.model.addRow(
            -highspy.kHighsInf, float(k), chosen.size, chosen, weight[chosen]
        )
        self.rows.append((k, t))

    def _duals(self, levels: tuple[int, ...]) -> Multipliers:
        dual = -np.array(self.model.getSolution().row_dual)
        whole: IntArray = np.rint(np.maximum(dual, 0) * SCALE).astype(np.int64)
        n, m = len(self.instance), self.rounds.size
        memory = np.zeros(self.end + 1, dtype=np.int64)
        memory[self.rounds] = whole[n : n + m]
        rows = {k: np.zeros(self.end + 1, dtype=np.int64) for k in levels}
        for (k, t), z in zip(self.rows, whole[n + m :], strict=True):
            rows[k][t] = z
        return Multipliers(SCALE, memory, rows)
