"""Lower bounds against the search's schedule."""

import pytest

from kvopt.exact.bounds import BoundRun
from kvopt.experiments import bound_quality
from kvopt.experiments.bound_quality import SEARCH, BoundTask, run_bound_task
from kvopt.experiments.identical import long_run_rate


@pytest.mark.parametrize("method", ["area", "lp", "lp-cuts", "lagrangian"])
def test_no_bound_is_above_a_schedule(method):
    """A bound is at most the latency of the search's schedule."""
    for index in range(3):
        found, bounded = (
            run_bound_task(BoundTask(name, "model-1", 4, index, 0, 5.0))
            for name in (SEARCH, method)
        )
        assert bounded.best is None
        assert found.best is not None
        assert bounded.bound <= found.best
        assert found.bound <= found.best


def test_a_bound_that_was_interrupted_is_no_row(monkeypatch):
    """What a method has come to when Ctrl-C ends it is not kept."""
    run = bound_quality.run_bound

    def interrupted(*arguments):
        return BoundRun(run(*arguments).certificate, "interrupted")

    monkeypatch.setattr(bound_quality, "run_bound", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_bound_task(BoundTask("area", "model-1", 4, 0, 0, 5.0))


def test_rates_of_identical_requests():
    """Three at once every three rounds, and one start a round.

    ``s=0, o=5, M=15``: MC-SF starts three in five rounds, SPS one a round.
    """
    assert long_run_rate("mc-sf", 15, 0, 5) * 5 == 3
    assert long_run_rate("sps", 15, 0, 5) == 1
