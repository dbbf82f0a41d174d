"""Parameters of the search: checked, recorded, never part of a proof."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvopt.check.gate import verified_bound
from kvopt.exact import solve
from kvopt.exact.warm_start import one_by_one
from kvopt.model import (
    InputError,
    Instance,
    Schedule,
    SearchParams,
    Status,
    schema,
)

TINY = Instance.of(8, [(0, 1, 5), (0, 1, 3), (2, 3, 1)])


def number_near(default, least, most):
    """Return a strategy of values from the least up to some defaults."""
    if isinstance(default, int):
        top = min(most, 4 * default + 10)
        return st.integers(least, top)
    return st.floats(least, min(most, 4 * default + 1.0))


SIZES = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=4
)
NUMBERS = {
    own.name: number_near(own.default, *own.metadata["limits"])
    for own in fields(SearchParams)
    if own.name != "lns_sizes"
}
# More of these only takes longer, and moves have to sum to at most 1.
NUMBERS |= {
    "most_states": st.sampled_from([2, 10_000, 50_000, 2_000_000]),
    "label_states": st.sampled_from([2, 10_000, 50_000, 1_500_000]),
    "evaluations": st.integers(1, 25),
    "first_evaluations": st.integers(1, 25),
    "coarse_evaluations": st.integers(1, 25),
    "tiny_evaluations": st.integers(1, 25),
    "prunings": st.integers(1, 3),
    "table_prunings": st.integers(1, 3),
    "patience": st.integers(1, 9),
    "heuristic_steps": st.integers(0, 2),
    "children": st.integers(1, 4),
    "child_moves": st.integers(1, 30),
    "shift_moves": st.floats(0, 0.4),
    "swap_moves": st.floats(0, 0.3),
    "block_moves": st.floats(0, 0.3),
}
PARAMS = st.builds(SearchParams, lns_sizes=SIZES, **NUMBERS)


@st.composite
def tiny_instances(draw):
    """Draw up to 5 requests with arrivals."""
    memory = draw(st.integers(3, 10))
    rows = []
    for _ in range(draw(st.integers(2, 5))):
        prompt = draw(st.integers(0, min(3, memory - 1)))
        output = draw(st.integers(1, min(memory - prompt, 6)))
        rows.append((draw(st.integers(0, 5)), prompt, output))
    return Instance.of(memory, sorted(rows))


# Seconds: tiny steps of the multipliers make a search as long as one likes.
LIMIT = 2.0


def searched(instance: Instance, params: SearchParams):
    """Search from the serial schedule, so that there is work to do."""
    return solve(
        instance,
        "search",
        time_limit=LIMIT,
        workers=1,
        params=params,
        warm_start=Schedule.from_starts(instance, one_by_one(instance)),
    )


def check_search(instance: Instance, params: SearchParams) -> None:
    """Compare a search with brute force and with the checker."""
    best = solve(instance, "brute-force").objective
    found = searched(instance, params)
    assert found.lower_bound <= best <= found.objective
    bound = verified_bound(instance, found.certificate)
    assert bound == found.certificate.value
    assert found.params == params
    # With so few states allowed there may be neither relaxation nor labels.
    enough = min(params.most_states, params.label_states) >= 10_000
    if enough and found.runtime < LIMIT:
        assert found.status is Status.OPTIMAL


LENIENT = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
}


@settings(max_examples=25, **LENIENT)
@given(tiny_instances(), PARAMS)
def test_no_parameters_make_a_bound_or_a_schedule_wrong(instance, params):
    """Bounds are at most the optimum of brute force, and mostly meet it."""
    check_search(instance, params)


@pytest.mark.long
@settings(max_examples=2_000, **LENIENT)
@given(tiny_instances(), PARAMS)
def test_two_thousand_choices_of_parameters(instance, params):
    """The same, with 2,000 drawn instances and parameters."""
    check_search(instance, params)


def test_results_record_the_parameters_of_the_search_alone():
    """Also the defaults; other solvers have none."""
    assert solve(TINY, "search").params == SearchParams()
    assert solve(TINY, "brute-force").params is None
    own = SearchParams(beam=10)
    assert solve(TINY, params=own).params == own
    assert solve(TINY, params=own).solver == "search"


@pytest.mark.parametrize("name", [own.name for own in fields(SearchParams)])
def test_each_default_is_within_its_limits(name):
    """What is one beyond either limit is refused with field and value."""
    own = SearchParams.__dataclass_fields__[name]
    least, most = own.metadata["limits"]
    if name == "lns_sizes":
        beyond = [((0, 3),), ((4, most + 1),), (), ((1,),), 3, ((1.0, 2),)]
    else:
        assert least <= own.default <= most
        beyond = [least - 1, most + 1, "1", True, None, [own.default]]
    for value in beyond:
        with pytest.raises(InputError) as caught:
            SearchParams.from_document({name: value}, "some.toml")
        assert caught.value.field.startswith(name)
        assert str(caught.value).startswith(f"some.toml: {name}")
    for value in () if name == "lns_sizes" else (1e400, float("nan")):
        with pytest.raises(InputError):
            SearchParams.from_document({name: value})


def test_moves_share_one_whole():
    """The shares of the moves may not exceed 1 together."""
    with pytest.raises(InputError, match="at most 1"):
        SearchParams(shift_moves=0.5, swap_moves=0.4, block_moves=0.2)


@settings(max_examples=50, deadline=None)
@given(PARAMS)
def test_documents_and_files_give_the_same_parameters(params):
    """Through JSON, and through the TOML that has the same numbers."""
    document = json.loads(json.dumps(params.document()))
    assert SearchParams.from_document(document) == params
    text = "".join(f"{key} = {value}\n" for key, value in document.items())
    assert SearchParams.from_document(tomllib.loads(text)) == params


def test_the_schema_is_that_of_the_fields():
    """Names, types and limits of the schema are those of the code."""
    known = schema("params")["properties"]
    assert list(known) == [own.name for own in fields(SearchParams)]
    for own in fields(SearchParams):
        if own.name == "lns_sizes":
            continue
        entry = known[own.name]
        kind = "integer" if isinstance(own.default, int) else "number"
        limits = own.metadata["limits"]
        assert entry["type"] == kind
        assert (entry["minimum"], entry["maximum"]) == limits
        assert entry["default"] == own.default


def test_an_elite_of_one_is_one():
    """The best of earlier populations are cut to the number asked for."""
    from kvopt.exact.heuristics.annealing import Annealing
    from kvopt.exact.heuristics.population import Population

    params = replace(SearchParams(), elite=1, population=3, stale=1)
    annealing = Annealing(TINY, np.random.default_rng(0), params)
    population = Population(annealing)
    for _ in range(60):
        population.breed(lambda starts, latency: None)
    assert len(population.elite) == 1
