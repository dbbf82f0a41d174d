"""Lower bounds against every policy: the table of docs/games.md.

    python benchmarks/games.py

searches the online clairvoyant game in every setting of the table, has both
checkers verify what it finds, and writes ``benchmarks/results/games.csv``,
with the seconds to find and to check. The strategies that
``proofs_check/games`` keeps are written again; they do not change.
"""

from __future__ import annotations

import argparse
import csv
import runpy
import time
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from kvopt.adversary.games import (
    GameSettings,
    game_document,
    game_text,
    search_games,
)
from kvopt.check import check_game

RESULTS = Path(__file__).parent / "results" / "games.csv"
KEPT = Path(__file__).parents[1] / "proofs_check" / "games"
COLUMNS = (
    "memory",
    "requests",
    "prompts",
    "horizon",
    "releases",
    "games",
    "types",
    "ratio",
    "value",
    "seconds_to_find",
    "positions",
    "nodes",
    "seconds_to_check",
    "seconds_to_check_alone",
)
# The ledger is no package that is installed; its checker is one file.
check_alone = runpy.run_path(str(KEPT / "check_game.py"))["check"]
Types = tuple[tuple[int, int], ...]


class Row(NamedTuple):
    """A row of the table: games that differ in their types only.

    ``keep`` names the file that keeps the strategy, if one does.
    """

    memory: int
    requests: int
    prompts: str
    horizon: int
    releases: int
    types: tuple[Types, ...]
    keep: str = ""


def types_of(memory: int, prompts: Sequence[int]) -> Types:
    """Return every type with some prompts."""
    return tuple((s, o) for s in prompts for o in range(1, memory - s + 1))


def rows() -> Iterator[Row]:
    """Yield the rows: wide ones, then single pairs of types far out.

    Up to 4 requests, a game has all types at once and any releases; above,
    there is a game for each pair of types, with three releases.
    """
    for prompt in (1, 0):
        for memory in range(4, 9):
            types = types_of(memory, [prompt])
            for requests in (3, 4):
                yield Row(
                    memory,
                    requests,
                    str(prompt),
                    memory,
                    requests,
                    (types,),
                )
            pairs = tuple(combinations(types, 2))
            for requests in (5, 6, 7):
                yield Row(memory, requests, str(prompt), memory, 3, pairs)
    for memory in (4, 6, 8):
        for requests in (3, 4):
            every = combinations(types_of(memory, range(memory)), 2)
            yield Row(memory, requests, "free", memory, 3, tuple(every))
    one_five = (((1, 1), (1, 5)),)
    yield Row(6, 7, "1", 6, 4, one_five, "equal_prompts_7_requests")
    yield Row(6, 8, "1", 6, 4, one_five)
    yield Row(6, 9, "1", 6, 4, one_five, "equal_prompts_9_requests")
    yield Row(6, 10, "1", 6, 4, one_five, "equal_prompts_10_requests")
    yield Row(6, 12, "1", 6, 3, one_five)
    no_prompts = (((0, 3), (0, 9)),)
    yield Row(9, 7, "0", 9, 3, no_prompts, "no_prompts_7_requests")
    yield blocked(2, 15, "free_prompts_3_requests")
    yield blocked(3, 12)
    yield blocked(4, 12)
    yield blocked(6, 12, "free_prompts_7_requests")
    yield blocked(10, 12)


def blocked(shorts: int, length: int, keep: str = "") -> Row:
    """Return a row of which the short requests never fit beside a long one.

    All ``shorts`` of them fit together; the long one takes ``length``
    rounds, and the adversary may wait for its start three times as long.
    """
    memory = shorts * length
    types = ((memory - length, length), (length - 1, 1))
    horizon = 3 * length
    return Row(memory, shorts + 1, "free", horizon, 2, (types,), keep)


def measured(row: Row) -> dict[str, object]:
    """Search a row's games, check the best strategy, and time it all."""
    began = time.process_time()
    result = search_games(
        GameSettings(
            row.memory, types, row.requests, row.horizon, row.releases
        )
        for types in row.types
    )
    found = time.process_time()
    cells: dict[str, object] = {
        "memory": row.memory,
        "requests": row.requests,
        "prompts": row.prompts,
        "horizon": row.horizon,
        "releases": row.releases,
        "games": len(row.types),
        "types": "",
        "ratio": str(result.ratio),
        "value": f"{float(result.ratio):.4f}",
        "seconds_to_find": f"{found - began:.2f}",
        "positions": result.positions,
    }
    if result.game is None:
        return cells
    document = game_document(result.game, result.ratio, "benchmarks/games.py")
    began = time.process_time()
    verdict = check_game(document)
    checked = time.process_time()
    alone = check_alone(document)
    ended = time.process_time()
    if not verdict.ok or alone != result.ratio:
        raise SystemExit(f"{row}: {verdict}")
    cells["types"] = " ".join(f"({s} {o})" for s, o in verdict.types)
    cells["nodes"] = verdict.nodes
    cells["seconds_to_check"] = f"{checked - began:.3f}"
    cells["seconds_to_check_alone"] = f"{ended - checked:.3f}"
    if row.keep:
        path = KEPT / f"{row.keep}.json"
        path.write_text(game_text(document), encoding="utf-8")
    return cells


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=RESULTS, help="the CSV to write"
    )
    asked = parser.parse_args(arguments)
    with asked.out.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        for row in rows():
            table.writerow(measured(row))
            file.flush()


if __name__ == "__main__":
    main()
