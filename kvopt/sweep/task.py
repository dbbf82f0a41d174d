"""A task: one computation on one instance, and the key of its row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kvopt.model import InputError
from kvopt.model.instance import whole_number
from kvopt.sweep.kinds import Kind, kind_called
from kvopt.sweep.source import Source

__all__ = ["SweepTask"]

_FORMAT = "kvopt-task/1"


@dataclass(frozen=True)
class SweepTask:
    """What is computed; equal keys have equal rows, but for measured times.

    Make one with :meth:`of`, which checks and completes its parts.

    Parameters
    ----------
    kind
        Name of the kind of computation: see :mod:`kvopt.sweep.kinds`.
    subject
        What is run: a policy, a solver or a bound, in its normal text form.
    source
        The instance.
    parameters
        All parameters of the kind, defaults included; plain JSON values.
    seed
        Seed of everything random in the computation.
    versions
        Versions of the code and of the packages that decide the result.
    """

    kind: str
    subject: str
    source: Source
    parameters: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]

    @classmethod
    def of(
        cls,
        kind: str,
        subject: str,
        source: Source,
        parameters: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> SweepTask:
        """Return a task with checked, complete parameters.

        Parameters
        ----------
        kind
            Name of the kind, or ``"module:NAME"``.
        subject
            The policy, solver or bound that it is about.
        source
            Where the instance comes from.
        parameters
            Parameters of the kind; what is left out has its
            default.
        seed
            Seed of the subject.

        Raises
        ------
        InputError
            For an unknown kind, subject or parameter, a value that does not
            fit, or a package that is not installed.
        """
        if not isinstance(subject, str):
            raise InputError(
                "must be text, such as 'mc-sf'", field="subject", value=subject
            )
        chosen: Kind = kind_called(kind)
        subject, complete = chosen.read(subject, dict(parameters or {}))
        seed = whole_number(seed, "seed", 0, 2**31 - 1)
        versions = chosen.versions(subject)
        return cls(kind, subject, source, complete, seed, versions)

    @cached_property
    def key(self) -> str:
        """SHA-256 of instance, kind, subject, parameters, seed, versions."""
        parts = {
            "format": _FORMAT,
            "instance": self.source.hash,
            "kind": self.kind,
            "subject": self.subject,
            "parameters": self.parameters,
            "seed": self.seed,
            "versions": self.versions,
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def group(self) -> tuple[str, str]:
        """Tasks of one group are expected to take about as long."""
        return self.kind, self.subject

    def columns(self) -> dict[str, Any]:
        """Return what a row tells of its task."""
        labels = self.source.labels.items()
        return {
            "kind": self.kind,
            "subject": self.subject,
            "seed": self.seed,
            **self.parameters,
            **{f"instance.{name}": value for name, value in labels},
            "instance.hash": self.source.hash,
            "versions": " ".join(f"{k}={v}" for k, v in self.versions.items()),
        }
