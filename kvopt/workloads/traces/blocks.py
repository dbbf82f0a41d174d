"""Memory in blocks, as servers hand it out: what a request holds unused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kvopt.model import Instance
from kvopt.model.instance import whole_number

__all__ = ["in_blocks"]


def in_blocks(instance: Instance, block: int) -> Instance:
    """Return an instance that accounts for the unused rest of each block.

    A server that gives memory away in blocks of ``B`` tokens lets a request
    hold up to ``B - 1`` units that it does not use, and ``(B - 1)/2`` on
    average over its growth. As many, rounded down, are added to its prompt:
    the model stays what it is, every engine and checker takes the result,
    and what it says of memory is right on average, not at every moment.

    Parameters
    ----------
    instance
        The instance, in tokens.
    block
        ``B``, in tokens, at most the memory; 1 changes nothing.

    Returns
    -------
    Instance
        With prompts of at most ``M - o``: a request that fits still does.

    Raises
    ------
    InputError
        When blocks are smaller than one token or larger than the memory.
    """
    block = whole_number(block, "block", 1, instance.memory)
    rest = (block - 1) // 2
    prompt = np.minimum(
        instance.prompt + rest, instance.memory - instance.output
    )
    step = f"prompts {rest} units longer, for blocks of {block}"
    source = "; ".join(filter(None, (instance.source, step)))
    return replace(instance, prompt=prompt, source=source)
