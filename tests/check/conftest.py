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


def _random_runs(rng, instance, noise):
    """Return random runs, each rule broken with probability ``noise``."""
    runs = []

    def slip(value, low, high):
        return value + rng.randint(low, high) * (rng.random() < noise)

    for i, row in enumerate(instance["requests"]):
        now = row["arrival"] + rng.randint(0, 3 * len(instance["requests"]))
        while row["output"] > 1 and rng.random() < 0.3:
            start = max(0, slip(now, -3, 3))
            stop = start + rng.randint(1, row["output"] - 1)
            stop = max(0, slip(stop, -2, 3))
            runs.append((i, start, stop, False))
            now = max(now, stop) + rng.randint(0, 2)
        while rng.random() >= noise / 2:
            start = max(0, slip(now, -4, 4))
            stop = max(0, slip(start + row["output"], -2, 2))
            runs.append((slip(i, 0, 2), start, stop, True))
            if rng.random() >= noise / 2:
                break
    rng.shuffle(runs)
    return runs


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


@pytest.fixture(scope="session")
def random_runs():
    """Return the generator of runs that break each rule now and then."""
    return _random_runs
