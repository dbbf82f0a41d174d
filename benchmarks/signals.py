"""Signals at random moments of every command: what is left behind.

Run ``python -m benchmarks.signals``. Each trial starts a command with a
temporary folder of its own, sends SIGTERM, SIGINT, SIGHUP or SIGKILL at a
random moment, and looks: no process that it started lives on, the temporary
folder is empty, the exit status is 128 and the signal (or the command had
ended), nothing is on standard error but lines of kvopt's own, and, where a
signal can be caught after the search has begun, the file of ``--out`` is
there and passes the checker. A signal may come before Python has set up
anything; then it kills as usual. Whether the search has begun is told by the
processor time that the command has had, which other work on the machine does
not change.

Prints every fault, and now and then how many trials there were; exit status
1 when any trial left something behind. The first run on a machine measures
what is compiled, too: run ``kvopt compile`` before.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

import kvopt
from kvopt.check import check_files, check_witness_file
from kvopt.exact import names
from kvopt.model import save_instance
from kvopt.workloads import generate

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL)

# Seconds within which what was started has to be gone.
PATIENCE = 60.0

# Wall time and processor time, in seconds, in which a sweep has surely begun.
STARTED = (4.0, 4.0)
# What ends a command soon after it has begun its work; others do not end so.
SHORT = {
    "solve": ("--time-limit", "0.5"),
    "bound": ("--time-limit", "0.5"),
    "adversary": ("--budget", "1"),
}

MAIN = "import sys; from kvopt.cli import main; sys.exit(main())"

SWEEP = """
name = "signals"
[[instances]]
generator = "model-1"
params = { requests = 12, memory = 20 }
seeds = "0..199"
[[run]]
solver = "cbc"
"""


@dataclass(frozen=True)
class Trial:
    """A command, a signal, and the seconds after which it is sent.

    After ``begun`` seconds of processor time the search must have begun.
    """

    words: tuple[str, ...]
    number: signal.Signals
    delay: float
    begun: float


def commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the commands by name; write the files that they read."""
    instance = folder / "instance.json"
    save_instance(generate("model-1", {"requests": "30"}), instance)
    long = folder / "long.json"
    save_instance(generate("lmsys-like", {"requests": "400"}), long)
    sweep = folder / "sweep.toml"
    sweep.write_text(SWEEP, encoding="utf-8")
    limit = ("--time-limit", "600")
    found = {
        f"solve {name}": (
            *("solve", str(instance), "--solver", name, *limit),
            *("--out", "out.json"),
        )
        for name in names()
        if name not in ("auto", "brute-force")
    }
    return {
        **found,
        "simulate": (
            *("simulate", str(long), "mc-sf", "mc-benchmark"),
            *("--engine", "reference", "--records", "records.csv"),
        ),
        "adversary": (
            *("adversary", "fcfs", "--budget", "600s"),
            *("--out", "out.json"),
        ),
        "sweep": ("sweep", str(sweep), "--store", "s.sqlite"),
        "bound": (
            *("bound", str(instance), "--method", "lagrangian"),
            *("--out", "out.json"),
        ),
    }


def faults(trial: Trial, folder: Path) -> list[str]:
    """Run a trial in an empty folder and return what is wrong."""
    temporary = folder / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *trial.words],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_default_signals,
    )
    time.sleep(trial.delay)
    with_it = _below(process.pid)
    late = _processor_time(process.pid) > trial.begun
    process.send_signal(trial.number)
    _, said = process.communicate()
    found = []
    if _late(lambda: not [p for p in with_it if _lives(p)]):
        found.append("a process lives on")
    if _late(lambda: not list(temporary.iterdir())):
        found.append("a temporary file is left")
    expected = {0, -trial.number, 128 + trial.number}
    if process.returncode not in expected:
        found.append(f"status {process.returncode}")
    if [line for line in said.splitlines() if not line.startswith("kvopt: ")]:
        found.append(f"printed {said.splitlines()[-1]!r}")
    if trial.number == signal.SIGINT and _before_kvopt(said):
        return []
    return found + _unsaved(trial, late, folder, process.returncode)


def _before_kvopt(said: str) -> bool:
    """Return whether Python itself was still loading, before our code."""
    ours = str(Path(kvopt.__file__).parent)
    return said.rstrip().endswith("KeyboardInterrupt") and ours not in said


def _late(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return True
        time.sleep(0.02)
    return False


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _unsaved(trial: Trial, late: bool, folder: Path, status: int) -> list[str]:
    """Return what is wrong with the file that the command was to save."""
    out = folder / "out.json"
    if not out.exists():
        # Before the search has begun there is nothing to save.
        saves = "out.json" in trial.words and trial.number != signal.SIGKILL
        return ["nothing saved"] if saves and late else []
    if trial.words[0] == "adversary":
        right = check_witness_file(out).ok
    else:
        right = check_files(trial.words[1], out).ok
    return [] if right else [f"what was saved (status {status}) is wrong"]


def _below(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _processor_time(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def start_up(words: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Return wall and processor time in which a command surely has begun."""
    if words[0] not in SHORT:
        return STARTED

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    began, before = time.monotonic(), spent()
    subprocess.run(
        [sys.executable, "-c", MAIN, *words, *SHORT[words[0]]],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return time.monotonic() - began, spent() - before


def main() -> int:
    """Try all and print what was left behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100, help="a signal")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    left: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as inputs:
        chosen = commands(Path(inputs))
        begun = {n: start_up(w, Path(inputs)) for n, w in chosen.items()}
        for k in range(arguments.trials):
            for number in SIGNALS:
                # Each signal meets each command.
                name = list(chosen)[k % len(chosen)]
                wall, processor = begun[name]
                delay = rng.random() * 2 * wall
                trial = Trial(chosen[name], number, delay, processor)
                with tempfile.TemporaryDirectory() as folder:
                    for fault in faults(trial, Path(folder)):
                        left[fault] += 1
                        print(f"{number.name} {name} {delay:.3f} s: {fault}")
            if (k + 1) % 5 == 0 or k + 1 == arguments.trials:
                print(
                    f"{k + 1} trials of each signal on {len(chosen)} "
                    f"commands, {left.total()} faults",
                    flush=True,
                )
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
