"""Conditions are kept by everything that the search proposes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvopt.adversary import Conditions, parse_conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.mutators import mutated, random_recipe
from kvopt.adversary.search.strategies import STRATEGIES, make_strategy
from kvopt.model import InputError

conditions = st.builds(
    Conditions,
    requests=st.integers(1, 60),
    memory=st.integers(8, 90),
    latest_arrival=st.integers(0, 20),
    equal_prompts=st.booleans(),
    no_prompts=st.booleans(),
    peak=st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2, 7)]),
    lengths=st.sampled_from([None, 1, 2]),
    over=st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(4)]),
)


def kept(recipe, wanted):
    """Whether a recipe keeps conditions, looked at one by one."""
    groups = recipe.groups
    instance = recipe.instance()
    prompts = set(instance.prompt.tolist())
    return (
        1 <= len(instance) <= wanted.requests
        and recipe.memory <= wanted.memory
        and int(instance.arrival.max()) <= wanted.latest_arrival
        and (len(prompts) == 1 or not wanted.equal_prompts)
        and (prompts == {0} or not wanted.no_prompts)
        and int(instance.peak.max()) <= wanted.peak * recipe.memory
        and (
            wanted.lengths is None
            or len(set(instance.output.tolist())) <= wanted.lengths
        )
        and all(g.output <= g.guess <= wanted.over * g.output for g in groups)
    )


@given(conditions, st.integers(0, 10**6))
@settings(deadline=None, max_examples=150)
def test_changes_keep_the_conditions(wanted, seed):
    """Random recipes and changes in a row keep them; fitting changes none."""
    rng = np.random.default_rng(seed)
    recipe = random_recipe(rng, wanted)
    for _ in range(10):
        assert kept(recipe, wanted)
        assert wanted.fit(recipe) == recipe
        recipe = mutated(recipe, rng, wanted, STRUCTURED)


@pytest.mark.parametrize("mutator", STRUCTURED, ids=lambda m: m.__name__)
def test_each_mutator_changes_something(mutator):
    """Every mutator has an effect, the same one for the same generator."""
    wanted = Conditions(60, 60, latest_arrival=20, over=Fraction(4))
    starts = [
        random_recipe(np.random.default_rng(k), wanted) for k in range(30)
    ]

    def results():
        return [
            wanted.fit(mutator(recipe, np.random.default_rng(k)))
            for k, recipe in enumerate(starts)
        ]

    assert results() == results()
    assert results() != starts


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize(
    "text", ["at-0", "theorem-4.3", "arrivals<=9,lengths<=2", "points<=3"]
)
def test_strategies_keep_the_conditions(name, text):
    """Each strategy asks only for what keeps the conditions."""
    wanted = parse_conditions(text, 25, 50)
    strategy = make_strategy(name, wanted)
    rng = np.random.default_rng(0)
    for k in range(400):
        trial = strategy.ask(rng)
        assert kept(trial.recipe, wanted)
        assert trial.recipe == trial.recipe.canonical()
        ratio = 1 + 1 / (1 + trial.recipe.memory % 7)
        strategy.tell(trial, ratio if ratio >= trial.least else None)
        assert k < 400


def test_parsing():
    """Names become fields; a theorem stands for several."""
    found = parse_conditions("theorem-4.3,lengths<=2", 9, 99)
    assert found == Conditions(
        9, 99, 0, equal_prompts=True, peak=Fraction(1, 2), lengths=2
    )
    assert parse_conditions("") == Conditions()
    assert parse_conditions("own-intervals,points<=1.5") == Conditions(
        over=Fraction(3, 2), intervals="own"
    )


@pytest.mark.parametrize(
    "text",
    [
        "magic",
        "at-0,arrivals<=3",
        "theorem-4.3,arrivals<=3",
        "theorem-4.3,peak<=1/3",
        "peak<=0",
        "peak<=2",
        "peak<=x",
        "peak<=1/0",
        "lengths<=0",
        "lengths<=x",
        "points<=1/2",
        "arrivals<=-1",
        "equal-prompts<=2",
        "peak",
    ],
)
def test_bad_conditions(text):
    """What is unknown, out of range or contradictory is one clear line."""
    with pytest.raises(InputError) as error:
        parse_conditions(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("field", "value"), [("requests", 0), ("memory", 1), ("requests", 10**9)]
)
def test_sizes_are_checked(field, value):
    """Sizes that make no sense are refused by name and value."""
    with pytest.raises(InputError, match=f"{field} = {value}"):
        Conditions(**{field: value})
