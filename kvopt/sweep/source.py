"""Where a task's instance comes from: a generator, or a document."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kvopt.model import (
    Instance,
    KvoptError,
    instance_from_document,
    write_atomically,
)
from kvopt.workloads import generate

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """A recipe for an instance, and the content hash it must have.

    Parameters
    ----------
    hash
        Content hash of the instance.
    recipe
        ``{"generator", "values", "seed"}``, ``{"document"}`` or
        ``{"stored"}``. What was read from a file is a document: a worker on
        another machine need not have the file.
    labels
        What the rows tell of the instance, by column name; not part of the
        task's key.
    """

    hash: str
    recipe: Mapping[str, Any]
    labels: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def generated(
        cls, name: str, values: Mapping[str, str], seed: int
    ) -> Source:
        """Return the source of an instance that a generator makes.

        Parameters
        ----------
        name
            Name of a generator.
        values
            Its parameters as text.
        seed
            Seed of everything random.

        Raises
        ------
        InputError
            For an unknown generator or parameter, or a value that does not
            fit.
        """
        recipe = {"generator": name, "values": dict(values), "seed": seed}
        labels = {"generator": name, "seed": seed, **values}
        instance = generate(name, values, seed)
        return cls(instance.hash, recipe, labels)

    @classmethod
    def given(cls, instance: Instance, **labels: Any) -> Source:
        """Return the source of an instance that exists already."""
        return cls(
            instance.hash,
            {"document": instance.document()},
            labels or {"name": instance.name},
        )

    @classmethod
    def stored(cls, instance: Instance, path: Path) -> Source:
        """Store an instance for workers on this machine, and return it.

        As a document a million requests take longer than to simulate them.

        Parameters
        ----------
        instance
            The instance.
        path
            File that it is written to, in a folder of nobody else.

        Raises
        ------
        InputError
            When the file cannot be written.
        """
        with write_atomically(path) as part:
            part.write_bytes(pickle.dumps(instance))
        return cls(instance.hash, {"stored": str(path)})

    @cached_property
    def instance(self) -> Instance:
        """The instance, made when it is first asked for.

        Raises
        ------
        KvoptError
            When the generator makes another instance than when the sweep was
            planned.
        """
        if "stored" in self.recipe:
            stored = pickle.loads(Path(self.recipe["stored"]).read_bytes())
            assert isinstance(stored, Instance)
            return stored
        if "document" in self.recipe:
            return instance_from_document(self.recipe["document"])
        made = generate(
            self.recipe["generator"],
            self.recipe["values"],
            self.recipe["seed"],
        )
        if made.hash != self.hash:
            raise KvoptError(
                f"{self.recipe['generator']} made {made.hash}, not "
                f"{self.hash} as planned: another version of it runs here"
            )
        return made
