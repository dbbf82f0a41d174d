"""The state-space relaxation against brute force and plain evaluation."""

from __future__ import annotations

from bisect import insort

import numpy as np
import pytest

from kvopt.exact import solve
from kvopt.exact.relaxation.ascent import (
    Point,
    ascend,
    carried,
    first_multipliers,
)
from kvopt.exact.relaxation.groups import Groups
from kvopt.exact.relaxation.states import States, count_states
from kvopt.exact.relaxation.tables import SCALE, OutOfRange, RelaxationTables
from kvopt.exact.search.dual import Dual
from kvopt.exact.search.guide import Guide
from kvopt.exact.search.labels import Ended, LabelQuota, Labels
from kvopt.model import Instance, SearchParams


def draw(rng: np.random.Generator) -> Instance:
    """Draw n <= 6, M <= 12, arrivals in 60%, prompts of 0 in a fifth."""
    memory = int(rng.integers(4, 13))
    n = int(rng.integers(1, 7))
    low = 0 if rng.random() < 0.2 else 1
    prompt = rng.integers(low, min(6, memory), n)
    output = rng.integers(1, memory - prompt, endpoint=True)
    if rng.random() < 0.5:
        output = np.minimum(output, 5)
    arrival = rng.integers(0, 6, n) * int(rng.random() < 0.6)
    return Instance(memory, np.sort(arrival), prompt, output)


def optimum(instance: Instance) -> tuple[int, np.ndarray]:
    """Return the optimal total latency and start rounds, by brute force."""
    result = solve(instance, "brute-force")
    assert result.objective == result.lower_bound
    return result.objective, result.schedule.starts(instance)


def random_multipliers(relaxation, rng):
    """Return clamped multipliers and prices of any sign."""
    groups = relaxation.groups
    lam = rng.random(len(groups)) * rng.choice([5, 20]) * SCALE
    shape = (relaxation.buckets, relaxation.columns)
    nu = np.rint((rng.random(shape) - 0.5) * rng.choice([2, 10]) * SCALE)
    return relaxation.clamped(lam), nu.astype(np.int64)


def relaxations(instance: Instance, extra: int = 2):
    """Yield the relaxation at every threshold, with several widths."""
    groups = Groups(instance)
    rounds = int(instance.arrival.max() + instance.output.sum()) + extra
    lowest, highest = int(groups.prompt.min()), int(groups.prompt.max())
    for threshold in range(lowest, min(highest + 1, instance.memory - 1) + 1):
        for width in (1, 4):
            yield RelaxationTables(groups, rounds, threshold, width)


def check_bounds(instance: Instance, rng: np.random.Generator) -> int:
    """Check every bound of an instance against its optimum; count them."""
    best, starts = optimum(instance)
    completion = starts + instance.output
    checked = 0
    for relaxation in relaxations(instance):
        groups = relaxation.groups
        for _ in range(2):
            lam, nu = random_multipliers(relaxation, rng)
            pruned = relaxation.gradient(lam, nu).value
            whole = relaxation.evaluate(lam, nu, prune=False)
            _, further = relaxation.costs_to_go()
            assert pruned == whole, instance.document()
            assert further[-1, 0] + relaxation.constant(lam) == whole
            assert whole <= best * SCALE, instance.document()
            checked += 1
            reduced = relaxation.reduced_costs(further)
            for g, members in enumerate(groups.members):
                for i in members:
                    least = reduced[g, completion[i]]
                    least += relaxation.constant(lam)
                    assert least <= best * SCALE, instance.document()
                    checked += 1
        nu = np.zeros((relaxation.buckets, relaxation.columns), np.int64)
        point = Point(first_multipliers(groups, completion, 1.15), nu, 0.3)
        ascend(relaxation, point, best + 1, 15, SearchParams())
        assert point.value is not None
        assert point.value <= best * SCALE, instance.document()
        checked += 1
    return checked


def test_states_are_all_multisets():
    """States are the multisets of large usages, counted beforehand."""
    for memory, threshold in ((1, 0), (7, 0), (12, 1), (12, 5), (9, 8)):
        states = States(memory, threshold)
        assert len(states) == count_states(memory, threshold, 10**9)
        seen = set()
        for items, size in zip(states.items, states.size, strict=True):
            usages = [int(states.usage[j]) for j in items[:size]]
            assert sum(usages) <= memory
            assert usages == sorted(usages)
            seen.add(tuple(usages))
        assert len(seen) == len(states)
        assert states.size[0] == 0


def test_huge_state_spaces_are_counted_not_built():
    """Counting stops where a part would not fit into a byte."""
    assert count_states(16492, 1, 1000) == 1000
    assert count_states(200, 1, 10**6) == 10**6


def test_bounds_hold_on_tiny_instances():
    """At every threshold and width, bounds and reduced costs are valid."""
    rng = np.random.default_rng(1)
    checked = sum(check_bounds(draw(rng), rng) for _ in range(60))
    assert checked > 1000


