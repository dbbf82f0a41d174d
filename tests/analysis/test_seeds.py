import pytest

from kvopt.analysis.seeds import task_rng, task_seed
from kvopt.model import InputError


def test_a_task_draws_the_same_alone_as_among_others():
    """The stream is a function of (seed, index), and of nothing else."""
    alone = task_rng(3, 5).integers(10**9, size=4).tolist()
    for index in range(5):
        task_rng(3, index).random()
    assert task_rng(3, 5).integers(10**9, size=4).tolist() == alone


def test_tasks_have_streams_of_their_own():
    """No two of 1,000 (seed, index) pairs share a seed, also not mirrored."""
    seeds = {task_seed(s, i) for s in range(20) for i in range(50)}
    assert len(seeds) == 1000


@pytest.mark.parametrize("seed", [-1, 1.5, True])
def test_a_seed_is_a_whole_number(seed):
    """Negative, fractional and Boolean seeds are refused."""
    with pytest.raises(InputError):
        task_rng(seed, 0)
