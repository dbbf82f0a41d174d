"""State graphs against brute force: bounds, fixing, and what they keep."""

from __future__ import annotations

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.exact.relaxation.ascent import (
    Point,
    ascend,
    carried,
    first_multipliers,
)
from kvopt.exact.relaxation.costs import SCALE
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import States
from kvopt.exact.relaxation.tables import RelaxationTables
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Ended, LabelQuota, Labels
from kvopt.exact.search.state_graph import (
    ArcLimit,
    Coarser,
    GraphTooLarge,
    Moves,
    StateGraph,
    expand,
    most_bits,
    pending_ends,
)
from kvopt.model import Instance, SearchParams
from tests.exact.test_relaxation import draw, optimum, random_multipliers


def started(instance, rng, completion, best):
    """Return a relaxation of some threshold, and multipliers for it."""
    groups = Groups(instance)
    rounds = int(instance.arrival.max() + instance.output.sum()) + 2
    lowest = int(groups.prompt.min())
    highest = min(int(groups.prompt.max()), instance.memory - 1)
    threshold = int(rng.integers(lowest, highest, endpoint=True))
    tables = RelaxationTables(groups, rounds, threshold)
    if rng.random() < 0.5:
        return tables, Point(*random_multipliers(tables, rng), 0.3)
    nu = np.zeros((tables.buckets, tables.columns), np.int64)
    point = Point(first_multipliers(groups, completion, 1.15), nu, 0.3)
    ascend(tables, point, best + 1, 10, SearchParams())
    return tables, point


def guided(instance, rng):
    """Return optimum, tables, multipliers; costs to go and pending ends."""
    best, starts = optimum(instance)
    tables, point = started(instance, rng, starts + instance.output, best)
    lam, nu = tables.clamped(point.lam), point.nu
    guide = Guide.of_tables(tables, lam, nu)
    pending = pending_ends(tables, nu, tables.threshold)
    return best, tables, lam, nu, (guide.to_go, pending)


def moved(graph, point, best, rng):
    """Return other multipliers with their value: better ones, or random."""
    if rng.random() < 0.5:
        ascend(graph, point, best + 1, 10, SearchParams())
        return point
    lam = point.lam + rng.normal(0, SCALE, point.lam.size)
    nu = point.nu + rng.normal(0, 0.3 * SCALE, point.nu.shape)
    other = Point(graph.clamped(lam), np.rint(nu).astype(np.int64), 0.3)
    other.value = graph.evaluate(other.lam, other.nu)
    return other


def check_networks(instance, rng) -> int:
    """Refine a random chain of state graphs; return the number of checks.

    Items have marks of some bits. At each: values bound the optimum, no
    completion of an optimal schedule is lost, pruning does not change the
    value at its own multipliers, and labels guided by the state graph find the
    optimum exactly.
    """
    best, starts = optimum(instance)
    completion = starts + instance.output
    most = best + int(rng.integers(0, 4))
    old, point = started(instance, rng, completion, best)
    groups, rounds = old.groups, old.rounds
    lam = old.clamped(point.lam)
    point = Point(lam, point.nu, 0.3)
    guide = Guide.of_tables(old, lam, point.nu)
    allowed = old.allowed & guide.allowed(most)
    labels = Labels(groups, SearchParams())
    threshold = old.threshold
    checked = 0
    for step in range(4):
        if step:
            lowest = int(groups.prompt.min())
            threshold = int(rng.integers(lowest, threshold, endpoint=True))
        states = States(instance.memory, threshold)
        most_marks = most_bits(groups, threshold)
        bits = int(rng.integers(0, most_marks, endpoint=True))
        new = StateGraph(groups, rounds, Moves(groups, states, bits))
        new.allowed = allowed.copy()
        lam, nu = point.lam, point.nu
        if threshold != old.threshold:
            lam, nu = carried(lam, nu, old, new)
        pending = pending_ends(old, point.nu, threshold)
        coarser = Coarser(guide.to_go, pending)
        assert expand(new, lam, nu, coarser, most, ArcLimit(10**6, 1.1, 0.05))
        point = Point(lam, nu, 0.3)
        point.value = new.evaluate(lam, nu)
        assert point.value <= best * SCALE, instance.document()
        for _ in range(2):
            point = moved(new, point, best, rng)
            assert point.value <= best * SCALE, instance.document()
            guide = new.prune(point.lam, point.nu, most)
            assert guide is not None
            assert guide.value == new.evaluate(point.lam, point.nu)
            for g, members in enumerate(groups.members):
                done = completion[members]
                assert new.allowed[g, done].all(), instance.document()
                assert (guide.reduced[g, done] <= best * SCALE).all()
                checked += 2
        for limit in (best - 1, most):
            found = labels.run(guide, limit, LabelQuota(10**7, 10**6))
            assert found.ended in (Ended.COMPLETE, Ended.HORIZON)
            expected = best if limit >= best else None
            assert found.latency == expected, instance.document()
            checked += 1
        old, allowed = new, new.allowed
    return checked


def test_state_graphs_keep_every_schedule_within_the_limit():
    """Chains of thresholds, prunings and multipliers on 150 instances."""
    rng = np.random.default_rng(31)
    checked = sum(check_networks(draw(rng), rng) for _ in range(150))
    assert checked > 5000


@pytest.mark.long
def test_state_graphs_on_five_thousand_instances():
    """The same on 5,000 instances."""
    rng = np.random.default_rng(32)
    checked = sum(check_networks(draw(rng), rng) for _ in range(5000))
    print(f"{checked} bounds, completions and label searches")


