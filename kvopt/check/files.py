"""The checkers, applied to files."""

from __future__ import annotations

import os
from typing import Any

from kvopt.check.bound import BoundVerdict, check_bound_of
from kvopt.check.budget import Budget
from kvopt.check.documents import read_instance, read_json
from kvopt.check.game import check_game
from kvopt.check.game_verdict import GameVerdict
from kvopt.check.schedule import check_schedule_of
from kvopt.check.staged import StagedVerdict, check_staged_of
from kvopt.check.verdict import Verdict
from kvopt.check.witness import WitnessVerdict, check_witness
from kvopt.model.errors import InputError

__all__ = ["check_files", "check_lone_file", "check_witness_file"]

Path = str | os.PathLike[str]


def check_files(
    instance_path: Path, other_path: Path, budget: int = 1
) -> Verdict | BoundVerdict | StagedVerdict:
    """Check a schedule, a bound or a staged run, whichever is in the file.

    Parameters
    ----------
    instance_path, other_path
        The files.
    budget
        Work that may be done on a bound; see :func:`kvopt.check.check_bound`.

    Raises
    ------
    InputError
        Naming the file at fault, the field and the value.
    """
    where = os.fspath(instance_path)
    problem = read_instance(read_json(instance_path), where)
    document, other = read_json(other_path), os.fspath(other_path)
    name = _format(document)
    if name == "kvopt-schedule/1":
        return check_schedule_of(document, problem, other)
    if name == "kvopt-bound/1":
        return check_bound_of(document, problem, Budget(budget), other)
    if name == "kvopt-staged/1":
        return check_staged_of(document, problem, other)
    raise InputError(
        "must be 'kvopt-schedule/1', 'kvopt-bound/1' or 'kvopt-staged/1'",
        field="format",
        value=name,
        where=other,
    )


def check_lone_file(
    path: Path, budget: int = 1
) -> WitnessVerdict | GameVerdict:
    """Check a file that needs no other one: a witness or a game.

    Parameters
    ----------
    path
        The file.
    budget
        Work that may be done; see :func:`kvopt.check.check_witness` and
        :func:`kvopt.check.check_game`.

    Raises
    ------
    InputError
        Naming the file, the field and the value.
    """
    document = read_json(path)
    if _format(document) != "kvopt-game/1":
        return _witness(document, path, budget)
    try:
        return check_game(document, budget)
    except InputError as error:
        raise error.at(os.fspath(path)) from None


def check_witness_file(path: Path, budget: int = 1) -> WitnessVerdict:
    """Check a ``kvopt-witness/1`` file.

    Parameters
    ----------
    path
        The file.
    budget
        Work that may be done; see :func:`kvopt.check.check_witness`.

    Raises
    ------
    InputError
        Naming the file, the field and the value.
    """
    return _witness(read_json(path), path, budget)


def _witness(document: Any, path: Path, budget: int) -> WitnessVerdict:
    try:
        return check_witness(document, budget)
    except InputError as error:
        raise error.at(os.fspath(path)) from None


def _format(document: Any) -> Any:
    return document.get("format") if isinstance(document, dict) else None
