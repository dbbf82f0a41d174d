"""The checker of schedules against a naive one, and against mutations."""

import copy
import random
from fractions import Fraction

import pytest

from kvopt.check import check_schedule, verify
from kvopt.model import InputError, Instance, Schedule


def naive_usage(instance, runs):
    """Return the memory held in every round from 0, added one by one."""
    n = len(instance["requests"])
    usage = [0] * (max((run["stop"] for run in runs), default=0) + 2)
    for run in runs:
        if run["request"] >= n:
            continue
        prompt = instance["requests"][run["request"]]["prompt"]
        for t in range(run["start"] + 1, run["stop"] + 1):
            usage[t] += prompt + t - run["start"]
    return usage


def naive_memory(instance, runs):
    """Return the peak, and (first, last, worst over) of each interval."""
    usage = naive_usage(instance, runs)
    intervals = []
    for t, used in enumerate(usage):
        over = used - instance["memory"]
        if over <= 0:
            continue
        if intervals and intervals[-1][1] == t - 1:
            first, _, worst = intervals[-1]
            intervals[-1] = (first, t, max(worst, over))
        else:
            intervals.append((t, t, over))
    return max(usage), intervals


def naive_kinds(instance, runs):
    """Return the (kind, request) pairs of all other violations."""
    found = set()
    n = len(instance["requests"])
    for run in runs:
        if run["request"] >= n:
            found.add(("unknown-request", run["request"]))
    for i, row in enumerate(instance["requests"]):
        own = [run for run in runs if run["request"] == i]
        done = [run for run in own if run["completed"]]
        if not done:
            found.add(("not-completed", i))
        if len(done) > 1:
            found.add(("completed-again", i))
        for k, run in enumerate(own):
            length = run["stop"] - run["start"]
            if run["start"] < row["arrival"]:
                found.add(("early-start", i))
            if run["completed"] and length != row["output"]:
                found.add(("wrong-length", i))
            if not run["completed"] and not 0 < length < row["output"]:
                found.add(("cancelled-length", i))
            rounds = set(range(run["start"] + 1, run["stop"] + 1))
            for other in own[:k]:
                if rounds & set(range(other["start"] + 1, other["stop"] + 1)):
                    found.add(("overlap", i))
            for other in done:
                late = run["start"] >= other["stop"]
                if late and not run["completed"]:
                    found.add(("after-completion", i))
    return found


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5])
def test_findings_equal_those_of_the_naive_checker(
    noise, random_instance, random_runs, schedule_of
):
    """Every violation, the peak and the latency are those of re-adding."""
    rng = random.Random(round(10 * noise))
    accepted = 0
    for _ in range(1500):
        memory = rng.randint(3, 14)
        instance = random_instance(rng, rng.randint(1, 6), memory, 6)
        schedule = schedule_of(instance, random_runs(rng, instance, noise))
        runs = schedule["runs"]
        verdict = check_schedule(instance, schedule)
        peak, intervals = naive_memory(instance, runs)
        others = naive_kinds(instance, runs)
        assert verdict.peak_memory == peak
        assert intervals == [
            (*v.rounds, v.amount)
            for v in verdict.violations
            if v.kind == "memory"
        ]
        assert others == {
            (v.kind, v.request)
            for v in verdict.violations
            if v.kind != "memory"
        }
        assert verdict.ok is (not intervals and not others)
        usage = naive_usage(instance, runs)
        for v in verdict.violations:
            if v.kind == "memory":
                assert usage[v.round] - memory == v.amount
        refused = {kind for kind, _ in others} & {
            "unknown-request",
            "not-completed",
            "completed-again",
            "wrong-length",
            "early-start",
        }
        if refused:
            assert verdict.total_latency is verdict.mean_latency is None
        else:
            done = {r["request"]: r["stop"] for r in runs if r["completed"]}
            latency = sum(
                done[i] - row["arrival"]
                for i, row in enumerate(instance["requests"])
            )
            assert verdict.total_latency == latency
            assert verdict.mean_latency == Fraction(latency, len(done))
        accepted += verdict.ok
    assert accepted > 0 or noise == 0.5


# s=1, M=6, o=(2,2,3,3) with the optimal starts 0,2,0,3, and one cancelled
# run that fits.
REQUESTS = ((0, 1, 2), (0, 1, 2), (0, 1, 3), (2, 1, 3))
RUNS = (
    (0, 0, 2, True),
    (1, 2, 4, True),
    (2, 0, 3, True),
    (3, 3, 4, False),
    (3, 4, 7, True),
)


def _set(index, **changes):
    def mutate(instance, schedule):
        schedule["runs"][index].update(changes)

    return mutate


def _drop(index):
    def mutate(instance, schedule):
        del schedule["runs"][index]

    return mutate


def _add(request, start, stop, completed):
    def mutate(instance, schedule):
        run = {"request": request, "start": start, "stop": stop}
        schedule["runs"].append({**run, "completed": completed})

    return mutate


