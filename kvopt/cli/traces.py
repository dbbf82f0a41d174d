"""From a trace file and the options for traces to an instance."""

from __future__ import annotations

from typing import Any

from kvopt.model import InputError, Instance

__all__ = ["instance_from_trace", "refuse_trace_options"]


def instance_from_trace(
    path: str, seed: int, options: dict[str, Any]
) -> Instance:
    """Make an instance of a trace file.

    Parameters
    ----------
    path
        The CSV file.
    seed
        Seed of what is drawn: the sample, and Poisson arrivals.
    options
        The parameters of the generator ``trace`` that the user gave; those
        that are None or False were not given.

    Raises
    ------
    InputError
        As :func:`kvopt.workloads.generate`.
    """
    from kvopt.workloads import generate

    if options["rate"] is not None and options["arrivals"] is None:
        options = {**options, "arrivals": "poisson"}
    values = {
        key: "yes" if value is True else str(value)
        for key, value in options.items()
        if value is not None and value is not False
    }
    return generate("trace", {"path": path, **values}, seed)


def refuse_trace_options(options: dict[str, Any], needed: str) -> None:
    """Raise InputError if any option was given that only traces have."""
    for key, value in options.items():
        if value is not None and value is not False:
            raise InputError(
                f"has no meaning without {needed}",
                field="--" + key.replace("_", "-"),
                value=value,
            )
