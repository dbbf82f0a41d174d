"""Where the start of ``kvopt simulate`` goes: CPU seconds of whole processes.

    python -m benchmarks.start_up

Each line is a process of its own, with a warm cache and compiled sources, the
least of some runs; each step holds the one before. ``llvmlite alone`` is what
would be left of the compiler if the kernel's object code were loaded without
numba, and a shared library what would be left if it were compiled ahead.
Prints a table, with the sizes of the packages as installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.simulate import best, child
from kvopt.model import write_trace
from kvopt.workloads import lmsys_like_trace

WARM = "from kvopt.simulation import fast; fast.warm_up()"
QUICK = "from kvopt.cli.simulate_runs import without_blas"
STEPS = {
    "python": "pass",
    "numpy": "import numpy",
    "the command line's modules": "import kvopt.cli.app",
    "a shared library by ctypes": "import ctypes; ctypes.CDLL(None)",
    "llvmlite alone": "import llvmlite.binding as b; "
    "b.initialize_native_target(); b.initialize_native_asmprinter()",
    "numba": "import numba",
    "the fast engine's modules": "import kvopt.simulation.fast",
    "the fast engine, ready": WARM,
    "the same, without scipy.linalg": f"{QUICK}\nwith without_blas():\n"
    f" {WARM}",
}
PACKAGES = ("numba", "llvmlite", "scipy", "numpy")


def size_of(package: str) -> float:
    """Return the MB of a package and of the libraries beside it."""
    found = importlib.util.find_spec(package)
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent
    places = (folder, folder.with_name(f"{package}.libs"))
    files = (f for place in places for f in place.rglob("*") if f.is_file())
    return sum(file.stat().st_size for file in files) / 1e6


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args(arguments).repeat
    kvopt = str(Path(sys.executable).parent / "kvopt")
    commands = {
        name: [sys.executable, "-c", code] for name, code in STEPS.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        for n in (4, 10_000):
            path = Path(folder, f"{n}.csv")
            rng = np.random.default_rng(0)
            write_trace(lmsys_like_trace(rng, n, 50.0), path)
            words = [kvopt, "simulate", str(path), "mc-sf", "--clock"]
            name = f"kvopt simulate, {n:,} requests"
            commands[name] = [*words, "llama-2-70b-2xa100"]
        for name, words in commands.items():
            # Its sources are compiled to bytecode here.
            child(words)
            row = best([child(words) for _ in range(repeat)])
            print(f"{name:33} {row['cpu_s']:6.2f} s", flush=True)
    for package in PACKAGES:
        print(f"{package:33} {size_of(package):6.0f} MB installed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