MUTATIONS = {
    "start shifted too early": (
        _set(4, start=1, stop=4),
        {"early-start", "overlap"},
    ),
    "start shifted into full memory": (_set(1, start=1, stop=3), {"memory"}),
    "run dropped": (_drop(0), {"not-completed"}),
    "run duplicated later": (_add(0, 8, 10, True), {"completed-again"}),
    "run duplicated in place": (
        _add(0, 0, 2, True),
        {"completed-again", "overlap", "memory"},
    ),
    "stopped a round early": (_set(4, stop=6), {"wrong-length"}),
    "stopped a round late": (_set(4, stop=8), {"wrong-length"}),
    "stopped before it started": (_set(4, stop=3), {"wrong-length"}),
    "said to be cancelled": (
        _set(4, completed=False),
        {"cancelled-length", "not-completed"},
    ),
    "said to be completed": (
        _set(3, completed=True),
        {"wrong-length", "completed-again"},
    ),
    "cancelled at full length": (_add(2, 4, 7, False), {"cancelled-length"}),
    "cancelled at once": (_set(3, stop=3), {"cancelled-length"}),
    "cancelled after completion": (
        _add(0, 8, 9, False),
        {"after-completion"},
    ),
    "cancelled run overlaps": (_set(3, start=4, stop=5), {"overlap"}),
    "request renamed": (
        _set(0, request=1),
        {"not-completed", "completed-again"},
    ),
    "request unknown": (
        _set(0, request=4),
        {"not-completed", "unknown-request"},
    ),
}


@pytest.fixture
def pair(instance_of, schedule_of):
    """Return a feasible pair of documents, safe to change."""
    instance = instance_of(6, REQUESTS)
    return instance, schedule_of(instance, RUNS)


def test_the_unchanged_schedule_is_feasible(pair):
    """The schedule that the mutations start from has no violation."""
    verdict = check_schedule(*pair)
    assert verdict.ok, verdict
    assert verdict.total_latency == 2 + 4 + 3 + 5
    assert (verdict.makespan, verdict.peak_memory) == (7, 6)


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_is_rejected(name, pair):
    """Each kind of mutation is found, under the right names."""
    instance, schedule = pair
    mutate, kinds = MUTATIONS[name]
    mutate(instance, schedule)
    verdict = check_schedule(instance, schedule)
    assert not verdict.ok
    found = {v.kind for v in verdict.violations}
    assert kinds <= found
    assert found <= kinds | {"memory", "after-completion"}
    for violation in verdict.violations:
        assert violation.message in verdict.lines()


def test_lower_memory_is_rejected(pair, schedule_of):
    """With a unit less of memory the same runs are too much somewhere."""
    instance = {**pair[0], "memory": 5}
    verdict = check_schedule(instance, schedule_of(instance, RUNS))
    assert {v.kind for v in verdict.violations} == {"memory"}
    assert verdict.total_latency == 14


@pytest.mark.parametrize("field", ["arrival", "prompt", "output", "memory"])
def test_changed_instance_is_refused(field, pair):
    """A schedule is bad input once a number of its instance has changed."""
    instance, schedule = copy.deepcopy(pair)
    if field == "memory":
        instance["memory"] += 1
    else:
        instance["requests"][3][field] += 1
    with pytest.raises(InputError, match="another instance"):
        check_schedule(instance, schedule)


def test_changed_hash_is_refused(pair):
    """A schedule is bad input once a digit of its hash has changed."""
    instance, schedule = pair
    stated = schedule["instance"]
    schedule["instance"] = stated[:-1] + ("0" if stated[-1] != "0" else "1")
    with pytest.raises(InputError, match="instance = 'sha256:"):
        check_schedule(instance, schedule)


def test_latency_is_refused_without_a_completed_run(pair):
    """No mean latency is given once a single request is not completed."""
    instance, schedule = pair
    del schedule["runs"][4]
    verdict = check_schedule(instance, schedule)
    assert verdict.mean_latency is None
    assert verdict.document()["mean_latency"] is None
    assert "latency refused" in str(verdict)


def test_empty_schedule(instance_of, schedule_of):
    """Without runs every request is reported, and nothing is held."""
    instance = instance_of(6, REQUESTS)
    verdict = check_schedule(instance, schedule_of(instance, []))
    assert [v.request for v in verdict.violations] == [0, 1, 2, 3]
    assert (verdict.makespan, verdict.peak_memory) == (0, 0)


def test_long_makespan_is_swept_by_events(instance_of, schedule_of):
    """Runs of a billion rounds give their exact interval of violation."""
    size = 10**9
    requests = [(0, 0, size), (0, 0, size), (10**12, 0, 1)]
    instance = instance_of(size, requests)
    runs = [(0, 0, size, True), (1, 7, size + 7, True)]
    runs.append((2, 10**12, 10**12 + 1, True))
    verdict = check_schedule(instance, schedule_of(instance, runs))
    (violation,) = verdict.violations
    # 2t - 7 > 10^9 from t = 500000004 on, until the first one completes.
    assert violation.rounds == (500_000_004, size)
    assert (violation.round, violation.amount) == (size, size - 7)
    assert verdict.makespan == 10**12 + 1


def test_objects_and_documents_are_judged_alike(pair):
    """``verify`` takes kvopt's objects as well as documents."""
    triples = [tuple(row.values()) for row in pair[0]["requests"]]
    instance = Instance.of(6, triples)
    schedule = Schedule(RUNS)
    verdict = verify(instance, schedule)
    assert verdict == verify(*pair) == verify(instance, pair[1])
    assert verdict.total_latency == schedule.total_latency(instance)
