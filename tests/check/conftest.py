"""Random documents, and a re-adder of memory that cannot be wrong."""

import pytest

from kvopt.check.documents import read_instance


def _instance(memory, requests):
    rows = [{"arrival": a, "prompt": s, "output": o} for a, s, o in requests]
    return {"format": "kvopt-instance/1", "memory": memory, "requests": rows}


def _schedule(instance, runs):
    keys = ("request", "start", "stop", "completed")
    return {
        "format": "kvopt-schedule/1",
        "instance": read_instance(instance).hash,
        "runs": [dict(zip(keys, run, strict=True)) for run in runs],
    }


def _random_instance(rng, n, memory, last_arrival):
    requests = []
    for _ in range(n):
        output = rng.randint(1, memory)
        prompt = rng.randint(0, memory - output)
        requests.append((rng.randint(0, last_arrival), prompt, output))
    return _instance(memory, sorted(requests))


@pytest.fixture(scope="session")
def instance_of():
    """Return the builder of instance documents from triples."""
    return _instance


@pytest.fixture(scope="session")
def schedule_of():
    """Return the builder of schedule documents from runs."""
    return _schedule


@pytest.fixture(scope="session")
def random_instance():
    """Return the generator of random instance documents."""
    return _random_instance
