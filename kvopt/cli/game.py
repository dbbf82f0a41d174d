"""``kvopt game``: lower bounds that hold against every policy."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from itertools import combinations, product
from typing import TYPE_CHECKING, Annotated, Any, assert_never

import typer

from kvopt.cli.files import check_outputs
from kvopt.cli.options import JsonOption, OutOption
from kvopt.cli.status import FAILED, INTERRUPTED
from kvopt.cli.terminal import (
    print_facts,
    print_json,
    print_lines,
    progress,
)
from kvopt.model import InputError

if TYPE_CHECKING:
    from kvopt.adversary.games import (
        GameResult,
        GameSettings,
        RandomisedSettings,
        RestartSettings,
        Settings,
    )

__all__ = ["GameName", "game"]


class GameName(str, Enum):
    """What the policy knows and may do."""

    CLAIRVOYANT = "clairvoyant"
    RESTARTS = "restarts"
    RANDOMISED = "randomised"


def game(
    memory: Annotated[
        int, typer.Option(help="Capacity M.", show_default=False)
    ],
    requests: Annotated[
        int, typer.Option(help="Most requests.", show_default=False)
    ],
    name: Annotated[
        GameName,
        typer.Option(
            "--game",
            help="clairvoyant: releases over time, lengths known, nothing is "
            "cancelled. restarts: all at 0, lengths unknown, one prompt; "
            "what is cancelled starts again. randomised: as clairvoyant, "
            "against policies that draw lots; one release at 0 and one "
            "later.",
        ),
    ] = GameName.CLAIRVOYANT,
    prompts: Annotated[
        str, typer.Option(help="Prompts of the requests, such as 0,1.")
    ] = "1",
    lengths: Annotated[
        str | None,
        typer.Option(
            help="Outputs of the requests, such as 1,5.", show_default="all"
        ),
    ] = None,
    kinds: Annotated[
        int,
        typer.Option(
            min=1, help="Kinds of requests in one game; all are tried."
        ),
    ] = 2,
    horizon: Annotated[
        int | None,
        typer.Option(help="Last round of a release.", show_default="M"),
    ] = None,
    releases: Annotated[
        int | None,
        typer.Option(
            help="Most rounds with a release.",
            show_default="as many as requests",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Stop at this ratio, such as 9/7.", show_default="the largest"
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(help="Wall time, in seconds.", show_default="none"),
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove a ratio that no online policy stays below.

    An adversary decides round by round what comes next, and stops when it
    likes; the policy may do anything that the game allows. --out writes the
    adversary's strategy, a kvopt-game/1 file, which kvopt verify checks.
    The search is sound but not complete: a larger ratio may be provable
    with more kinds, requests or releases. At the time limit and on Ctrl-C
    the best ratio so far is kept.
    """
    from kvopt.adversary.games import game_document, game_text
    from kvopt.check import check_game
    from kvopt.model.formats import write_atomically

    check_outputs(out=out)
    aim = None if target is None else _ratio(target)
    if time_limit is not None and not time_limit > 0:
        raise InputError(
            "must be above 0", field="--time-limit", value=time_limit
        )
    settings: Sequence[Settings]
    sizes = _sizes(memory, prompts, lengths)
    match name:
        case GameName.CLAIRVOYANT:
            settings = _clairvoyant(
                memory, requests, sizes, kinds, horizon, releases
            )
        case GameName.RESTARTS:
            _unused(horizon, "--horizon", "all requests are there at 0")
            _unused(releases, "--releases", "all requests are there at 0")
            settings = _restarts(memory, requests, sizes, kinds)
        case GameName.RANDOMISED:
            _unused(releases, "--releases", "there are always two")
            settings = _randomised(
                _clairvoyant(memory, requests, sizes, kinds, horizon, 2)
            )
        case _:
            assert_never(name)
    result = _searched(settings, aim, time_limit)
    verdict = None
    if result.game is not None:
        source = f"kvopt game --game {name.value}"
        document = game_document(result.game, result.ratio, source)
        verdict = check_game(document)
        if out is not None and verdict.ok:
            with write_atomically(out) as path:
                path.write_text(game_text(document), encoding="utf-8")
    facts = {
        "ratio": str(result.ratio),
        "value": float(result.ratio),
        "positions": result.positions,
        "games": f"{result.games} of {len(settings)} searched to the end",
        "ended": result.ended,
    }
    _report(facts, verdict, as_json)
    if out is not None and verdict is not None and not as_json:
        print_facts([("written", str(out))])
    if result.ended == "interrupted":
        raise typer.Exit(INTERRUPTED)
    missed = aim is not None and result.ratio < aim
    if missed or (verdict is not None and not verdict.ok):
        raise typer.Exit(FAILED)


