"""Blocks of memory: the unused rest that a request holds on average."""

import numpy as np
import pytest

from kvopt.model import InputError, Instance
from kvopt.workloads.traces.blocks import in_blocks


def test_prompts_grow_by_the_mean_unused_rest():
    """Over a whole number of blocks the mean rest is (B - 1)/2, exactly."""
    for block in (1, 2, 5, 16):
        held = np.arange(1, 40 * block + 1)
        rest = -(-held // block) * block - held
        assert rest.mean() == (block - 1) / 2
    instance = Instance.of(100, [(0, 10, 5), (2, 0, 1)], source="mine")
    longer = in_blocks(instance, 16)
    assert longer.prompt.tolist() == [17, 7]
    assert longer.output is not None and longer.output.tolist() == [5, 1]
    assert longer.source == "mine; prompts 7 units longer, for blocks of 16"
    assert in_blocks(instance, 1).hash == instance.hash


def test_what_fits_still_does():
    """A request as large as the memory keeps its size."""
    instance = Instance.of(20, [(0, 15, 5), (0, 1, 18)])
    assert in_blocks(instance, 16).peak.tolist() == [20, 20]


@pytest.mark.parametrize("block", [0, -1, 21, 1.5, True])
def test_blocks_that_cannot_be_are_refused(block):
    """No smaller than a token, no larger than the memory."""
    with pytest.raises(InputError, match="block") as caught:
        in_blocks(Instance.of(20, [(0, 1, 1)]), block)
    assert str(block) in str(caught.value)
