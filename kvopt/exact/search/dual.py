"""The dual side: multipliers, fixing, bounds and their certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kvopt.exact.relaxation.ascent import (
    Point,
    ascend,
    carried,
    first_multipliers,
)
from kvopt.exact.relaxation.costs import SCALE, OutOfRange
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import States, count_states
from kvopt.exact.relaxation.tables import RelaxationTables
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.state_graph import (
    ArcLimit,
    Coarser,
    Moves,
    StateGraph,
    expand,
    pending_ends,
)
from kvopt.model import BoundCertificate, SearchParams
from kvopt.model.instance import IntArray

__all__ = ["BYTES_A_STATE", "MAX_STEPS", "Dual"]

# What the independent checker follows: states, and states times rounds. In
# plain Python the largest take some minutes.
MAX_STATES, MAX_STEPS = 400_000, 190_000_000
# Bytes of a state of a round in the table of a certificate.
BYTES_A_STATE = 4


class Dual:
    """Multipliers carried through relaxations from coarse to fine.

    Parameters
    ----------
    groups
        The requests.
    rounds
        Horizon ``T``.
    completion
        Completion rounds of a schedule, shape ``(n,)``.
    params
        Of the ascents.

    Attributes
    ----------
    program
        The present relaxation: in tables, or on what is left of its states.
    allowed
        Completions that are not fixed to be out; None before the first
        :meth:`prune`.
    alive
        Share of the states of the tables that the last :meth:`prune` would
        keep in a state graph.
    paths
        The last best paths of the present relaxation.
    """

    def __init__(
        self,
        groups: Groups,
        rounds: int,
        completion: IntArray,
        params: SearchParams,
    ) -> None:
        self.groups, self.rounds, self.params = groups, rounds, params
        lam = first_multipliers(groups, completion, params.multiplier_raise)
        nu = np.zeros((0, 0), np.int64)
        self.point = Point(lam, nu, params.first_step)
        self.program: RelaxationTables | StateGraph | None = None
        self.allowed: NDArray | None = None
        self.alive = 1.0
        self.paths = self._no_paths()
        self._guide: Guide | None = None

    def enter(self, threshold: int, width: int) -> None:
        """Go on with the tables of this threshold and width."""
        old, self.program = self.program, None
        states = None
        if isinstance(old, RelaxationTables) and old.threshold == threshold:
            states = old.states
        new = RelaxationTables(
            self.groups, self.rounds, threshold, width, states
        )
        if old is None:
            nu = np.zeros((new.buckets, new.columns), np.int64)
            self.point = Point(self.point.lam, nu, self.params.first_step)
        else:
            lam, nu = carried(self.point.lam, self.point.nu, old, new)
            self.point = Point(lam, nu, self._first_step())
        if self.allowed is not None:
            new.allowed = self.allowed
        self._go_on(new)

    def refine(
        self,
        threshold: int,
        most: int,
        room: int,
        checkpoint: Callable[[], None],
        bits: int = 0,
    ) -> bool:
        """Go on with a state graph, from the states that :meth:`prune` left.

        Parameters
        ----------
        threshold
            At most the present one.
        most
            Schedules with ``TEL <= most`` are kept; as for :meth:`prune`.
        room
            Most arcs.
        checkpoint
            Called often; may raise.
        bits
            Of the marks of items, see :class:`Moves`.

        Returns
        -------
        bool
            False when there is no such schedule.

        Raises
        ------
        TooLarge
            When there would be more arcs; nothing has changed.
        """
        old = self._current()
        assert self._guide is not None
        states = self._guide.to_go.states
        if states.threshold != threshold:
            states = States(self.groups.memory, threshold)
        moves = Moves(self.groups, states, bits)
        new = StateGraph(self.groups, self.rounds, moves)
        new.allowed = old.allowed.copy()
        lam, nu = self.point.lam, self.point.nu
        if threshold != old.threshold:
            lam, nu = carried(lam, nu, old, new)
        lam = new.clamped(lam)
        pending = pending_ends(old, self.point.nu, threshold)
        limit = ArcLimit(
            room, self.params.arcs_excess, self.params.arcs_foretold
        )
        known = old.progress() if isinstance(old, StateGraph) else None
        coarser = Coarser(self._guide.to_go, pending, known)
        if not expand(new, lam, nu, coarser, most, limit, checkpoint):
            return False
        self.point = Point(lam, nu, self._first_step())
        self._go_on(new)
        self._guide = None
        return True

    def ascend(
        self, target: int, iterations: int, checkpoint: Callable[[], None]
    ) -> bool:
        """Improve the multipliers; return whether they still moved.

        The bound holds for schedules of allowed completions. See
        :func:`kvopt.exact.relaxation.ascent.ascend`.

        Parameters
        ----------
        target
            Total latency of the best schedule, in rounds.
        iterations
            Most evaluations.
        checkpoint
            Called before each of them; may raise.
        """
        program = self._current()
        least = self.params.least_step
        if self.point.step < least:
            self.point.step = self.params.again_step
            self.point.slope = None
        ascend(
            program,
            self.point,
            target,
            iterations,
            self.params,
            checkpoint,
            self.paths.append,
        )
        return self.point.step >= least

    @property
    def threshold(self) -> int:
        """Threshold of the present relaxation."""
        return self._current().threshold

    @property
    def bits(self) -> int:
        """Bits of the marks of items, 0 in tables."""
        own = self._current()
        return own.moves.bits if isinstance(own, StateGraph) else 0

    def value(self) -> int:
        """Return the scaled bound of the present multipliers."""
        if self.point.value is None:
            raise OutOfRange
        return self.point.value

    def prune(self, most: int) -> Guide | None:
        """Fix completions, shrink the state graph; return a guide.

        By reduced costs, for schedules with ``TEL <= most``. None when there
        is no such schedule.
        """
        program = self._current()
        lam, nu = program.clamped(self.point.lam), self.point.nu
        if isinstance(program, StateGraph):
            guide = program.prune(lam, nu, most)
            self.allowed = program.allowed
        else:
            guide = Guide.of_tables(program, lam, nu)
            every = self.params.sampled_rounds
            cost = program.table[::every].astype(np.int64)
            for k, t in enumerate(range(0, self.rounds + 1, every)):
                cost[k] += guide.to_go.row(t, True)
            self.alive = float((cost + guide.constant <= most * SCALE).mean())
            self.allowed = program.allowed & guide.allowed(most)
            program.allowed = self.allowed
            if guide.value > most * SCALE:
                guide = None
        self._guide = guide
        return guide

    def certificate(
        self, instance: str, most_steps: int = MAX_STEPS
    ) -> BoundCertificate | None:
        """Return a certificate of the present multipliers, if of use.

        One evaluation, every completion allowed, on all states; its bound
        holds for all schedules. None when it would take more than
        ``most_steps`` states times rounds, or more than the checker can
        follow.

        Parameters
        ----------
        instance
            Hash of the instance.
        most_steps
            States times rounds.
        """
        own = self._current()
        if self.bits:
            # Such multipliers are for paths whose items are told apart.
            return None
        threshold, width = own.threshold, own.width
        count = count_states(self.groups.memory, threshold, MAX_STATES)
        steps = count * (self.rounds + 1)
        if count >= MAX_STATES or steps > min(MAX_STEPS, most_steps):
            return None
        if isinstance(own, StateGraph):
            full = RelaxationTables(
                self.groups, self.rounds, threshold, width, own.moves.states
            )
        else:
            full = own
        lam, nu = full.clamped(self.point.lam), self.point.nu
        allowed = full.allowed
        full.allowed = np.ones_like(allowed)
        try:
            value = full.evaluate(lam, nu)
        finally:
            full.allowed = allowed
        return full.certificate(instance, lam, nu, value)

    def _go_on(self, program: RelaxationTables | StateGraph) -> None:
        self.program = program
        self.paths = self._no_paths()

    def _no_paths(self) -> deque[IntArray]:
        return deque(maxlen=self.params.remembered_paths)

    def _first_step(self) -> float:
        least = max(self.point.step, self.params.least_finer_step)
        return min(least, self.params.finer_step)

    def _current(self) -> RelaxationTables | StateGraph:
        if self.program is None:
            raise OutOfRange
        return self.program
