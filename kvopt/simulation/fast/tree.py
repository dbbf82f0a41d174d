"""A queue by length that is searched by prompt, in compiled code.

A policy that passes over misfits looks for the next waiting request, in order
of length, whose prompt is below that of every misfit so far: one that is as
long and has as long a prompt does not fit either. A segment tree over all
places in the order, with the least prompt of the waiting ones in each range,
finds it in O(log n).
"""

from __future__ import annotations

from kvopt.model.compiled import inner

__all__ = ["first_below", "set_leaf"]


@inner
def set_leaf(tree, place, value):
    """Set the value at a place; O(log n).

    Parameters
    ----------
    tree
        The leaves are its second half; each other node is the least
        below.
    place
        Number of the leaf.
    value
        Its value.
    """
    i = place + tree.size // 2
    tree[i] = value
    i //= 2
    while i > 0:
        tree[i] = min(tree[2 * i], tree[2 * i + 1])
        i //= 2


@inner
def first_below(tree, place, bound):
    """Return the first place from ``place`` on with a value below ``bound``.

    -1 if there is none; O(log n).

    Parameters
    ----------
    tree
        As for :func:`set_leaf`.
    place
        Number of the leaf to begin at.
    bound
        What the value must be below.
    """
    leaves = tree.size // 2
    if place >= leaves:
        return -1
    i = place + leaves
    while tree[i] >= bound:
        # On to the range to the right: up while this is a right half.
        while i % 2 == 1:
            i //= 2
            if i == 0:
                return -1
        i += 1
    while i < leaves:
        i *= 2
        if tree[i] >= bound:
            i += 1
    return i - leaves
