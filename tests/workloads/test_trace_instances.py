"""Traces into instances: units, sampling, arrivals, refusals."""

import os
from pathlib import Path

import numpy as np
import pytest

from kvopt.model import InputError, Trace, read_trace
from kvopt.workloads.traces.instances import instance_from_trace

# A folder of real traces, for those who have one.
FOLDER = os.environ.get("KVOPT_TRACES", "")
FILES = sorted(Path(FOLDER).glob("*.csv")) if FOLDER else []
TRACE = Trace(
    output=np.array([5, 6, 7, 8, 9]),
    prompt=np.array([10, 20, 30, 40, 50]),
    arrival_s=np.array([0.0, 0.5, 1.0, 2.9, 3.0]),
    source="folder/five.csv",
)
BARE = Trace(output=np.array([5, 6, 7]), source="bare.csv")


def rng():
    return np.random.default_rng(11)


def test_seconds_become_rounds():
    """Trace seconds are divided by the round's length and floored."""
    instance = instance_from_trace(TRACE, 100, round_seconds=0.5)
    assert instance.arrival.tolist() == [0, 1, 2, 5, 6]
    assert instance.prompt.tolist() == TRACE.prompt.tolist()
    assert instance.output.tolist() == TRACE.output.tolist()
    assert instance.source == (
        "five.csv (5 requests); arrivals of the trace, 0.5 s a round"
    )


def test_sample_keeps_order_and_starts_at_zero():
    """A sample is without replacement, in order, its first request at 0."""
    generator = rng()
    seen = set()
    for _ in range(60):
        instance = instance_from_trace(
            TRACE, 100, sample=3, round_seconds=0.5, rng=generator
        )
        o = instance.output.tolist()
        assert len(set(o)) == 3 and o == sorted(o)
        assert instance.arrival[0] == 0
        seen.add(tuple(o))
    assert len(seen) == 10  # every one of the C(5, 3) subsets


def test_window_is_contiguous():
    """A contiguous sample takes neighbours, from every possible place."""
    generator = rng()
    seen = set()
    for _ in range(60):
        instance = instance_from_trace(
            TRACE,
            100,
            sample=3,
            contiguous=True,
            arrivals="zero",
            rng=generator,
        )
        assert (np.diff(instance.output) == 1).all()
        seen.add(int(instance.output[0]))
    assert seen == {5, 6, 7}


def test_whole_trace_as_a_sample():
    """A sample of everything is everything."""
    instance = instance_from_trace(
        TRACE, 100, sample=5, arrivals="zero", rng=rng()
    )
    assert instance.output.tolist() == TRACE.output.tolist()


@pytest.mark.parametrize(
    ("rate", "seconds", "expected"),
    [(0.5, None, 0.5), (50.0, 0.1, 5.0)],
)
def test_poisson_rate(rate, seconds, expected):
    """The rate is a round, or a second when a round has a length."""
    trace = Trace(output=np.ones(20_000, dtype=int))
    instance = instance_from_trace(
        trace,
        100,
        prompt=1,
        arrivals="poisson",
        rate=rate,
        round_seconds=seconds,
        rng=rng(),
    )
    counts = np.bincount(instance.arrival)[:-1]
    assert counts.mean() == pytest.approx(expected, rel=0.05)
    assert counts.var() == pytest.approx(expected, rel=0.1)


def test_prompt_fills_in_and_overrides():
    """A prompt length is used where the trace has none, or another one."""
    assert instance_from_trace(
        BARE, 100, arrivals="zero", prompt=7
    ).prompt.tolist() == [7, 7, 7]
    instance = instance_from_trace(TRACE, 100, arrivals="zero", prompt=0)
    assert not instance.prompt.any()
    assert "prompt 0 for all" in instance.source


def test_oversize_is_dropped_before_sampling():
    """Dropping comes first, so the sample has the size asked for."""
    instance = instance_from_trace(
        TRACE,
        37,
        sample=3,
        arrivals="zero",
        drop_oversize=True,
        rng=rng(),
    )
    assert instance.output.tolist() == [5, 6, 7]
    assert instance.source == (
        "five.csv (5 requests); 2 with prompt + output > 37 dropped; "
        "3 random ones taken; all at 0"
    )


