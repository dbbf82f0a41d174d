"""When prompts that are computed in chunks will be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Prefill", "first_tokens"]


class Prefill(NamedTuple):
    """A prompt that waits for its chunks.

    ``left`` are its tokens yet to be computed, ``length`` the rounds that
    are believed to follow, the first token's among them.
    """

    left: int
    length: int


def first_tokens(
    turn: Sequence[Prefill], ends: Sequence[int], now: int, budget: int
) -> list[int]:
    """Return the round in which each prompt is done: its first token's.

    A prompt gets what the budget leaves after one token of each request that
    is past its prompt, and after the prompts before it. So nothing that
    starts later delays it: if the beliefs are right and nothing is
    cancelled, this is what will happen.

    Parameters
    ----------
    turn
        The prompts, in the order in which they are computed.
    ends
        Believed last rounds of the requests past their prompts, all later
        than ``now``.
    now
        The round before the one in which the next chunk is computed.
    budget
        Tokens of an iteration.

    Notes
    -----
    O((k + c) k) for ``k`` requests and ``c`` chunks that end a prompt;
    rounds in which one prompt takes all there is are taken together.
    """
    last = list(ends)
    firsts: list[int] = []
    left = turn[0].left if turn else 0
    time = now + 1
    while len(firsts) < len(turn):
        alive = [end for end in last if end >= time]
        room = max(0, budget - len(alive))
        same = min(alive, default=time + left) - time + 1
        if left > room:
            rounds = min(same, (left - 1) // room) if room else same
            left -= rounds * room
            time += rounds
            continue
        while len(firsts) < len(turn) and left <= room:
            room -= left
            firsts.append(time)
            last.append(time + turn[len(firsts) - 1].length - 1)
            left = turn[len(firsts)].left if len(firsts) < len(turn) else 0
        left -= room
        time += 1
    return firsts