def _searched(
    settings: Sequence[Settings],
    aim: Fraction | None,
    time_limit: float | None,
) -> GameResult:
    """Search the games, and say how it goes."""
    from kvopt.adversary.games import search_games

    with progress("playing", time_limit) as advance:
        return search_games(
            settings,
            aim,
            time_limit,
            lambda seconds, ratio, positions: advance(
                seconds, f"ratio {float(ratio):.4f}, {positions:,} positions"
            ),
        )


def _report(facts: dict[str, Any], verdict: Any, as_json: bool) -> None:
    """Print what was proved, and what the checker says."""
    if as_json:
        print_json({**facts, "verdict": verdict and verdict.document()})
        return
    print_facts(facts.items())
    if verdict is not None:
        print_lines(verdict.lines())


def _ratio(text: str) -> Fraction:
    """Read a ratio such as 9/7 or 1.5."""
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(
            "must be a ratio such as 9/7", field="--target", value=text
        ) from None
    if value <= 1:
        raise InputError("must be above 1", field="--target", value=text)
    return value


def _clairvoyant(
    memory: int,
    requests: int,
    sizes: list[tuple[int, int]],
    kinds: int,
    horizon: int | None,
    releases: int | None,
) -> list[GameSettings]:
    """Return a setting for each choice of types."""
    from kvopt.adversary.games import GameSettings

    return [
        GameSettings(
            memory,
            types,
            requests,
            memory if horizon is None else horizon,
            requests if releases is None else releases,
        )
        for types in combinations(sizes, min(kinds, len(sizes)))
    ]


def _unused(value: int | None, option: str, why: str) -> None:
    """Refuse an option that says nothing about a game."""
    if value is not None:
        raise InputError(why, field=option, value=value)


def _randomised(bases: Sequence[GameSettings]) -> list[RandomisedSettings]:
    """Return a setting for each first release of each setting."""
    from kvopt.adversary.games import RandomisedSettings

    return [
        RandomisedSettings(base, first)
        for base in bases
        for first in product(range(base.requests + 1), repeat=len(base.types))
        if 0 < sum(first) < base.requests
    ]


def _restarts(
    memory: int, requests: int, sizes: list[tuple[int, int]], kinds: int
) -> list[RestartSettings]:
    """Return a setting for each prompt and each choice of lengths."""
    from kvopt.adversary.games import RestartSettings

    settings = []
    for prompt in sorted({s for s, _ in sizes}):
        outputs = [o for s, o in sizes if s == prompt]
        settings += [
            RestartSettings(memory, prompt, chosen, requests)
            for chosen in combinations(outputs, min(kinds, len(outputs)))
        ]
    return settings


def _sizes(
    memory: int, prompts: str, lengths: str | None
) -> list[tuple[int, int]]:
    """Return the prompts and outputs that fit into the memory."""
    known = _whole_numbers(prompts, "--prompts", 0)
    outputs = (
        range(1, memory + 1)
        if lengths is None
        else _whole_numbers(lengths, "--lengths", 1)
    )
    sizes = [(s, o) for s in known for o in outputs if s + o <= memory]
    if not sizes:
        raise InputError(
            "no request fits into the memory", field="--memory", value=memory
        )
    return sizes


def _whole_numbers(text: str, option: str, least: int) -> list[int]:
    """Read integers between commas."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) >= least for word in words):
        raise InputError(
            f"must be integers of at least {least} between commas",
            field=option,
            value=text,
        )
    return sorted({int(word) for word in words})
