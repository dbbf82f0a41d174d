"""Mutated files through every reader: no traceback, no hang, no flood.

Run ``python -m benchmarks.mutants --count 100000 --seed 0``; it takes about
half an hour on one core. Each mutant is a small good file (an instance,
schedule, bound, witness, staged run, game, trace or sweep) after
one to five random changes, and goes through the commands that read it. A
mutant is a fault when anything but a status and a line of text comes out of
it, when it takes more than 3 s, or more than a gigabyte. Faults are written
to ``--keep``, with the seed that makes them again.

Batches run in children of their own, so that limits and crashes end no more
than one batch. The budget of the checker bounds the work on bounds and
witnesses; see docs/formats.md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer

__all__ = ["Fault", "Kind", "kinds", "main", "mutant", "run_mutants"]

ROOT = Path(__file__).parents[1]
GAME = ROOT / "proofs_check" / "witnesses" / "equal_prompts_10_requests.json"
SECONDS = 3
MEMORY = 10**9
BATCH = 500

# What is put in the place of a value, as text of JSON.
VALUES = (
    "0",
    "-1",
    "-0",
    "1",
    "2.5",
    "1.0",
    "1e3",
    "1e999",
    "true",
    "null",
    '""',
    "[]",
    "{}",
    "[[]]",
    '"\\ud800"',
    '"\\u001b[2J"',
    '"\u202eevil"',
    '"0..3"',
    '"../../etc/passwd"',
    '"a\\u0000b"',
    *(str(10**k + d) for k in (6, 9, 12, 15, 16, 18, 30) for d in (0, 1)),
    "[" * 900 + "]" * 900,
    '{"a":' * 981 + "1" + "}" * 981,
    '"' + "x" * 140_000 + '"',
)

# And what is no JSON.
WORDS = (
    "NaN",
    "-Infinity",
    "1_0",
    "0x1f",
    "\u0663",
    "1979-05-27T07:32:00Z",
    "9" * 5000,
    "0x" + "f" * 6000,
    "[" * 30_000 + "]" * 30_000,
    "a." * 2000 + "a = 1",
)


@dataclass(frozen=True)
class Kind:
    """A kind of file: a good one, and what reads it.

    Parameters
    ----------
    name
        File name, with its ending.
    good
        The text of a good file.
    commands
        Command lines of ``kvopt`` that read it, the file as ``{}``.
    """

    name: str
    good: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A mutant that something is wrong with.

    Parameters
    ----------
    kind, number
        Which mutant of the seed it is.
    command
        The command line that read it.
    problem
        What went wrong, in a line.
    """

    kind: str
    number: int
    command: str
    problem: str


def good_files() -> dict[str, str]:
    """Return good files by name."""
    from kvopt.exact import run_bound
    from kvopt.model import Instance, Predictions, Schedule, Witness
    from kvopt.simulation.staged import simulate_staged

    instance = Instance.of(
        6,
        [(0, 1, 2), (0, 1, 2), (0, 1, 3), (1, 1, 3)],
        predictions=Predictions(
            lower=[1, 1, 2, 2],  # type: ignore[arg-type]
            upper=[3, 3, 4, 4],  # type: ignore[arg-type]
            point=[2, 2, 3, 3],  # type: ignore[arg-type]
        ),
        name="small",
    )
    better = Schedule.from_starts(instance, (0, 2, 0, 3))
    worse = Schedule.from_starts(instance, (0, 2, 4, 7))
    area = run_bound(instance, "area").certificate
    rows = {"scale": 4, "memory": [[4, 1]], "levels": [[1, 4, 1], [2, 3, 1]]}
    documents = {
        "instance.json": instance.document(),
        "schedule.json": better.document(instance),
        "area.json": area.document(),
        "lagrangian.json": run_bound(
            instance, "lagrangian"
        ).certificate.document(),
        "lp-dual.json": {
            **area.document(),
            "method": "lp-dual",
            "value": 1,
            "data": rows,
        },
        "witness.json": Witness(
            "claim",
            instance,
            worse,
            better,
            True,
            json.dumps(area.document()),
            "fcfs",
        ).document(),
        "staged.json": simulate_staged(instance, "staged-fcfs").document(),
    }
    return {
        **{name: json.dumps(text) for name, text in documents.items()},
        "game.json": GAME.read_text(encoding="utf-8"),
        "trace.csv": "arrival_s,prompt_tokens,output_tokens\n"
        "0,374,44\n4.31,396,109\n4.5,1,1\n",
        "sweep.toml": 'name = "s"\n[limits]\nseconds = 60\nmemory = "2 GB"\n'
        '[[instances]]\ngenerator = "model-1"\nseeds = "0..1"\n'
        'params = {requests = [3, 4], memory = 12, output = "2..4"}\n'
        '[[instances]]\nlibrary = ["online-6"]\n'
        '[[instances]]\nfiles = "instance.json"\n'
        '[[instances]]\ntrace = "trace.csv"\n'
        'params = {arrivals = "zero", memory = 2000}\n'
        '[[run]]\npolicy = ["mc-sf", "mc-sf:margin=0.5"]\n'
        'params = {misfit = "skip"}\n'
        'engine = "fast"\n[[run]]\nbound = "area"\n'
        '[[run]]\nsolver = "cpsat"\ntime_limit = 5.0\nseeds = [0, 3]\n',
    }