def test_a_network_of_all_states_has_the_value_of_the_tables():
    """With a limit that prunes nothing the two programs are the same."""
    rng = np.random.default_rng(33)
    for _ in range(60):
        instance = draw(rng)
        _, tables, lam, nu, known = guided(instance, rng)
        moves = Moves(tables.groups, tables.states)
        graph = StateGraph(tables.groups, tables.rounds, moves)
        assert expand(
            graph,
            lam,
            nu,
            Coarser(*known),
            10**5,
            ArcLimit(10**6, 1.1, 0.05),
        )
        for _ in range(3):
            lam, nu = random_multipliers(tables, rng)
            whole, part = tables.gradient(lam, nu), graph.gradient(lam, nu)
            assert whole.value == part.value, instance.document()


def test_linked_items_end_as_what_they_were_added():
    """Prices cancel along a path, and the value is no lower."""
    rng = np.random.default_rng(36)
    higher = 0
    for _ in range(100):
        instance = draw(rng)
        best, tables, lam, nu, known = guided(instance, rng)
        graphs = []
        most = most_bits(tables.groups, tables.threshold)
        for bits in (0, most):
            moves = Moves(tables.groups, tables.states, bits)
            graph = StateGraph(tables.groups, tables.rounds, moves)
            assert expand(
                graph,
                lam,
                nu,
                Coarser(*known),
                10**5,
                ArcLimit(10**6, 1.1, 0.05),
            )
            graphs.append(graph)
        for _ in range(3):
            lam, nu = random_multipliers(tables, rng)
            free, linked = (n.gradient(lam, nu) for n in graphs)
            assert not linked.nu.any()
            assert free.value <= linked.value <= best * SCALE
            _, other = random_multipliers(tables, rng)
            assert graphs[1].evaluate(lam, other) == linked.value
            higher += linked.value > free.value
    assert higher > 50


def test_marks_fit_into_a_word():
    """However many bits are asked for, also where items are many."""
    groups = Groups(Instance.of(50, [(0, s, 5) for s in range(9)]))
    for threshold, bits in ((0, 1), (1, 2), (2, 3), (8, 0)):
        moves = Moves(groups, States(20, threshold), 5)
        assert moves.bits == bits == most_bits(groups, threshold)


def test_a_limit_below_the_bound_leaves_nothing():
    """Pruning says so, and a state graph has no more arcs than it may."""
    rng = np.random.default_rng(34)
    instance = draw(rng)
    best, tables, lam, nu, known = guided(instance, rng)
    value = tables.evaluate(lam, nu, prune=False)
    bound = -(-value // SCALE)
    moves = Moves(tables.groups, tables.states)
    graph = StateGraph(tables.groups, tables.rounds, moves)
    with pytest.raises(GraphTooLarge):
        expand(graph, lam, nu, Coarser(*known), best, ArcLimit(3, 1.1, 0.05))
    assert expand(
        graph, lam, nu, Coarser(*known), best, ArcLimit(10**6, 1.1, 0.05)
    )
    assert graph.prune(lam, nu, bound - 1) is None


def test_a_network_that_grows_too_fast_is_given_up_early():
    """Judged by where the coarser one had which share of its arcs."""
    rng = np.random.default_rng(36)
    instance = draw(rng)
    best, tables, lam, nu, known = guided(instance, rng)

    def fresh() -> StateGraph:
        moves = Moves(tables.groups, tables.states)
        return StateGraph(tables.groups, tables.rounds, moves)

    own = fresh()
    assert expand(
        own, lam, nu, Coarser(*known), best, ArcLimit(10**6, 1.1, 0.05)
    )
    progress = own.progress()
    assert progress.shape == (tables.rounds + 1,)
    assert (np.diff(progress) <= 0).all()
    assert progress[0] == 1
    assert progress[-1] * own.at[-1] == own.at[own.prices.shape[1]]
    room = own.at[-1] + 1
    # The same again is foretold exactly; with half of it, twice as many.
    coarser = Coarser(*known, progress=progress)
    assert expand(fresh(), lam, nu, coarser, best, ArcLimit(room, 1.1, 0.05))
    twice = Coarser(*known, progress=0.5 * progress)
    with pytest.raises(GraphTooLarge):
        expand(fresh(), lam, nu, twice, best, ArcLimit(room, 1.1, 0.05))


def test_no_arc_is_left_without_its_nodes():
    """Every arc that survives joins two nodes that do."""
    rng = np.random.default_rng(35)
    for _ in range(40):
        instance = draw(rng)
        best, tables, lam, nu, known = guided(instance, rng)
        moves = Moves(tables.groups, tables.states)
        graph = StateGraph(tables.groups, tables.rounds, moves)
        assert expand(
            graph, lam, nu, Coarser(*known), best, ArcLimit(10**6, 1.1, 0.05)
        )
        for _ in range(3):
            lam, nu = random_multipliers(tables, rng)
            assert graph.prune(lam, nu, best) is not None
            assert (graph.source >= 0).all()
            assert (graph.target > graph.source).all()


def test_thresholds_that_see_nobody():
    """Where no peak exceeds a threshold, the search ends with the rest."""
    sizes = [(0, 13, 4), (0, 34, 10), (0, 45, 6)]
    instance = Instance.of(300, sizes * 9)
    result = solve(instance, "search", 2.0, memory_limit=0.07)
    assert result.certificate.value <= result.lower_bound <= result.objective