@pytest.mark.long
def test_bounds_hold_on_five_thousand_instances():
    """The same on 5,000 instances."""
    rng = np.random.default_rng(2)
    checked = sum(check_bounds(draw(rng), rng) for _ in range(5000))
    print(f"{checked} bounds and reduced costs")
    assert checked > 50_000


def test_finer_relaxations_are_nested():
    """Prices carried to a finer relaxation never lower the bound."""
    rng = np.random.default_rng(3)
    raised = 0
    for _ in range(40):
        instance = draw(rng)
        levels = list(relaxations(instance))
        for coarse in levels:
            lam, nu = random_multipliers(coarse, rng)
            value = coarse.evaluate(lam, nu)
            for fine in levels:
                if fine.width > 1 or fine.threshold > coarse.threshold:
                    continue
                better = fine.evaluate(*carried(lam, nu, coarse, fine))
                assert better >= value, instance.document()
                raised += better > value
    assert raised > 50


def test_gradient_supports_the_bound():
    """The value at any other point is below the supporting plane."""
    rng = np.random.default_rng(4)
    for _ in range(30):
        for relaxation in relaxations(draw(rng)):
            lam, nu = random_multipliers(relaxation, rng)
            value, slope, price, path = relaxation.gradient(lam, nu)
            used = np.bincount(path[:, 0], minlength=len(slope))
            missing = relaxation.groups.count - used
            assert (slope == np.where(relaxation.seen, missing, 0)).all()
            other, prices = random_multipliers(relaxation, rng)
            plane = value + int((slope * (other - lam)).sum())
            plane += int((price * (prices - nu)).sum())
            assert relaxation.evaluate(other, prices) <= plane


def test_short_horizons_need_clamped_multipliers():
    """Clamped, the bound holds for makespans beyond the horizon too."""
    rng = np.random.default_rng(5)
    broken = 0
    for _ in range(60):
        instance = draw(rng)
        best, _ = optimum(instance)
        groups = Groups(instance)
        rounds = int((groups.arrival + groups.output).max())
        relaxation = RelaxationTables(groups, rounds, int(groups.prompt.min()))
        lam = np.full(len(groups), 40 * SCALE)
        nu = np.zeros((relaxation.buckets, relaxation.columns), np.int64)
        held = relaxation.evaluate(relaxation.clamped(lam), nu)
        assert held <= best * SCALE, instance.document()
        broken += relaxation.evaluate(lam, nu) > best * SCALE
    assert broken > 10, "without the condition nothing broke: vacuous"


def test_overflow_is_refused():
    """Multipliers beyond 32 bits raise instead of wrapping around."""
    instance = Instance.of(6, [(0, 1, o) for o in (2, 2, 3, 3)])
    relaxation = RelaxationTables(Groups(instance), 12, 1)
    nu = np.full((relaxation.buckets, relaxation.columns), 1 << 40)
    with pytest.raises(OutOfRange):
        relaxation.evaluate(np.zeros(2, np.int64), nu)