def kinds(files: dict[str, str]) -> dict[str, Kind]:
    """Return every kind of file by name, given good ones."""
    commands = {
        "instance.json": (
            "verify {} schedule.json",
            "bound {} --method trivial",
        ),
        "schedule.json": (
            "verify instance.json {}",
            "solve instance.json --solver brute-force --warm-start {}",
        ),
        "area.json": ("verify instance.json {}",),
        "lagrangian.json": ("verify instance.json {}",),
        "lp-dual.json": ("verify instance.json {}",),
        "witness.json": ("verify {}",),
        "staged.json": ("verify instance.json {}",),
        "game.json": ("verify {}",),
        "trace.csv": (
            "generate --trace {} --arrivals zero",
            "generate --trace {} --round-seconds 0.1 --memory 2000 --json",
        ),
        "sweep.toml": ("plan {}",),
    }
    return {
        name: Kind(name, files[name], lines)
        for name, lines in commands.items()
    }


def mutant(rng: random.Random, good: str, name: str) -> bytes:
    """Return a good file after one to five random changes."""
    text = good
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        if name.endswith(".json") and rng.random() < 0.9:
            text = _changed_json(rng, text)
        else:
            text = _changed_words(rng, text, "," if "csv" in name else " =")
    data = text.encode("utf-8", "surrogatepass")
    return _changed_bytes(rng, data) if rng.random() < 0.15 else data


