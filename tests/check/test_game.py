"""Games with anything in them changed, dropped or merged are rejected."""

import copy
import math
import random

import jsonschema
import pytest

from kvopt.adversary.games import (
    GameSettings,
    RandomisedSettings,
    RestartSettings,
    game_document,
    search_games,
)
from kvopt.check import budget as limits
from kvopt.check import check_game
from kvopt.check.budget import TooLarge
from kvopt.model import InputError, schema
from proofs_check.checker import RejectedError, check_document


@pytest.fixture(scope="module")
def game():
    """Return the document of 13/7 on seven requests."""
    rules = GameSettings(6, ((1, 1), (1, 5)), 7, 6, 4)
    result = search_games([rules])
    return game_document(result.game, result.ratio, "test")


def stops(document):
    """Return the nodes in which the adversary stops."""
    return [n for n in document["nodes"] if "offline" in n]


def moves(document):
    """Return the nodes in which it goes on."""
    return [n for n in document["nodes"] if "next" in n]


def drop_branch(document, rng):
    """Forget one answer of the policy."""
    node = rng.choice(moves(document))
    node["next"].remove(rng.choice(node["next"]))


def change_cost(document, rng):
    """Charge the policy one round more."""
    rng.choice(document["nodes"])["cost"] += 1


def merge_states(document, rng):
    """Lead two answers of the policy to the same node."""
    node = rng.choice([n for n in moves(document) if len(n["next"]) > 1])
    first, second = rng.sample(node["next"], 2)
    first[1] = second[1]


def merge_types(document, rng):
    """Take requests of the two types for interchangeable."""
    node = rng.choice(
        [n for n in document["nodes"] if len(set(n["waiting"])) > 1]
    )
    node["waiting"].reverse()


def add_stop(document, rng):
    """Add a stop that no play comes to."""
    document["nodes"].append(copy.deepcopy(rng.choice(stops(document))))


def change_release(document, rng):
    """Release one request more than the branches answer to."""
    rng.choice(moves(document))["release"][rng.randrange(2)] += 1


def change_history(document, rng):
    """Move a release that has happened to another round."""
    node = rng.choice([n for n in document["nodes"] if n["released"]])
    rng.choice(node["released"])[0] += 1


def lose_offline(document, rng):
    """Leave an offline run out."""
    rng.choice(stops(document))["offline"].pop()


def rush_offline(document, rng):
    """Start all offline runs at 0."""
    late = [n for n in stops(document) if any(s for s, _ in n["offline"])]
    for run in rng.choice(late)["offline"]:
        run[0] = 0


def raise_ratio(document, rng):
    """State more than was proved."""
    document["ratio"] = [document["ratio"][0] * 100 + 1, 700]


def loosen_usage(document, rng):
    """Let the running requests hold one unit more."""
    node = rng.choice([n for n in document["nodes"] if n["usage"]])
    node["usage"][rng.randrange(len(node["usage"]))] += 1


def shrink_requests(document, rng):
    """Allow fewer requests than are released."""
    document["requests"] -= 1


def shrink_horizon(document, rng):
    """Allow no release after the first rounds."""
    document["horizon"] = 0


def stop_at_once(document, rng):
    """Stop before anything is released."""
    document["nodes"] = [
        {
            "round": 0,
            "released": [],
            "waiting": [0, 0],
            "usage": [],
            "cost": 0,
            "offline": [],
        }
    ]


def shift_round(document, rng):
    """Let a node be of another round."""
    rng.choice(document["nodes"])["round"] += 1


# Those that change the strategy; the others change what is said about it,
# which the stand-alone checker does not read.
STRATEGY = [
    drop_branch,
    change_release,
    lose_offline,
    rush_offline,
    raise_ratio,
    shrink_requests,
    shrink_horizon,
    stop_at_once,
]
STATEMENT = [
    change_cost,
    merge_states,
    merge_types,
    add_stop,
    change_history,
    loosen_usage,
    shift_round,
]


def refused(document):
    """Return whether the checker refuses a document, either way."""
    try:
        return not check_game(document).ok
    except InputError:
        return True


def test_game_is_accepted(game):
    """What is corrupted below is accepted as it is, also by the schema."""
    assert check_game(game).ok
    check_document(game, {})
    jsonschema.Draft202012Validator(schema("game")).validate(game)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", STRATEGY + STATEMENT)
def test_corrupted_games_are_rejected(game, change, seed):
    """The checker rejects a game with any one thing made wrong."""
    document = copy.deepcopy(game)
    change(document, random.Random(seed))
    assert refused(document)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", STRATEGY)
def test_stand_alone_checker_rejects(game, change, seed):
    """The stand-alone checker rejects every corrupted strategy."""
    document = copy.deepcopy(game)
    change(document, random.Random(seed))
    with pytest.raises(RejectedError):
        check_document(document, {})


