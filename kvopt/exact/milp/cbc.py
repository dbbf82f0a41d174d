"""CBC, as bundled with PuLP: a program that reads a file and writes one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kvopt.exact.control.session import Session, SolverError, Stopped
from kvopt.exact.milp.keeper import ENDED
from kvopt.exact.milp.model import INEXACT, Program, build, report
from kvopt.exact.task import SolverTask
from kvopt.exact.time_index import too_large

__all__ = ["run"]

_KEEPER = Path(__file__).with_name("keeper.py")

# What CBC logs of its bound; -1e+50 and the like mean that it has none.
_BOUND = re.compile(
    r"(?:Continuous objective value is|best possible|Lower bound:)"
    r"\s+(-?[0-9.]+(?:e[+-]?[0-9]+)?)"
)


def run(task: SolverTask, session: Session) -> str:
    """Solve ``task``; return why CBC ended.

    CBC is the child of a keeper in a session of its own, so that Ctrl-C
    reaches it only through :meth:`Session.stop`: an interrupted CBC still
    writes its best solution; one that does not react is killed. Its files
    go, and it ends, however this process ends. It runs one thread.
    """
    problem = too_large(task)
    if problem:
        return problem
    program = build(task, session.checkpoint)
    with _keeper() as keeper:
        return _run(program, task, session, keeper)


@contextmanager
def _keeper() -> Iterator[subprocess.Popen[str]]:
    """Start what makes a folder, and then runs CBC with files in there.

    When its input is closed it kills CBC and removes the folder.
    """
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_KEEPER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdin and keeper.stdout
    try:
        yield keeper
    finally:
        with suppress(BrokenPipeError):
            keeper.stdin.close()
        keeper.stdout.close()
        keeper.wait()


def _run(
    program: Program,
    task: SolverTask,
    session: Session,
    keeper: subprocess.Popen[str],
) -> str:
    from pulp.apis.coin_api import PULP_CBC_CMD

    assert keeper.stdin and keeper.stdout
    folder = Path(keeper.stdout.readline().rstrip("\n"))
    model, start, answer = (folder / f for f in ("p.mps", "p.mst", "p.sol"))
    session.checkpoint()
    _, names, _, _ = program.problem.writeMPS(str(model), rename=1)
    column = [names[variable.name] for variable in program.variables]
    session.checkpoint()
    command = [PULP_CBC_CMD.pulp_cbc_path, str(model)]
    if task.incumbent:
        start.write_text(_start(program, task, column))
        command += ["-mips", str(start)]
    # Objectives are integers: nothing better fits into a gap below 1.
    command += ["-ratio", "0", "-allow", "0.999"]
    command += ["-randomCbcSeed", str(task.seed), "-timeMode", "elapsed"]
    limit = session.remaining()
    if limit is not None:
        command += ["-sec", str(limit)]
    command += ["-solve", "-solution", str(answer)]
    _tell(keeper, command)

    def stop() -> None:
        _tell(keeper, "stop")

    session.on_stop(stop)
    code = ""
    for line in keeper.stdout:
        if line.startswith(ENDED):
            code = line.removeprefix(ENDED).strip()
            break
        for bound in _BOUND.findall(line):
            if abs(float(bound)) < 1e15:
                session.proved(float(bound))
    if not answer.exists():
        session.checkpoint()
        raise SolverError(f"CBC ended with code {code} and no solution")
    return _read(answer, program, column, session)


def _tell(keeper: subprocess.Popen[str], what: object) -> None:
    """Send a line to the keeper; it may have ended."""
    assert keeper.stdin
    with suppress(BrokenPipeError, ValueError):
        keeper.stdin.write(json.dumps(what) + "\n")
        keeper.stdin.flush()


def _start(program: Program, task: SolverTask, column: Iterable[str]) -> str:
    """Return the incumbent as a solution file."""
    values = program.index.values(task.incumbent).tolist()
    lines = ["Stopped on time - objective value 0"]
    lines += [
        f"{c} {name} {x} 0"
        for c, (name, x) in enumerate(zip(column, values, strict=True))
    ]
    return "\n".join(lines) + "\n"


def _read(
    answer: Path, program: Program, column: Iterable[str], session: Session
) -> str:
    """Report the solution in the file ``answer``; return its first line."""
    lines = answer.read_text().splitlines()
    verdict, _, objective = lines[0].partition(" - objective value ")
    if "nfeasible" in verdict:  # "Infeasible", "Integer infeasible"
        raise SolverError("CBC says infeasible, but a schedule is known")
    if "no integer solution" in verdict or len(lines) < 2:
        session.checkpoint()
        return f"CBC ended: {verdict}"
    given = {}
    for line in lines[1:]:
        fields = line.replace("**", " ").split()
        given[fields[1]] = float(fields[2])
    values = [given.get(name, 0.0) for name in column]
    exact = report(session, program.index.starts(values), float(objective))
    if verdict.startswith("Optimal"):
        # Optimal within the gap that was allowed.
        session.proved(float(objective) - 0.999)
    elif verdict.startswith("Stopped on"):
        raise Stopped
    return f"CBC ended: {verdict}{'' if exact else INEXACT}"
