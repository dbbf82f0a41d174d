"""Generators by name: defaults, text parameters, refusals."""

import re

import pytest

from kvopt.model import InputError, write_trace
from kvopt.workloads import library
from kvopt.workloads.generators import GENERATORS, generate, generator

# The packaged trace has arrivals in seconds: a round needs a length.
NEEDED = {"trace": {"round_seconds": "0.1"}}


@pytest.mark.parametrize("name", GENERATORS)
def test_defaults_make_an_instance(name):
    """Every generator works out of the box and repeats itself."""
    values = NEEDED.get(name, {})
    one, two = (generate(name, values, seed=5) for _ in range(2))
    assert one == two
    assert one.source.endswith("--seed 5")


@pytest.mark.parametrize("name", GENERATORS)
def test_source_names_a_command_that_makes_it_again(name):
    """The parameters in ``source`` give the same instance."""
    made = generate(name, NEEDED.get(name, {}), seed=5)
    command = made.source.rpartition("; ")[2]
    found = re.findall(r"--param (\S+)=(\S+)", command)
    assert generate(name, dict(found), seed=5) == made


@pytest.mark.parametrize("name", GENERATORS)
def test_shown_defaults_are_the_defaults(name):
    """Passing every shown default changes nothing."""
    chosen = generator(name)
    values = dict(NEEDED.get(name, {}))
    shown = {
        p.name: p.shown_default for p in chosen.parameters if p.shown_default
    }
    assert generate(name, values, 1) == generate(name, shown | values, 1)


@pytest.mark.parametrize("name", GENERATORS)
def test_described(name):
    """Every generator and parameter has words for a person."""
    chosen = generator(name)
    assert chosen.name == name
    assert chosen.summary and chosen.source
    assert all(parameter.help for parameter in chosen.parameters)


def test_text_of_every_kind():
    """Ranges, single numbers, open ranges, flags and lists are read."""
    values = {
        "memory": "30",
        "requests": "20",
        "output": "2..8",
        "rate": "0.5..0.6",
    }
    instance = generate("model-2", values, 0)
    assert (len(instance), instance.memory) == (20, 30)
    assert instance.output.min() >= 2 and instance.output.max() <= 8
    long = generate("model-1", {"output": "25..", "memory": "30"}, 0)
    assert long.output.min() >= 25
    flipped = generate("two-point", {"long_first": "no", "short": "2"})
    assert flipped.output.tolist()[:3] == [1, 1, 160]
    yes = generate("three-partition", {"numbers": "5,5,7,5,6,6,5,5,7"})
    assert len(yes) == 9


def test_lmsys_like_arrivals():
    """Without a rate everything is there at 0; with one it is not."""
    assert not generate("lmsys-like").arrival.any()
    assert generate("lmsys-like", {"rate": "0.5"}).arrival.any()


def test_randomized_release():
    """The release is drawn from the seed, or as asked for."""
    sizes = {len(generate("randomized-lower-bound", {}, s)) for s in range(9)}
    assert sizes == {1, 17}
    asked = generate("randomized-lower-bound", {"release": "7"})
    assert asked.arrival.tolist() == [0] + [7] * 16


def test_trace_of_a_file(tmp_path):
    """A path is read as a trace; its name enters the source."""
    path = tmp_path / "mine.csv"
    write_trace(library.sample_trace(), path)
    values = {"path": str(path), "sample": "10", "arrivals": "zero"}
    instance = generate("trace", values, 2)
    assert len(instance) == 10
    assert instance.source.startswith("mine.csv (4000 requests)")


@pytest.mark.parametrize(
    ("name", "values", "field", "words"),
    [
        ("nope", {}, "generator", "known are model-1, model-2"),
        ("trap", {"weight": "1"}, "weight", "known are memory, heavy"),
        ("trap", {"memory": "1.5"}, "memory", "must be an integer"),
        ("trap", {"memory": "2"}, "memory", "trap: "),
        ("model-1", {"memory": "30-50"}, "memory", "range such as"),
        ("model-1", {"memory": "30.."}, "memory", "range such as"),
        ("model-1", {"output": "..8"}, "output", "range such as"),
        ("model-2", {"rate": "nan"}, "rate.low", "must be a number"),
        ("two-point", {"long_first": "maybe"}, "long_first", "yes or no"),
        ("three-partition", {"numbers": "6,6,"}, "numbers", "integers"),
        ("lmsys-like", {"round_seconds": "1"}, "round_seconds", "no meaning"),
        ("example", {"name": "nope"}, "name", "trap-60"),
        ("trace", {"path": "/no/such"}, "", "/no/such: cannot be read"),
    ],
)
def test_refusals(name, values, field, words):
    """Unknown names and bad values are refused, naming the known ones."""
    with pytest.raises(InputError) as error:
        generate(name, values)
    assert error.value.field == field
    assert words in str(error.value)


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_bad_seed_is_refused(seed):
    """The seed must be a non-negative integer."""
    with pytest.raises(InputError) as error:
        generate("trap", {}, seed)
    assert error.value.field == "seed"
