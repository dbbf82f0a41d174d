"""Does compilation cost a search anything? Empty cache against a full one.

    python -m benchmarks.cold_start --instances 10 --time-limit 5

Each instance of 12 to 20 requests is searched twice, in processes of their
own: once with an empty cache of numba's, once with the one that this filled.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

_PROGRAM = """
import sys, time
import numpy as np
from kvopt.exact import solve
from kvopt.workloads.random.random_models import Model1, model_1
k, limit = int(sys.argv[1]), float(sys.argv[2])
rng = np.random.default_rng(k)
n = 12 + k % 9
sizes = Model1(memory=(30, 36), requests=(n, n), output=(2, 14))
instance = model_1(rng, sizes)
began = time.monotonic()
found = solve(instance, "search", limit, 1)
print(n, found.objective, found.lower_bound, f"{found.runtime:.2f}",
      f"{time.monotonic() - began:.2f}")
"""


def searched(instance: int, limit: float, cache: str) -> list[str]:
    """Return requests, objective, bound, runtime and wall time."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(instance), str(limit)],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 if objectives or bounds differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=10)
    parser.add_argument("--time-limit", type=float, default=5.0)
    given = parser.parse_args(arguments)
    print("  n  cache  objective  bound  runtime  with compilation")
    different = 0
    for k in range(given.instances):
        with tempfile.TemporaryDirectory() as cache:
            rows = [
                searched(k, given.time_limit, cache) for _ in ("empty", "full")
            ]
        for name, row in zip(("empty", "full"), rows, strict=True):
            n, objective, bound, runtime, wall = row
            print(
                f"{n:>3}  {name:5}  {objective:>9}  {bound:>5}  "
                f"{runtime:>7}  {wall:>7}",
                flush=True,
            )
        different += rows[0][1:3] != rows[1][1:3]
    print(f"different: {different} of {given.instances}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
