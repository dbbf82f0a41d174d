"""The instances of ``exact.py``: sets of them, by name and seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from kvopt.model import Instance
from kvopt.sweep import Source
from kvopt.workloads import Model1, model_1, model_2

__all__ = ["GROWTH", "SETS", "SetInfo", "draw", "sources"]

# Most requests of the growing instances, and what is fixed while the number
# of requests, and the memory, grow.
MOST, FIXED_MEMORY, FIXED_REQUESTS = 30, 40, 12


@dataclass(frozen=True)
class SetInfo:
    """A set of instances.

    Parameters
    ----------
    title
        What it is.
    sizes
        The sizes at which each seed is drawn; ``(0,)`` for one size.
    """

    title: str
    sizes: tuple[int, ...] = (0,)


SETS = {
    "n12": SetInfo("first 12 requests of model 1"),
    "n15-small": SetInfo("15 requests, M = 30, s 1..5, o 2..8"),
    "n20": SetInfo("first 20 requests of model 1"),
    "n30": SetInfo("first 30 requests of model 1"),
    "n30-small": SetInfo("30 requests, M = 30, s 1..5, o 2..8"),
    "n50-small": SetInfo("50 requests, M = 30, s 1..5, o 2..8"),
    "model-1": SetInfo("model 1, published size"),
    "model-2": SetInfo("model 2, published size"),
    "growth-n": SetInfo(
        f"first n requests of model 1 at M = {FIXED_MEMORY}",
        (8, 10, 12, 15, 20, 30),
    ),
    "growth-m": SetInfo(
        f"first {FIXED_REQUESTS} requests of model 1 at M = 20..50",
        (20, 30, 40, 50),
    ),
}
# What ``--set growth`` stands for.
GROWTH = ("growth-n", "growth-m")


def draw(name: str, seed: int, size: int = 0) -> Instance:
    """Return an instance of a set.

    Parameters
    ----------
    name
        A key of ``SETS``.
    seed
        Of ``numpy.random.default_rng``, which ``kvopt generate`` uses too:
        ``model-1`` and ``model-2`` are the instances that it writes.
    size
        Number of requests of ``growth-n``, memory of ``growth-m``.
    """
    rng = np.random.default_rng(seed)
    if name == "model-1":
        return model_1(rng)
    if name == "model-2":
        return model_2(rng)
    number, _, small = name.removeprefix("n").partition("-")
    if name == "growth-n":
        return _first(size, _growing(rng, FIXED_MEMORY))
    if name == "growth-m":
        return _first(FIXED_REQUESTS, _growing(rng, size))
    n = int(number)
    if not small:
        return _first(n, model_1(rng))
    return model_1(
        rng, Model1(memory=(30, 30), output=(2, 8), requests=(n, n))
    )


def _growing(rng: np.random.Generator, memory: int) -> Instance:
    ranges = Model1(memory=(memory, memory), requests=(MOST, MOST))
    return model_1(rng, ranges)


def _first(n: int, whole: Instance) -> Instance:
    """Return the first ``n`` requests of an instance."""
    some = slice(n)
    return Instance(
        whole.memory,
        whole.arrival[some],
        whole.prompt[some],
        whole.output[some],
        name=f"first {n} of {whole.name}",
        source=whole.source,
    )


def sources(names: Iterable[str], seeds: Iterable[int]) -> Iterator[Source]:
    """Yield the instances of the sets, seed by seed."""
    seeds = tuple(seeds)
    for name in names:
        for seed in seeds:
            for size in SETS[name].sizes:
                instance = draw(name, seed, size)
                yield Source.given(
                    instance,
                    set=name,
                    seed=seed,
                    requests=len(instance),
                    memory=instance.memory,
                )