@pytest.mark.parametrize("seed", range(20))
def test_worse_offline_schedules_are_rejected(game, seed):
    """A stop whose offline schedule is too dear is rejected by both."""
    document = copy.deepcopy(game)
    rng = random.Random(seed)
    node = rng.choice(stops(document))
    for run in node["offline"]:
        run[0] += 20
    assert refused(document)
    with pytest.raises(RejectedError):
        check_document(document, {})


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("game",), "chess", "game"),
        (("memory",), 0, "memory"),
        (("types",), [], "types"),
        (("types", 0), [1, 0], "types[0]"),
        (("types", 0), [6, 1], "types[0]"),
        (("ratio",), [26, 14], "ratio"),
        (("ratio",), [1, 2], "ratio"),
        (("nodes",), [], "nodes"),
        (("nodes", 0, "cost"), 1.5, "nodes[0].cost"),
        (("nodes", 0, "next", 0, 1), 0, "nodes[0].next"),
        (("nodes", 0, "release"), [1], "nodes[0].release"),
        (("nodes", 1), {}, "nodes[1].round"),
        (("horizon",), True, "horizon"),
    ],
)
def test_malformed_games_are_refused(game, path, value, field):
    """A malformed game is refused with the field at fault."""
    document = copy.deepcopy(game)
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(InputError) as caught:
        check_game(document)
    assert caught.value.field == field


HEAD = {"format": "kvopt-game/1", "ratio": [2, 1]}
MANY = [[s, 1] for s in range(12)]
BILLION = 10**9


def at(number, **fields):
    """Return a node of a clairvoyant game with one type."""
    start = {"round": 0, "released": [], "waiting": [0], "usage": []}
    return {**start, "cost": 0, **fields}