def plain_bound(instance: Instance, data) -> int:
    """Evaluate a certificate by the definition, with dictionaries."""
    h, rounds, scale = data["threshold"], data["horizon"], data["scale"]
    width, lam = data["width"], data["multipliers"]
    nu = {(b, c): price for b, c, price in data["prices"]}
    rows = list(instance)
    seen = [i for i, r in enumerate(rows) if r.prompt + r.output > h]
    for i in seen:
        assert lam[i] <= scale * (rounds + 1 - rows[i].arrival)
    constant = sum(lam[i] for i in seen) + scale * sum(
        r.output for r in rows if r.prompt + r.output <= h
    )
    prompts = {h, *(max(rows[i].prompt, h) for i in seen)}
    cost = {(): 0}
    for t in range(rounds, 0, -1):
        adds: dict[int, int] = {}
        for i in seen:
            a, s, o = rows[i]
            if t >= a + o:
                e = max(s, h)
                began = (t - (s + o - e)) // width
                w = scale * (t - a) - lam[i] + nu.get((began, e), 0)
                adds[s + o] = min(w, adds.get(s + o, w))
        todo = sorted(cost, key=sum)
        while todo:
            state = todo.pop(0)
            for usage, w in adds.items():
                if sum(state) + usage <= instance.memory:
                    more = tuple(sorted((*state, usage)))
                    if more not in cost:
                        insort(todo, more, key=sum)
                        cost[more] = cost[state] + w
                    cost[more] = min(cost[more], cost[state] + w)
        todo = sorted(cost, key=sum, reverse=True)
        while todo:
            state = todo.pop(0)
            for c in prompts:
                if c + 1 in state:
                    rest = list(state)
                    rest.remove(c + 1)
                    w = cost[state] - nu.get(((t - 1) // width, c), 0)
                    less = tuple(rest)
                    if less not in cost:
                        insort(todo, less, key=lambda x: -sum(x))
                        cost[less] = w
                    cost[less] = min(cost[less], w)
        cost = {
            tuple(u - 1 for u in state): w
            for state, w in cost.items()
            if not state or state[0] > h + 1
        }
    return -(-(constant + cost[()]) // scale)


def test_certificates_state_what_the_definition_gives():
    """A plain evaluation of a certificate gives its value exactly."""
    rng = np.random.default_rng(6)
    for _ in range(40):
        instance = draw(rng)
        best, starts = optimum(instance)
        groups = Groups(instance)
        rounds = int(instance.arrival.max() + instance.output.sum())
        dual = Dual(groups, rounds, starts + instance.output, SearchParams())
        lowest = int(groups.prompt.min())
        for threshold in (min(lowest + 2, instance.memory - 1), lowest):
            dual.enter(threshold, 1)
            dual.ascend(best, 10, lambda: None)
            dual.prune(best + 1)  # fixing must not get into it
            certificate = dual.certificate(instance.hash)
            assert certificate is not None
            assert certificate.value <= best
            assert certificate.value == plain_bound(instance, certificate.data)


def check_labels(instance: Instance, rng: np.random.Generator) -> int:
    """Check label searches with limits around the optimum; count them."""
    best, starts = optimum(instance)
    groups = Groups(instance)
    labels = Labels(groups, SearchParams())
    checked = 0
    for relaxation in relaxations(instance):
        if rng.random() < 0.5:
            lam, nu = random_multipliers(relaxation, rng)
        else:
            zero = np.zeros((relaxation.buckets, relaxation.columns), np.int64)
            first = first_multipliers(groups, starts + instance.output, 1.15)
            point = Point(first, zero, 0.3)
            ascend(relaxation, point, best + 1, 15, SearchParams())
            lam, nu = point.lam, point.nu
        guide = Guide.of_tables(relaxation, lam, nu)
        for limit in (best - 2, best - 1, best, best + 1, best + 3):
            complete = bool(rng.random() < 0.5)
            found = labels.run(
                guide,
                limit,
                LabelQuota(10**7, 10**6),
                complete_horizon=complete,
            )
            checked += 1
            assert found.ended in (Ended.COMPLETE, Ended.HORIZON)
            if limit < best:
                assert found.latency is None, instance.document()
                continue
            assert found.latency == best, instance.document()
            assert found.starts is not None
            rows = found.starts + instance.output - instance.arrival
            assert int(rows.sum()) == best
    return checked


def test_labels_find_the_optimum_exactly_when_the_limit_allows():
    """Nothing is found below the optimum, and the optimum from it on."""
    rng = np.random.default_rng(7)
    checked = sum(check_labels(draw(rng), rng) for _ in range(60))
    assert checked > 1000


@pytest.mark.long
def test_labels_on_two_thousand_instances():
    """The same on 2,000 instances."""
    rng = np.random.default_rng(8)
    checked = sum(check_labels(draw(rng), rng) for _ in range(2000))
    print(f"{checked} label searches")


def check_windows(instance: Instance, rng: np.random.Generator) -> int:
    """Refine with fixing from a limit at or above the optimum."""
    best, starts = optimum(instance)
    completion = starts + instance.output
    above = best + int(rng.integers(0, 4))
    groups = Groups(instance)
    rounds = int(instance.arrival.max() + instance.output.sum()) + 1
    dual = Dual(groups, rounds, completion, SearchParams())
    lowest = int(groups.prompt.min())
    highest = min(lowest + 2, instance.memory - 1)
    checked = 0
    for threshold in range(highest, lowest - 1, -1):
        for _ in range(2):
            dual.enter(threshold, 1)
            dual.ascend(above, 12, lambda: None)
            value = dual.value()
            assert min(-(-value // SCALE), above) <= best, instance.document()
            guide = dual.prune(above - 1)
            if guide is None:
                assert best >= above
                return checked
            assert min(-(-guide.value // SCALE), above) <= best
            checked += 2
            if best < above:
                assert dual.allowed is not None
                for g, members in enumerate(groups.members):
                    assert dual.allowed[g, completion[members]].all()
                    checked += 1
    return checked


def test_windows_keep_optimal_schedules():
    """Windows below a limit keep what is below it, and bounds stay valid."""
    rng = np.random.default_rng(9)
    checked = sum(check_windows(draw(rng), rng) for _ in range(80))
    assert checked > 600


@pytest.mark.long
def test_windows_on_five_thousand_instances():
    """The same on 5,000 instances."""
    rng = np.random.default_rng(10)
    checked = sum(check_windows(draw(rng), rng) for _ in range(5000))
    print(f"{checked} bounds with fixing and what is fixed")
