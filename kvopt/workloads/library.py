"""The examples that come with the package: small, and made by this project.

There is one ``kvopt-instance/1`` file an example in ``library/``; the file's
``source`` says what the example shows.
"""

from __future__ import annotations

from importlib import resources

from kvopt.model import InputError, Instance, Trace, load_instance, read_trace

__all__ = ["load", "names", "sample_trace"]

_FOLDER = resources.files("kvopt.workloads") / "library"


def names() -> tuple[str, ...]:
    """Names of the packaged instances, sorted."""
    files = (file.name for file in _FOLDER.iterdir())
    return tuple(sorted(f[:-5] for f in files if f.endswith(".json")))


def load(name: str) -> Instance:
    """Load a packaged instance.

    Raises
    ------
    InputError
        Naming the known names when ``name`` is not one of them.
    """
    if name not in names():
        raise InputError(
            f"unknown example; known are {', '.join(names())}",
            field="name",
            value=name,
        )
    with resources.as_file(_FOLDER / f"{name}.json") as path:
        return load_instance(path)


def sample_trace() -> Trace:
    """Load the packaged trace: 4,000 synthetic, lmsys-like requests.

    Made by ``lmsys_like_trace(default_rng(124), 4000)``: Poisson arrivals at
    50 a second. Of the seeds 0..199, 124 is the one whose sample comes
    closest to the published statistics (within 0.5 %). It is not LMSYS data;
    see :mod:`kvopt.workloads.random.calibrated`.
    """
    with resources.as_file(_FOLDER / "lmsys-like-4000.csv") as path:
        return read_trace(path)