def _changed_json(rng: random.Random, text: str) -> str:
    """Change one value or key of a JSON document, if it is still one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    places: list[tuple[Any, Any]] = []

    def walk(node: Any, depth: int) -> None:
        keys: list[Any] = []
        if isinstance(node, dict):
            keys = list(node)
        elif isinstance(node, list):
            keys = list(range(len(node)))
        for key in keys:
            places.append((node, key))
            if depth < 20:
                walk(node[key], depth + 1)

    walk(document, 0)
    if not places:
        return text
    node, key = rng.choice(places)
    what = rng.randrange(6)
    mark = "@mark@"
    fragment = rng.choice(VALUES if rng.random() < 0.95 else WORDS)
    if what == 0:
        del node[key]
    elif what == 1 and isinstance(node, list):
        node.insert(key, node[key])
    elif what == 2 and isinstance(node, dict):
        node[rng.choice(["\x1b[2J", "x" * 200_000, "name", ""])] = node[key]
    elif what == 3 and isinstance(node[key], int):
        node[key] += rng.choice((-1, 1))
    elif what == 4:
        other, there = rng.choice(places)
        with contextlib.suppress(LookupError):
            node[key] = json.loads(json.dumps(other[there]))
    else:
        node[key] = mark
    try:
        return json.dumps(document).replace(f'"{mark}"', fragment)
    except (ValueError, RecursionError):
        return text


def _changed_words(rng: random.Random, text: str, cut: str) -> str:
    """Change, double, drop or swap a line, or a word of one."""
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    what = rng.randrange(5)
    if what == 0:
        del lines[i]
    elif what == 1:
        lines.insert(i, lines[i])
    elif what == 2:
        j = rng.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    else:
        for sign in cut:
            words = lines[i].split(sign)
            if len(words) > 1:
                break
        fragment = rng.choice(VALUES + WORDS)
        words[rng.randrange(len(words))] = fragment
        lines[i] = sign.join(words)
    return "\n".join(lines)


def _changed_bytes(rng: random.Random, data: bytes) -> bytes:
    """Change, drop, double or insert some bytes."""
    a = rng.randrange(len(data) + 1)
    b = min(len(data), a + rng.choice((1, 2, 10, 100)))
    what = rng.randrange(5)
    if what == 0:
        return data[:a] + rng.randbytes(b - a) + data[b:]
    if what == 1:
        return data[:a] + data[b:]
    if what == 2:
        return data[:b] + data[a:]
    if what == 3:
        return data[:a]
    nasty = (b"\x00", b"\r", b'"', b"\n\n", b"\xff", b"\xed\xa0\x80", b"\x1b")
    return data[:a] + rng.choice(nasty) + data[a:]


class _TooSlow(BaseException):
    """The time of a mutant is over."""


def _read_plan(path: str) -> int:
    """Read a configuration, as ``kvopt sweep`` does before it computes."""
    from kvopt.cli.terminal import print_note
    from kvopt.model import KvoptError
    from kvopt.sweep import read_plan

    try:
        read_plan(path)
    except KvoptError as error:
        print_note(str(error))
        return 2
    return 0


def _problem(command: str, path: str) -> str | None:
    """Run a command in this process; return what is wrong with it."""
    from kvopt.cli import main

    words = [path if word == "{}" else word for word in command.split()]
    out, err = io.StringIO(), io.StringIO()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = _read_plan(path) if words[0] == "plan" else main(words)
    except _TooSlow:
        return f"takes more than {SECONDS} s"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:200]!r}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    said = err.getvalue()
    if status not in (0, 1, 2, 3):
        return f"exit status {status}"
    if "Traceback" in said or said.count("\n") > 1:
        return f"standard error {said[:200]!r}"
    if (status == 2) != bool(said):
        return f"exit status {status} with standard error {said[:200]!r}"
    for line in (out.getvalue() + said).split("\n"):
        if not line.isprintable() or len(line) > 5000:
            return f"prints {line[:200]!r}"
    return None


def _batch(
    seed: int,
    numbers: range,
    kind: Kind,
    files: dict[str, str],
    keep: Path | None,
) -> Iterator[Fault]:
    """Run mutants in this process, under the limits."""

    def over(*_: object) -> None:
        raise _TooSlow

    signal.signal(signal.SIGPROF, over)
    # Typer would make all commands anew each time, which takes longest.
    typer.main.get_command = cache(typer.main.get_command)
    status = Path("/proc/self/statm").read_text().split()
    used = int(status[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, -1))
    for name, text in files.items():
        Path(name).write_text(text)
    path = f"mutant-{kind.name}"
    for number in numbers:
        rng = random.Random(f"{seed} {kind.name} {number}")
        data = mutant(rng, kind.good, kind.name)
        Path(path).write_bytes(data)
        for command in kind.commands:
            problem = _problem(command, path)
            if problem is not None:
                if keep is not None:
                    name = f"{seed}-{number}-{kind.name}"
                    (keep / name).write_bytes(data)
                yield Fault(kind.name, number, command, problem)


def _in_child(work: Callable[[], list[Fault]]) -> list[Fault] | str:
    """Run work in a child; return its faults, or how it died."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            with (
                tempfile.TemporaryDirectory() as folder,
                contextlib.chdir(folder),
            ):
                faults = [list(vars(fault).values()) for fault in work()]
            with os.fdopen(write, "w") as pipe:
                json.dump(faults, pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status or not said:
        return f"the batch ended with wait status {status}"
    return [Fault(*fault) for fault in json.loads(said)]


def run_mutants(
    count: int,
    seed: int,
    keep: Path | None = None,
    progress: Callable[[int, list[Fault]], None] = lambda done, faults: None,
) -> list[Fault]:
    """Run mutants of every kind in turn and return the faults.

    Parameters
    ----------
    count
        How many mutants; each kind has its share.
    seed
        Seed of all of them.
    keep
        Folder in which mutants with faults are kept; None for nowhere.
    progress
        Called after each batch with the number done and the faults.
    """
    faults: list[Fault] = []
    files = good_files()
    every = kinds(files)
    share = -(-count // len(every))
    done = 0
    for first in range(0, share, BATCH):
        numbers = range(first, min(first + BATCH, share))
        for kind in every.values():

            def work(kind: Kind = kind, numbers: range = numbers):
                return list(_batch(seed, numbers, kind, files, keep))

            found = _in_child(work)
            if isinstance(found, str):
                found = [Fault(kind.name, first, "", found)]
            faults += found
            done += len(numbers)
            progress(done, faults)
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Run mutants, print the faults, and return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for faults")
    chosen = parser.parse_args(arguments)
    if chosen.keep is not None:
        chosen.keep = chosen.keep.resolve()
        chosen.keep.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()

    def tell(done: int, faults: list[Fault]) -> None:
        print(
            f"\r{done:,} mutants, {len(faults):,} faults, "
            f"{time.monotonic() - begun:,.0f} s",
            end="",
            file=sys.stderr,
            flush=True,
        )

    faults = run_mutants(chosen.count, chosen.seed, chosen.keep, tell)
    print(file=sys.stderr)
    for fault in faults:
        print(f"{fault.kind} {fault.number} {fault.command}: {fault.problem}")
    for (kind, problem), times in Counter(
        (fault.kind, fault.problem[:60]) for fault in faults
    ).most_common():
        print(f"{times:6} {kind}: {problem}")
    print(f"{chosen.count:,} mutants, {len(faults):,} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
