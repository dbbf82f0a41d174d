"""Policies on generated instances against another policy."""

from dataclasses import replace

import pytest

from kvopt.experiments.families import (
    FamilyTask,
    family_sweep_task,
    run_family_task,
)
from kvopt.model import InputError

TRAP = FamilyTask("trap", "memory=60 heavy=9", "mc-sf", "svf", 0)


def test_the_trap_costs_what_the_readings_say():
    """265 against 103 at M = 60 with nine heavy requests."""
    row = run_family_task(TRAP)
    assert (row.cost, row.reference_cost) == (265, 103)
    assert row.ratio == pytest.approx(265 / 103)
    assert row.memory == 60


def test_a_policy_that_fails_is_a_row_without_a_cost():
    """The error is in the row, the reference's cost too."""
    row = run_family_task(replace(TRAP, policy="mc-sf:margin=0.9"))
    assert row.status == "FAILED"
    assert row.cost is row.ratio is None
    assert "stuck" in row.error
    assert row.reference_cost == 103


def test_the_seed_draws_the_instance():
    """Two seeds of a random family have different instances, and keys."""
    law = "law=geometric longest=8 share=0.8 requests=20 memory=40"
    tasks = [
        FamilyTask("length-law", law, "a-min", "h-sf", seed) for seed in (0, 1)
    ]
    one, two = map(run_family_task, tasks)
    assert one.instance != two.instance
    assert len({family_sweep_task(task).key for task in tasks}) == 2


def test_an_unknown_parameter_is_named():
    """Bad input is one line with the field."""
    with pytest.raises(InputError, match="weight"):
        run_family_task(replace(TRAP, values="weight=3"))
