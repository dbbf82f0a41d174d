"""kvopt beside other simulators of LLM serving: whole processes, one run.

    python -m benchmarks.comparison
    python -m benchmarks.comparison --peer "blis=COMMAND {trace} ..."

Every simulator reads the same traces (LMSYS-like, 50 requests a second) and
runs five times, in turn, so that a busy machine meets all of them; the table
has medians. A peer runs if its command is given: ``{trace}`` stands for the
trace's CSV file, ``arrival_s,prompt_tokens,output_tokens``, which an adapter
of the peer's own may have to convert. Peers without a command are named. Only
what was run in the same call stands in the table. Writes
``benchmarks/results/comparison.csv`` and the table of docs/comparison.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.provenance import stamp
from benchmarks.simulate import Row, child
from kvopt.model import InputError, write_atomically, write_trace
from kvopt.workloads import lmsys_like_trace

ROOT = Path(__file__).parents[1]
OUT = ROOT / "benchmarks" / "results" / "comparison.csv"
PAGE = ROOT / "docs" / "comparison.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
PEERS = ("vidur", "blis", "kv_cache_sim")
OPTIONS = "--clock llama-2-70b-2xa100-vidur"
OURS = {
    "kvopt, MC-SF": f"simulate {{trace}} mc-sf {OPTIONS}",
    "kvopt, vLLM with blocks and restarts": "simulate {trace} vllm-watermark "
    f"{OPTIONS} --serving block=16,restart=recompute",
}


def peers_of(texts: list[str]) -> dict[str, list[str]]:
    """Return the words of each peer's command, ``{trace}`` among them.

    Raises
    ------
    InputError
        For a text without a name, a trace, or a program that there is.
    """
    found = {}
    for text in texts:
        name, _, command = text.partition("=")
        words = shlex.split(command)
        if not name or "{trace}" not in command:
            raise InputError(
                "must be NAME=COMMAND with {trace} in it",
                field="--peer",
                value=text,
            )
        if shutil.which(words[0]) is None:
            raise InputError(
                f"{words[0]} is no program", field="--peer", value=text
            )
        found[name] = words
    return found


def measured(
    commands: dict[str, list[str]], sizes: list[int], repeat: int
) -> list[Row]:
    """Run all commands in turn on each trace; return medians.

    Parameters
    ----------
    commands
        The words of each, with ``{trace}``.
    sizes
        Numbers of requests.
    repeat
        How often.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder, f"{size}.csv")
            rng = np.random.default_rng(0)
            write_trace(lmsys_like_trace(rng, size, 50.0), path)
            runs: dict[str, list[Row]] = {name: [] for name in commands}
            for _ in range(repeat):
                for name, words in commands.items():
                    full = [w.replace("{trace}", str(path)) for w in words]
                    runs[name].append(child(full))
            for name, found in runs.items():
                middle = {
                    key: statistics.median(row[key] for row in found)
                    for key in ("cpu_s", "wall_s", "peak_mib")
                }
                about = {"simulator": name, "requests": size, "runs": repeat}
                load = round(os.getloadavg()[0], 1)
                rows.append({**about, **middle, "load_after": load})
                print(*rows[-1].values(), flush=True)
    return rows


def table(rows: list[Row], missing: list[str]) -> str:
    """Return the table of the page, and a line on who was not run.

    Parameters
    ----------
    rows
        As :func:`measured` returns them.
    missing
        Peers that were not run.
    """
    lines = [
        "| simulator | requests | CPU | wall | peak memory | load |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['simulator']} | {row['requests']:,} | {row['cpu_s']:.2f} s "
        f"| {row['wall_s']:.2f} s | {row['peak_mib']:,.0f} MiB "
        f"| {row['load_after']} |"
        for row in rows
    ]
    said = f"Not run here: {', '.join(missing)}." if missing else "All ran."
    return "\n".join([*lines, "", said, ""])


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the table and the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument(
        "--requests", nargs="+", type=int, default=[10_000, 1_000_000]
    )
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args(arguments)
    try:
        peers = peers_of(given.peer)
    except InputError as error:
        parser.exit(2, f"{error}\n")
    kvopt = str(Path(sys.executable).parent / "kvopt")
    ours = {name: [kvopt, *text.split()] for name, text in OURS.items()}
    rows = measured({**ours, **peers}, given.requests, given.repeat)
    missing = [name for name in PEERS if name not in peers]
    provenance = stamp()
    with (
        write_atomically(OUT) as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(
            file, [*rows[0], *provenance], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows({**row, **provenance} for row in rows)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    with write_atomically(PAGE) as part:
        text = before + BEGIN + table(rows, missing) + END + after
        part.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
