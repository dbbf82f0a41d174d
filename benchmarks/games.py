"""Lower bounds against every policy: the tables of docs/games.md.

    python benchmarks/games.py clairvoyant restarts randomised

searches the games in every setting of the tables, has both checkers verify
what it finds, and writes ``benchmarks/results/games_GAME.csv``, with the
seconds to find and to check. The strategies that ``proofs_check/witnesses``
keeps are written again; they do not change. ``--tables`` prints the tables
from the files.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from kvopt.adversary.games import (
    GameSettings,
    RandomisedSettings,
    RestartSettings,
    Settings,
    game_document,
    game_text,
    search_games,
)
from kvopt.check import check_game
from kvopt.model import write_atomically

# The ledger is a room of the checkout, no installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

from proofs_check.checker import check_document

RESULTS = Path(__file__).parent / "results"
KEPT = Path(__file__).parents[1] / "proofs_check" / "witnesses"
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
Types = tuple[tuple[int, int], ...]


class Row(NamedTuple):
    """A row of a table: games of which the best ratio counts.

    Horizon and releases are 0 where they mean nothing. ``keep`` names the
    file that keeps the strategy, if one does.
    """

    memory: int
    requests: int
    prompts: str
    horizon: int
    releases: int
    settings: tuple[Settings, ...]
    keep: str = ""


def online(
    memory: int,
    requests: int,
    prompts: str,
    horizon: int,
    releases: int,
    types: Iterable[Types],
    keep: str = "",
) -> Row:
    """Return a row of online clairvoyant games that differ in types."""
    settings = tuple(
        GameSettings(memory, some, requests, horizon, releases)
        for some in types
    )
    return Row(memory, requests, prompts, horizon, releases, settings, keep)


def types_of(memory: int, prompts: Sequence[int]) -> Types:
    """Return every type with some prompts."""
    return tuple((s, o) for s in prompts for o in range(1, memory - s + 1))


def clairvoyant_rows() -> Iterator[Row]:
    """Yield the rows: wide ones, then single pairs of types far out.

    Up to 4 requests, a game has all types at once and any releases; above,
    there is a game for each pair of types, with three releases.
    """
    for prompt in (1, 0):
        for memory in range(4, 9):
            types = types_of(memory, [prompt])
            for requests in (3, 4):
                yield online(
                    memory,
                    requests,
                    str(prompt),
                    memory,
                    requests,
                    (types,),
                )
            pairs = tuple(combinations(types, 2))
            for requests in (5, 6, 7):
                yield online(memory, requests, str(prompt), memory, 3, pairs)
    for memory in (4, 6, 8):
        for requests in (3, 4):
            every = combinations(types_of(memory, range(memory)), 2)
            yield online(memory, requests, "free", memory, 3, tuple(every))
    one_five = (((1, 1), (1, 5)),)
    yield online(6, 7, "1", 6, 4, one_five, "equal_prompts_7_requests")
    yield online(6, 8, "1", 6, 4, one_five)
    yield online(6, 9, "1", 6, 4, one_five, "equal_prompts_9_requests")
    yield online(6, 10, "1", 6, 4, one_five, "equal_prompts_10_requests")
    yield online(6, 12, "1", 6, 3, one_five)
    no_prompts = (((0, 3), (0, 9)),)
    yield online(9, 7, "0", 9, 3, no_prompts, "no_prompts_7_requests")
    yield blocked(2, 15, "free_prompts_3_requests")
    yield blocked(3, 12)
    yield blocked(4, 12)
    yield blocked(6, 12, "free_prompts_7_requests")
    yield blocked(10, 12, "free_prompts_11_requests")


def blocked(shorts: int, length: int, keep: str = "") -> Row:
    """Return a row of which the short requests never fit beside a long one.

    All ``shorts`` of them fit together; the long one takes ``length``
    rounds, and the adversary may wait for its start three times as long.
    """
    memory = shorts * length
    types = ((memory - length, length), (length - 1, 1))
    horizon = 3 * length
    return online(memory, shorts + 1, "free", horizon, 2, (types,), keep)


def restart_rows() -> Iterator[Row]:
    """Yield the rows of unknown lengths: every length that fits."""
    sizes = [
        *((1, memory, n) for memory in (4, 5, 6) for n in (3, 4)),
        (1, 7, 3),
        (1, 5, 5),
        (1, 6, 5),
        *((0, memory, n) for memory in (4, 5) for n in (3, 4)),
    ]
    for prompt, memory, requests in sizes:
        lengths = tuple(range(1, memory - prompt + 1))
        settings = (RestartSettings(memory, prompt, lengths, requests),)
        best = (prompt, memory, requests) in ((1, 7, 3), (1, 6, 5))
        keep = f"restarts_{requests}_requests" if best else ""
        yield Row(memory, requests, str(prompt), 0, 0, settings, keep)


def randomised_rows() -> Iterator[Row]:
    """Yield the rows against policies that draw lots."""
    far = [
        *(online(6, n, "1", 6, 2, [((1, 1), (1, 5))]) for n in (5, 7, 9, 12)),
        online(9, 7, "0", 9, 2, [((0, 3), (0, 9))]),
        blocked(2, 15),
        blocked(3, 12),
        blocked(4, 12),
        blocked(6, 12),
    ]
    keep = {
        (6, 12): "randomised_equal_prompts_12_requests",
        (72, 7): "randomised_free_prompts_7_requests",
    }
    for row in far:
        settings = tuple(
            RandomisedSettings(base, first)
            for base in row.settings
            if isinstance(base, GameSettings)
            # One long request at 0; the blocked rows name it first.
            for first in ((1, 0) if row.prompts == "free" else (0, 1),)
        )
        name = keep.get((row.memory, row.requests), "")
        yield row._replace(settings=settings, keep=name)


def measured(row: Row) -> dict[str, object]:
    """Search a row's games, check the best strategy, and time it all."""
    began = time.process_time()
    result = search_games(row.settings)
    if result.ended == "interrupted":
        # A smaller ratio than the game's would replace row and witness.
        raise KeyboardInterrupt
    found = time.process_time()
    cells: dict[str, object] = {
        "memory": row.memory,
        "requests": row.requests,
        "prompts": row.prompts,
        "horizon": row.horizon,
        "releases": row.releases,
        "games": len(row.settings),
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
    alone = check_document(document, {})["ratio"]
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


GAMES = {
    "clairvoyant": clairvoyant_rows,
    "restarts": restart_rows,
    "randomised": randomised_rows,
}


def tables() -> Iterator[str]:
    """Yield the lines of the tables, in Markdown."""
    for game in GAMES:
        path = RESULTS / f"games_{game}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        yield f"### {game}"
        yield ""
        yield "| M | n | prompts | types | ratio | | find | check | alone |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for row in found:
            sizes = row["types"] if len(row["types"]) < 30 else "all"
            cells = [
                row["memory"],
                row["requests"],
                row["prompts"],
                sizes,
                row["ratio"] if len(row["ratio"]) < 10 else "",
                row["value"],
                row["seconds_to_find"],
                row["seconds_to_check"],
                row["seconds_to_check_alone"],
            ]
            yield "| " + " | ".join(cells) + " |"
        yield ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("games", nargs="*", help=", ".join(GAMES))
    parser.add_argument(
        "--tables", action="store_true", help="print them in Markdown"
    )
    asked = parser.parse_args(arguments)
    for game in asked.games:
        if game not in GAMES:
            parser.error(f"no game is called {game!r}")
    for game in asked.games:
        path = RESULTS / f"games_{game}.csv"
        # Rows of an earlier run stay until all new ones are there.
        with (
            write_atomically(path) as part,
            part.open("w", encoding="utf-8", newline="") as file,
        ):
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            for row in GAMES[game]():
                cells = measured(row)
                table.writerow(cells)
                print(*cells.values(), flush=True)
    if asked.tables:
        for line in tables():
            print(line)


if __name__ == "__main__":
    main()