def test_same_seed_same_instance():
    """The generator's state decides sample and arrivals."""
    options = {"sample": 3, "arrivals": "poisson", "rate": 0.2}
    one, two = (
        instance_from_trace(TRACE, 100, **options, rng=rng()) for _ in range(2)
    )
    assert one == two


@pytest.mark.parametrize(
    ("trace", "memory", "options", "field", "words"),
    [
        (TRACE, 0, {"arrivals": "zero"}, "memory", "at least 1"),
        (TRACE, 100, {}, "round_seconds", "is needed"),
        (TRACE, 100, {"round_seconds": 0.0}, "round_seconds", "at least"),
        (BARE, 100, {"prompt": 1}, "arrivals", "bare.csv"),
        (BARE, 100, {"arrivals": "zero"}, "prompt", "bare.csv"),
        (TRACE, 100, {"arrivals": "now"}, "arrivals", "trace, poisson, zero"),
        (TRACE, 100, {"arrivals": "poisson"}, "rate", "is needed"),
        (
            TRACE,
            100,
            {"arrivals": "poisson", "rate": 1.0},
            "rng",
            "random generator",
        ),
        (
            TRACE,
            100,
            {"arrivals": "poisson", "rate": -1.0, "rng": rng()},
            "rate",
            "at least",
        ),
        (
            TRACE,
            100,
            {"arrivals": "zero", "rate": 1.0},
            "rate",
            "no meaning without arrivals = 'poisson'",
        ),
        (
            TRACE,
            100,
            {"arrivals": "zero", "round_seconds": 1.0},
            "round_seconds",
            "no meaning",
        ),
        (
            TRACE,
            100,
            {"arrivals": "zero", "contiguous": True},
            "contiguous",
            "without a sample",
        ),
        (TRACE, 100, {"arrivals": "zero", "sample": 3}, "rng", "sample"),
        (
            TRACE,
            100,
            {"arrivals": "zero", "sample": 6, "rng": rng()},
            "sample",
            "the 5 requests",
        ),
        (
            TRACE,
            100,
            {"arrivals": "zero", "sample": 0, "rng": rng()},
            "sample",
            "at least 1",
        ),
        (
            TRACE,
            37,
            {"arrivals": "zero"},
            "requests[3].prompt + output",
            "folder/five.csv",
        ),
        (
            TRACE,
            9,
            {"arrivals": "zero", "drop_oversize": True},
            "memory",
            "every request",
        ),
    ],
)
def test_refusals(trace, memory, options, field, words):
    """Each fault is refused in one line with field, value and reason."""
    with pytest.raises(InputError) as error:
        instance_from_trace(trace, memory, **options)
    assert error.value.field == field
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_too_many_rounds_is_refused():
    """Arrivals beyond the largest round are refused, not wrapped around."""
    late = Trace(
        output=np.array([1, 1]), prompt=None, arrival_s=np.array([0, 1e9])
    )
    with pytest.raises(InputError, match="longer round"):
        instance_from_trace(late, 9, prompt=1, round_seconds=1e-9)


@pytest.mark.skipif(not FILES, reason="KVOPT_TRACES names no folder of traces")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_traces_become_instances(path):
    """Every file becomes an instance of 500 requests at M = 16492."""
    trace = read_trace(path)
    timed = trace.arrival_s is not None
    instance = instance_from_trace(
        trace,
        16492,
        sample=500,
        arrivals="trace" if timed else "poisson",
        rate=None if timed else 50.0,
        round_seconds=0.1,
        prompt=40 if trace.prompt is None else None,
        drop_oversize=True,
        rng=rng(),
    )
    assert len(instance) == 500
    assert instance.arrival[-1] > 0


def test_arrivals_on_a_boundary_are_not_lost_to_rounding():
    """Every multiple of the round is that round, however floats divide."""
    times = np.arange(400) * 5 / 100
    trace = Trace(np.ones(400, int), np.ones(400, int), times)
    rounds = instance_from_trace(trace, 9, round_seconds=0.05)
    assert rounds.arrival.tolist() == list(range(400))
    micro = instance_from_trace(trace, 9, round_seconds=1e-6)
    assert micro.arrival.tolist() == list(range(0, 400 * 50_000, 50_000))