HOSTILE = {
    # A release of 144 requests that may be started in any numbers.
    "many answers": {
        "game": "clairvoyant",
        "memory": 1000,
        "types": MANY,
        "requests": 64,
        "horizon": 0,
        "nodes": [
            at(0, waiting=[0] * 12, release=[12] * 12, next=[]),
        ],
    },
    # The same, to be played to its end.
    "many completions": {
        "game": "randomised",
        "memory": 40,
        "types": MANY,
        "instances": [
            {
                "weight": 1,
                "released": [[0, [6] * 12]],
                "offline": [[k, k // 6] for k in range(72)],
            }
        ],
    },
    # Positions that differ in long lists: memory, not time.
    "long usage": {
        "game": "randomised",
        "memory": 1000,
        "types": [[0, 500], [1, 499], [0, 1]],
        "instances": [
            {
                "weight": 1,
                "released": [[0, [9, 9, 99]]],
                "offline": [
                    *([500 * k, 0] for k in range(9)),
                    *([4500 + 500 * k, 1] for k in range(9)),
                    *([9000 + k, 2] for k in range(99)),
                ],
            }
        ],
    },
    # Ten requests that may each be kept, cancelled or started again.
    "many moves": {
        "game": "restarts",
        "memory": 1000,
        "prompt": 0,
        "lengths": [1, 50],
        "requests": 10,
        "nodes": [
            {
                "finished": [0, 0],
                "running": [[k + 2, k + 2] for k in range(10)],
                "waiting": [],
                "cost": 0,
                "next": [],
            }
        ],
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_play_that_takes_too_much_is_refused(monkeypatch, name):
    """A file of some kilobytes ends in one line that names the budget."""
    monkeypatch.setattr(limits, "_STEPS", 100_000)
    monkeypatch.setattr(limits, "_BYTES", 200_000)
    for factor in (1, 2):
        with pytest.raises(TooLarge) as caught:
            check_game({**HEAD, **HOSTILE[name]}, factor)
        message = str(caught.value)
        assert f"the budget of {factor}: the play of the game" in message
        assert f"a budget of {2 * factor} allows twice that" in message
        assert "\n" not in message


def test_a_budget_that_suffices_changes_nothing(game, monkeypatch):
    """What is refused with a small budget is accepted with a greater one."""
    monkeypatch.setattr(limits, "_STEPS", 1000)
    with pytest.raises(TooLarge):
        check_game(game)
    assert check_game(game, 1000).ok


@pytest.mark.parametrize("count", [BILLION, 0])
def test_releases_without_end_are_counted_not_listed(count):
    """A stop after a billion releases is rejected at once."""
    stop = at(0, released=[[0, [count]]], offline=[[0, 0]])
    verdict = check_game(
        {
            **HEAD,
            "game": "clairvoyant",
            "memory": 10,
            "types": [[1, 1]],
            "requests": 64,
            "horizon": 0,
            "nodes": [stop],
        }
    )
    assert "its offline schedule has 1 runs" in "".join(verdict.problems)


@pytest.mark.parametrize("budget", [0, True, 1.0])
def test_a_budget_that_is_none_is_refused(game, budget):
    """The budget is an integer, at least 1."""
    with pytest.raises(InputError, match="budget"):
        check_game(game, budget)


@pytest.fixture(scope="module")
def restarts():
    """Return the document of a game of unknown lengths."""
    result = search_games([RestartSettings(5, 1, (2, 3), 3)])
    return game_document(result.game, result.ratio, "test")


def change_reply(document, rng):
    """Let one request end, or go on, although the file says otherwise."""
    node = rng.choice([n for n in document["nodes"] if n["running"]])
    age, _ = node["running"].pop()
    kind = document["lengths"].index(max(age, document["lengths"][0]))
    node["finished"][kind] += 1


def forget_floor(document, rng):
    """Forget that a request is known to exceed a length."""
    some = [n for n in document["nodes"] if any(n["waiting"])]
    rng.choice(some)["waiting"][-1] = 0


def shorten_output(document, rng):
    """Give a running request a length that it has already exceeded."""
    some = [n for n in stops(document) if any(a for a, _ in n["running"])]
    node = rng.choice(some)
    k = next(k for k, (a, _) in enumerate(node["running"]) if a)
    node["outputs"][k] = node["running"][k][0]


def lead_elsewhere(document, rng):
    """Lead a branch to a node that is no reply to it."""
    node = rng.choice(moves(document))
    branch = rng.choice(node["next"])
    others = {n[-1] for n in node["next"]} - {branch[-1]}
    branch[-1] = max(others | {len(document["nodes"]) - 1})


RESTART_STRATEGY = [drop_branch, lose_offline, raise_ratio, shorten_output]
RESTART_STATEMENT = [
    change_cost,
    add_stop,
    shrink_requests,
    change_reply,
    forget_floor,
    lead_elsewhere,
]


def test_game_with_restarts_is_accepted(restarts):
    """What is corrupted below is accepted as it is, also by the schema."""
    assert check_game(restarts).ok
    check_document(restarts, {})
    jsonschema.Draft202012Validator(schema("game")).validate(restarts)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", RESTART_STRATEGY + RESTART_STATEMENT)
def test_corrupted_games_with_restarts_are_rejected(restarts, change, seed):
    """The checker rejects a game with any one thing made wrong."""
    document = copy.deepcopy(restarts)
    change(document, random.Random(seed))
    assert refused(document)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", RESTART_STRATEGY)
def test_stand_alone_checker_rejects_restarts(restarts, change, seed):
    """The stand-alone checker rejects every corrupted strategy."""
    document = copy.deepcopy(restarts)
    change(document, random.Random(seed))
    with pytest.raises(RejectedError):
        check_document(document, {})


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("lengths",), [3, 2], "lengths"),
        (("lengths",), [2, 5], "lengths"),
        (("prompt",), -1, "prompt"),
        (("nodes", 0, "waiting"), [0], "nodes[0]"),
        (("nodes", 0, "next", 0), [[], []], "nodes[0].next"),
        (("nodes", 0, "finished"), [0], "nodes[0].finished"),
    ],
)
def test_malformed_games_with_restarts(restarts, path, value, field):
    """A malformed game is refused with the field at fault."""
    document = copy.deepcopy(restarts)
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(InputError) as caught:
        check_game(document)
    assert caught.value.field == field


@pytest.fixture(scope="module")
def randomised():
    """Return the document of a bound against randomised policies."""
    base = GameSettings(6, ((1, 1), (1, 5)), 5, 6, 2)
    result = search_games([RandomisedSettings(base, (0, 1))])
    return game_document(result.game, result.ratio, "test")


def change_weight(document, rng):
    """Make one instance more probable."""
    rng.choice(document["instances"])["weight"] *= 2


def drop_instance(document, rng):
    """Leave an instance out of the distribution."""
    rng.shuffle(document["instances"])
    document["instances"].pop()


def delay_release(document, rng):
    """Let the requests of one instance come later than any policy cares."""
    rng.choice(document["instances"])["released"][-1][0] += 100


def lose_run(document, rng):
    """Leave an offline run out."""
    rng.choice(document["instances"])["offline"].pop()


def raise_little(document, rng):
    """State a little more than was proved."""
    p, q = document["ratio"]
    document["ratio"] = [p * 1000 + 1, q * 1000]
    divisor = math.gcd(*document["ratio"])
    document["ratio"] = [x // divisor for x in document["ratio"]]


def test_distribution_is_accepted(randomised):
    """What is corrupted below is accepted as it is, also by the schema."""
    assert len(randomised["instances"]) > 1
    assert check_game(randomised).ok
    check_document(randomised, {})
    jsonschema.Draft202012Validator(schema("game")).validate(randomised)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "change",
    [change_weight, drop_instance, delay_release, lose_run, raise_little],
)
def test_corrupted_distributions_are_rejected(randomised, change, seed):
    """Both checkers reject a distribution with one thing made wrong."""
    document = copy.deepcopy(randomised)
    change(document, random.Random(seed))
    assert refused(document)
    with pytest.raises(RejectedError):
        check_document(document, {})


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("instances",), [], "instances"),
        (("instances", 0, "weight"), 0, "instances[0].weight"),
        (("instances", 0, "released"), [], "instances[0].released"),
        (
            ("instances", 0, "released", 0, 1),
            [1],
            "instances[0].released[0][1]",
        ),
    ],
)
def test_malformed_distributions(randomised, path, value, field):
    """A malformed distribution is refused with the field at fault."""
    document = copy.deepcopy(randomised)
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(InputError) as caught:
        check_game(document)
    assert caught.value.field == field
