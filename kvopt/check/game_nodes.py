"""Going through the nodes of a game file, whichever game it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

from kvopt.model.errors import InputError

__all__ = ["checked_nodes", "faults_of"]

_NODE_LIMIT = 10**6
# So many problems say enough.
_PROBLEM_LIMIT = 20


class _Node(Protocol):
    """A node: where the policy's moves lead."""

    @property
    def following(self) -> Mapping[Any, int]: ...


N = TypeVar("N", bound=_Node)


def checked_nodes(rows: Sequence[Any]) -> None:
    """Refuse a file without nodes, or with more than can be checked.

    Raises
    ------
    InputError
        Naming the number of nodes.
    """
    if not 1 <= len(rows) <= _NODE_LIMIT:
        raise InputError(
            f"must have 1 .. {_NODE_LIMIT} nodes",
            field="nodes",
            value=len(rows),
        )


def faults_of(
    nodes: Sequence[N],
    begins: bool,
    stops: Callable[[N], bool],
    stop_faults: Callable[[N], Iterable[str]],
    move_faults: Callable[[N], Iterable[str]],
) -> tuple[str, ...]:
    """Return what is wrong with a strategy, node by node.

    Every node but the first has to be reached from an earlier one, so that
    no node can rest on itself. ``O(nodes)`` beside the two checks.

    Parameters
    ----------
    nodes
        The nodes of the file, in its order.
    begins
        Whether the first is the start of the game.
    stops
        Whether the adversary stops at a node.
    stop_faults, move_faults
        What is wrong with stopping there, and with going on.
    """
    problems = [] if begins else ["node 0 is not the start of the game"]
    reached = {0}
    for k, node in enumerate(nodes):
        if len(problems) >= _PROBLEM_LIMIT:
            break
        if k not in reached:
            problems.append(f"node {k} is not reached from an earlier one")
        if stops(node):
            found = stop_faults(node)
        else:
            found = move_faults(node)
            reached.update(node.following.values())
        left = _PROBLEM_LIMIT - len(problems)
        problems += [f"node {k}: {fault}" for fault in islice(found, left)]
    return tuple(problems)
