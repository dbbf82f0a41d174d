"""kvopt: LLM inference scheduling under a KV-cache memory limit.

Everything is imported when it is first asked for: ``import kvopt`` loads no
solver and no plotting, and the command line, which begins with it, is ready
for Ctrl-C before it loads anything.
"""

from __future__ import annotations

# Loading typing takes a moment in which Ctrl-C would be a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kvopt.check import verify as verify
    from kvopt.exact import lower_bound as lower_bound
    from kvopt.exact import solve as solve
    from kvopt.model import InputError as InputError
    from kvopt.model import Instance as Instance
    from kvopt.model import KvoptError as KvoptError
    from kvopt.model import PolicyError as PolicyError
    from kvopt.model import Predictions as Predictions
    from kvopt.model import Request as Request
    from kvopt.model import Run as Run
    from kvopt.model import Schedule as Schedule
    from kvopt.model import SearchParams as SearchParams
    from kvopt.model import SimulationResult as SimulationResult
    from kvopt.model import SolveResult as SolveResult
    from kvopt.model import Status as Status
    from kvopt.model import Trace as Trace
    from kvopt.model import load_instance as load_instance
    from kvopt.model import load_schedule as load_schedule
    from kvopt.model import load_witness as load_witness
    from kvopt.model import read_trace as read_trace
    from kvopt.model import save_certificate as save_certificate
    from kvopt.model import save_instance as save_instance
    from kvopt.model import save_schedule as save_schedule
    from kvopt.model import save_witness as save_witness
    from kvopt.model import write_trace as write_trace
    from kvopt.simulation import simulate as simulate
    from kvopt.versions import show_versions as show_versions

    __version__: str

_ROOMS = {
    "kvopt.check": ("verify",),
    "kvopt.exact": ("lower_bound", "solve"),
    "kvopt.model": (
        "InputError",
        "Instance",
        "KvoptError",
        "PolicyError",
        "Predictions",
        "Request",
        "Run",
        "Schedule",
        "SearchParams",
        "SimulationResult",
        "SolveResult",
        "Status",
        "Trace",
        "load_instance",
        "load_schedule",
        "load_witness",
        "read_trace",
        "save_certificate",
        "save_instance",
        "save_schedule",
        "save_witness",
        "write_trace",
    ),
    "kvopt.simulation": ("simulate",),
    "kvopt.versions": ("show_versions",),
}
_LAZY = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        # pyproject.toml is the one place where the version is written.
        from importlib.metadata import version

        return version("kvopt")
    if name in _LAZY:
        from importlib import import_module

        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, "__version__"})
