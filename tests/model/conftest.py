"""Random instances and schedules of every shape that the model allows."""

import pytest
from hypothesis import strategies as st

from kvopt.model import Instance, Predictions, Run, Schedule


@st.composite
def _instances(draw):
    memory = draw(st.integers(1, 10**9))
    n = draw(st.integers(1, 6))
    arrival = draw(st.lists(st.integers(0, 10**12), min_size=n, max_size=n))
    output = draw(st.lists(st.integers(1, memory), min_size=n, max_size=n))
    prompt = [draw(st.integers(0, memory - o)) for o in output]
    lengths = st.lists(st.integers(1, 10**9), min_size=n, max_size=n)
    interval = {}
    if draw(st.booleans()):
        pairs = zip(draw(lengths), draw(lengths), strict=True)
        lower, upper = zip(*(sorted(pair) for pair in pairs), strict=True)
        interval = {"lower": list(lower), "upper": list(upper)}
    point = draw(st.none() | lengths)
    return Instance(
        memory,
        sorted(arrival),
        prompt,
        output,
        predictions=Predictions(**interval, point=point),
        name=draw(st.text(max_size=10)),
        source=draw(st.text(max_size=10)),
    )


@st.composite
def _schedules(draw):
    run = st.builds(
        Run,
        request=st.integers(0, 9),
        start=st.integers(0, 10**16),
        stop=st.integers(0, 10**16),
        completed=st.booleans(),
    )
    return Schedule(draw(st.lists(run, max_size=8)))


@pytest.fixture(scope="session")
def instances():
    """Return the strategy of instances."""
    return _instances()


@pytest.fixture(scope="session")
def schedules():
    """Return the strategy of schedules, feasible or not."""
    return _schedules()


@pytest.fixture
def document():
    """Return a small instance document with all optional fields."""
    rows = [
        {"arrival": 0, "prompt": 1, "output": 2},
        {"arrival": 3, "prompt": 0, "output": 6},
    ]
    for row in rows:
        row.update(lower=1, upper=4, predicted=3)
    return {
        "format": "kvopt-instance/1",
        "name": "example",
        "memory": 6,
        "source": "hand-made",
        "requests": rows,
    }
