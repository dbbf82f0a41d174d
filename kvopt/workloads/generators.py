"""Generating an instance by name, from parameters given as text.

The kinds of the parameters are checked here; what their values mean is
checked by the generator itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kvopt.model import InputError, Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.catalogue import CATALOGUE
from kvopt.workloads.parameters import Generator

__all__ = ["GENERATORS", "generate", "generator"]

GENERATORS: Mapping[str, Generator] = {g.name: g for g in CATALOGUE}


def generator(name: str) -> Generator:
    """Return the generator called ``name``.

    Raises
    ------
    InputError
        Naming the known ones when there is no such generator.
    """
    if name not in GENERATORS:
        raise InputError(
            f"unknown generator; known are {', '.join(GENERATORS)}",
            field="generator",
            value=name,
        )
    return GENERATORS[name]


def generate(
    name: str, values: Mapping[str, str] | None = None, seed: int = 0
) -> Instance:
    """Make an instance by name; the same arguments give the same instance.

    Parameters
    ----------
    name
        Name of a generator.
    values
        Parameters as text, such as ``{"memory": "30..50"}``.
    seed
        Seed of everything random.

    Returns
    -------
    Instance
        Its ``source`` ends with the command that makes it again.

    Raises
    ------
    InputError
        For an unknown generator or parameter, naming the known ones, and for
        a value that does not fit.
    """
    chosen = generator(name)
    seed = whole_number(seed, "seed", 0, 2**63)
    values = values or {}
    known = {parameter.name: parameter for parameter in chosen.parameters}
    for key, text in values.items():
        if key not in known:
            raise InputError(
                f"unknown parameter; known are {', '.join(known)}",
                field=key,
                value=text,
                where=name,
            )
    read = {
        key: known[key].read(values[key], name)
        if key in values
        else known[key].default
        for key in known
    }
    try:
        instance = chosen.build(np.random.default_rng(seed), read)
    except InputError as error:
        raise error.at(error.where or name) from None
    chosen_values = [f" --param {key}={text}" for key, text in values.items()]
    command = f"kvopt generate {name}{''.join(chosen_values)} --seed {seed}"
    return replace(instance, source=f"{instance.source}; {command}")
