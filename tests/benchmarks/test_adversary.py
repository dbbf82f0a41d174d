"""Searches of the benchmark: what Ctrl-C ended is not kept."""

from dataclasses import replace

import pytest

from benchmarks import adversary, adversary_records
from kvopt.adversary import Evaluations, run_search


@pytest.fixture
def interrupted(monkeypatch):
    """Have every search end early, as after a Ctrl-C."""

    def short(objective, budget, *arguments, **options):
        found = run_search(objective, Evaluations(3), *arguments, **options)
        return replace(found, interrupted=True)

    for module in (adversary, adversary_records):
        monkeypatch.setattr(module, "run_search", short)


@pytest.mark.usefixtures("interrupted")
def test_a_part_of_a_search_is_no_row(tmp_path):
    """Neither the comparison nor the records go on with it."""
    case = adversary.CASES[0]
    with pytest.raises(KeyboardInterrupt):
        adversary.run(tmp_path / "rows.csv", [case], [101], 1.0)
    with pytest.raises(KeyboardInterrupt):
        adversary.searched(case, "random", 101, 1.0)
    with pytest.raises(KeyboardInterrupt):
        adversary_records.record(case, 1.0, 1, 0.9)
    assert not list(tmp_path.iterdir())
