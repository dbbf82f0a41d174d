"""Small random changes to an instance, within limits.

A mutator is a function ``(instance, rng, limits) -> Instance``. What it
returns is valid, sorted by arrival and within the limits; it may equal the
input where no such change is possible. Requests that arrive together keep
their order, which decides ties, unless the change is about that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from kvopt.adversary.limits import Limits
from kvopt.model import Instance, Request

__all__ = ["MUTATORS", "Mutator", "mutate", "random_instance", "rebuilt"]

Mutator = Callable[[Instance, np.random.Generator, Limits], Instance]


def rebuilt(memory: int, requests: Iterable[Request]) -> Instance:
    """Return the instance of these requests, put in order of arrival."""
    ordered: list[Request] = sorted(requests, key=lambda r: r.arrival)
    return Instance.of(memory, ordered)


def random_instance(rng: np.random.Generator, limits: Limits) -> Instance:
    """Draw an instance: sizes uniform within what the capacity permits."""
    memory = _draw(rng, 2, limits.memory)
    n = _draw(rng, 2, limits.requests)
    shared = _draw(rng, 0, memory - 1)
    return rebuilt(
        memory,
        [_random_request(rng, limits, memory, shared) for _ in range(n)],
    )


def change_output(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Draw one output length anew, or move it by one.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests, i = list(instance), _pick(instance, rng)
    prompt, old = requests[i].prompt, requests[i].output
    most = instance.memory - prompt
    new = _near_or_far(rng, old, 1, most)
    requests[i] = requests[i]._replace(output=new)
    return rebuilt(instance.memory, requests)


def change_prompt(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Draw one prompt anew, or move it by one; all if they must be equal.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests, i = list(instance), _pick(instance, rng)
    whom = range(len(requests)) if limits.equal_prompts else (i,)
    most = instance.memory - max(requests[j].output for j in whom)
    new = _near_or_far(rng, requests[i].prompt, 0, most)
    for j in whom:
        requests[j] = requests[j]._replace(prompt=new)
    return rebuilt(instance.memory, requests)


def change_memory(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Move the capacity by one or two, as far as every request still fits.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    step = int(rng.choice([-2, -1, 1, 2]))
    least = int(instance.peak.max())
    memory = min(max(instance.memory + step, least), limits.memory)
    return rebuilt(memory, instance)


def add_request(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Add a request: a copy of another one, or a random one.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests, i = list(instance), _pick(instance, rng)
    if len(requests) == limits.requests:
        return instance
    if rng.random() < 0.5:
        new = requests[i]
    else:
        shared = requests[i].prompt
        new = _random_request(rng, limits, instance.memory, shared)
    requests.insert(_draw(rng, 0, len(requests)), new)
    return rebuilt(instance.memory, requests)


def drop_request(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Leave one request out; two at least are kept.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests, i = list(instance), _pick(instance, rng)
    if len(requests) == 2:
        return instance
    del requests[i]
    return rebuilt(instance.memory, requests)


def copy_request(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Give one request the lengths of another.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests = list(instance)
    i, j = _pick(instance, rng), _pick(instance, rng)
    requests[i] = requests[j]._replace(arrival=requests[i].arrival)
    return rebuilt(instance.memory, requests)


def swap_requests(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Exchange the lengths of two requests.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests = list(instance)
    i, j = _pick(instance, rng), _pick(instance, rng)
    a, b = requests[i], requests[j]
    requests[i] = b._replace(arrival=a.arrival)
    requests[j] = a._replace(arrival=b.arrival)
    return rebuilt(instance.memory, requests)


def shift_arrival(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Draw one arrival anew, or move it by one.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    requests, i = list(instance), _pick(instance, rng)
    old, last = requests[i].arrival, limits.latest_arrival
    new = _near_or_far(rng, old, 0, last)
    requests[i] = requests[i]._replace(arrival=new)
    return rebuilt(instance.memory, requests)


MUTATORS: tuple[Mutator, ...] = (
    change_output,
    change_prompt,
    change_memory,
    add_request,
    drop_request,
    copy_request,
    swap_requests,
    shift_arrival,
)


def mutate(
    instance: Instance, rng: np.random.Generator, limits: Limits
) -> Instance:
    """Apply one or two mutators, drawn at random.

    Parameters
    ----------
    instance
        The instance.
    rng
        Source of randomness; it is advanced.
    limits
        What instances may be; the result keeps within them.
    """
    for _ in range(1 + int(rng.random() < 0.3)):
        mutator = MUTATORS[int(rng.integers(len(MUTATORS)))]
        instance = mutator(instance, rng, limits)
    return instance


def _draw(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high, endpoint=True))


def _pick(instance: Instance, rng: np.random.Generator) -> int:
    return _draw(rng, 0, len(instance) - 1)


def _near_or_far(
    rng: np.random.Generator, old: int, low: int, high: int
) -> int:
    if rng.random() < 0.5:
        return _draw(rng, low, high)
    return min(max(old + int(rng.choice([-1, 1])), low), high)


def _random_request(
    rng: np.random.Generator, limits: Limits, memory: int, shared: int
) -> Request:
    """Draw a request; ``shared`` is its prompt if all must be equal."""
    equal = limits.equal_prompts
    prompt = shared if equal else _draw(rng, 0, memory - 1)
    return Request(
        _draw(rng, 0, limits.latest_arrival),
        prompt,
        _draw(rng, 1, memory - prompt),
    )
