"""Won games as ``kvopt-game/1`` documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, assert_never

import networkx as nx

from kvopt.adversary.games.clairvoyant import ClairvoyantGame, GamePosition
from kvopt.adversary.games.randomised import RandomisedGame
from kvopt.adversary.games.restarts import RestartGame, RestartPosition

__all__ = ["game_document", "game_text"]

# The lists that name a branch, and the position it leads to.
Branches = Iterable[tuple[list[Any], Any]]


def game_document(
    game: ClairvoyantGame | RestartGame | RandomisedGame,
    ratio: Fraction,
    source: str,
) -> dict[str, Any]:
    """Return the document of a game that was won.

    Parameters
    ----------
    game
        The game, after the search.
    ratio
        A ratio that the search has won.
    source
        What made it, in words.
    """
    stated = {"ratio": [ratio.numerator, ratio.denominator], "source": source}
    match game:
        case ClairvoyantGame():
            of = game.settings
            return {
                "format": "kvopt-game/1",
                "game": "clairvoyant",
                "memory": of.memory,
                "types": [list(pair) for pair in of.types],
                "requests": of.requests,
                "horizon": of.horizon,
                **stated,
                "nodes": _clairvoyant_nodes(game),
            }
        case RestartGame():
            rules = game.settings
            return {
                "format": "kvopt-game/1",
                "game": "restarts",
                "memory": rules.memory,
                "prompt": rules.prompt,
                "lengths": list(rules.lengths),
                "requests": rules.requests,
                **stated,
                "nodes": _restart_nodes(game),
            }
        case RandomisedGame():
            base = game.settings.base
            return {
                "format": "kvopt-game/1",
                "game": "randomised",
                "memory": base.memory,
                "types": [list(pair) for pair in base.types],
                **stated,
                "instances": _instances(game),
            }
        case _:
            assert_never(game)


def _instances(game: RandomisedGame) -> list[dict[str, Any]]:
    return [
        {
            "weight": weight,
            "released": [[t, list(counts)] for t, counts in released],
            "offline": _runs(game.worker.schedule(released)),
        }
        for weight, released in zip(game.weights, game.pool, strict=True)
        if weight
    ]


def _strategy(start: Any, branches: Callable[[Any], Branches]) -> nx.DiGraph:
    """Return the positions that the winning strategy may come to."""
    graph = nx.DiGraph()
    graph.add_node(start)
    ahead = [start]
    while ahead:
        position = ahead.pop()
        for name, after in branches(position):
            if after not in graph:
                ahead.append(after)
            if graph.has_edge(position, after):
                graph.edges[position, after]["names"].append(name)
            else:
                graph.add_edge(position, after, names=[name])
    return graph


def _branches(
    graph: nx.DiGraph, at: Any, number: dict[Any, int]
) -> list[list[Any]]:
    """Return the branches of a node, each with the number it leads to."""
    return sorted(
        [*name, number[after]]
        for _, after, names in graph.out_edges(at, data="names")
        for name in names
    )


def _clairvoyant_nodes(game: ClairvoyantGame) -> list[dict[str, Any]]:
    def branches(at: GamePosition) -> Branches:
        release = game.move(at)
        if release is not None:
            for starts, after in game.following(at, release):
                yield [list(starts)], after

    graph = _strategy(game.start, branches)
    # Rounds ascend along every edge; the rest of the order is arbitrary,
    # and fixed to make the file deterministic.
    order = sorted(graph)
    number = {position: k for k, position in enumerate(order)}
    rows = []
    for at in order:
        row: dict[str, Any] = {
            "round": at.round,
            "released": [[t, list(counts)] for t, counts in at.released],
            "waiting": list(at.waiting),
            "usage": list(at.usage),
            "cost": at.cost,
        }
        release = game.move(at)
        if release is None:
            row["offline"] = _runs(game.worker.schedule(at.released))
        else:
            row["release"] = list(release)
            row["next"] = _branches(graph, at, number)
        rows.append(row)
    return rows


def _restart_nodes(game: RestartGame) -> list[dict[str, Any]]:
    def branches(at: RestartPosition) -> Branches:
        if game.stop(at) is None:
            for running, waiting, after in game.following(at):
                yield [[list(run) for run in running], list(waiting)], after

    graph = _strategy(game.start, branches)
    # Every round costs something, so that costs ascend along every edge.
    order = sorted(graph, key=lambda at: (at.cost, at))
    number = {position: k for k, position in enumerate(order)}
    rows = []
    for at in order:
        row: dict[str, Any] = {
            "finished": list(at.finished),
            "running": [list(run) for run in at.running],
            "waiting": list(at.waiting),
            "cost": at.cost,
        }
        stop = game.stop(at)
        if stop is None:
            row["next"] = _branches(graph, at, number)
        else:
            row["outputs"] = [*stop.running, *stop.waiting]
            counts = game.instance(at, stop)
            row["offline"] = _runs(game.worker.schedule(((0, counts),)))
        rows.append(row)
    return rows


def _runs(runs: list[tuple[int, int]]) -> list[list[int]]:
    return [list(run) for run in runs]


def game_text(document: dict[str, Any]) -> str:
    """Return the text of a game file: one line for each field and node."""
    lines = []
    for key, value in document.items():
        if key in ("nodes", "instances"):
            rows = ",\n".join(
                json.dumps(row, separators=(",", ":")) for row in value
            )
            lines.append(f'"{key}": [\n{rows}\n]')
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
