"""Recipes mean one instance, and have one canonical form."""

from dataclasses import replace

import numpy as np
import pytest

from kvopt.adversary import Conditions
from kvopt.adversary.search.moves import STRUCTURED
from kvopt.adversary.search.mutators import mutated, random_recipe
from kvopt.adversary.search.recipe import Block, Group, Recipe, Told
from kvopt.adversary.search.schemes import Scheme, changed_rules
from kvopt.model import InputError

ONE = Group(copies=2, arrival=1, prompt=1, output=3, guess=4)
TWO = Group(copies=1, arrival=0, prompt=2, output=2, guess=2)


def some(seed, latest=5):
    """Return a recipe that was changed a few times."""
    rng = np.random.default_rng(seed)
    conditions = Conditions(30, 40, latest_arrival=latest)
    recipe = random_recipe(rng, conditions)
    for _ in range(5):
        recipe = mutated(recipe, rng, conditions, STRUCTURED)
    return recipe


def test_expansion():
    """Copies, repetitions and shifts are listed in order of arrival."""
    recipe = Recipe(9, (Block(2, 3, (ONE, TWO)),))
    assert [tuple(r) for r in recipe.instance()] == [
        (0, 2, 2), (1, 1, 3), (1, 1, 3), (3, 2, 2), (4, 1, 3), (4, 1, 3)
    ]  # fmt: skip
    assert recipe.requests == 6


def test_canonical_form():
    """What means the same has one form: merged, plain, from round 0 on."""
    apart = Recipe(
        9,
        (
            Block(1, 4, (ONE, ONE._replace(copies=0), ONE)),
            Block(3, 0, (ONE,)),
            Block(2, 1, (ONE._replace(copies=0),)),
        ),
    )
    whole = Group(copies=10, arrival=0, prompt=1, output=3, guess=4)
    assert apart.canonical() == Recipe(9, (Block(1, 0, (whole,)),))


@pytest.mark.parametrize("seed", range(200))
def test_canonical_form_keeps_the_instance(seed):
    """The canonical form is one, and its instance that of the recipe."""
    recipe = some(seed)
    form = recipe.canonical()
    assert form.canonical() == form
    assert form.instance() == recipe.instance()
    assert Recipe.read(recipe.document()) == recipe


def test_predictions():
    """Guesses are points, or ends of common or of own intervals."""
    recipe = Recipe(9, (Block(1, 0, (TWO, ONE)),))
    common = recipe.instance(Told(True, "common")).predictions
    assert common.point.tolist() == [2, 4, 4]
    assert common.lower.tolist() == [2, 2, 2]
    assert common.upper.tolist() == [4, 4, 4]
    own = recipe.instance(Told(intervals="own")).predictions
    assert own.lower.tolist() == [2, 3, 3]
    assert own.upper.tolist() == [2, 4, 4]
    with pytest.raises(InputError, match="intervals = 'all'"):
        recipe.instance(Told(intervals="all"))


@pytest.mark.parametrize("text", [None, [], [1], [5, [[1, 0, [[1]]]]], [5, 3]])
def test_bad_documents(text):
    """What is no recipe is refused."""
    with pytest.raises(InputError, match="recipe"):
        Recipe.read(text)


@pytest.mark.parametrize("seed", range(100))
def test_schemes(seed):
    """Any scheme makes instances at any scale, survives JSON, says itself."""
    rng = np.random.default_rng(seed)
    scheme = Scheme(some(seed))
    conditions = Conditions(300, 400, latest_arrival=50)
    for _ in range(4):
        scheme = changed_rules(scheme, rng)
    for scale in (0.1, 1.0, 3.0, 100.0):
        conditions.fit(scheme.at(scale)).instance()
    assert Scheme.read(scheme.document()) == scheme
    assert str(scheme).count("group") >= len(scheme.recipe.groups)


def test_a_scheme_grows():
    """Identical requests whose memory is their volume, at two scales."""
    group = Group(copies=10, arrival=0, prompt=0, output=5, guess=5)
    scheme = Scheme(Recipe(15, (Block(1, 0, (group,)),)), memory=2)
    assert str(scheme.at(1.0)) == "M=15: 10 x (s=0, o=5)"
    assert str(scheme.at(3.0)) == "M=120: 30 x (s=0, o=15)"
    squared = replace(scheme, rules=(scheme.rules[0]._replace(copies=4),))
    assert squared.at(10.0).requests == 1000
