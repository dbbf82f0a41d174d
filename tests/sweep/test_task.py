"""Keys: equal for equal work, different for anything that may differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kvopt import InputError, Instance, simulate
from kvopt.analysis.metrics import metrics_of
from kvopt.model.serving import ServingRules
from kvopt.policies import parse_policy
from kvopt.simulation.clocks import AffineClock
from kvopt.sweep import Source, SweepTask
from kvopt.sweep.execute import run_task
from kvopt.sweep.messages import batch_line, read_batch
from kvopt.sweep.versions import fingerprint
from tests.sweep.helpers import source

SMALL = {"memory": "10", "prompt": "1..3", "requests": "5"}


def _simulate(policy: str = "mc-sf", **changes) -> SweepTask:
    parts = {"source": source(), "parameters": {}, "seed": 0, **changes}
    return SweepTask.of("simulate", policy, **parts)


def test_every_part_enters_the_key() -> None:
    """Another instance, kind, subject, parameter or seed is another key."""
    tasks = [
        _simulate(),
        _simulate(source=source(1)),
        _simulate("fcfs"),
        _simulate("mc-sf:misfit=skip"),
        _simulate(parameters={"engine": "reference"}),
        _simulate(seed=1),
        SweepTask.of("solve", "brute-force", source()),
        SweepTask.of("solve", "brute-force", source(), {"time_limit": 1}),
        SweepTask.of("bound", "area", source()),
    ]
    assert len({task.key for task in tasks}) == len(tasks)


def test_versions_enter_the_key() -> None:
    """The same work by another version is another row."""
    task = _simulate()
    assert {"kvopt", "code", "numpy"} <= task.versions.keys()
    for name in task.versions:
        other = SweepTask(
            task.kind,
            task.subject,
            task.source,
            task.parameters,
            task.seed,
            {**task.versions, name: "0"},
        )
        assert other.key != task.key


def test_only_content_enters_the_key() -> None:
    """Spelling, defaults, names and labels make no difference."""
    requests = [(0, 1, 2), (1, 2, 3)]
    plain = Instance.of(10, requests)
    named = Instance.of(10, requests, name="named", source="told")
    policy = "alpha-greedy:alpha=0.3"
    key = SweepTask.of("simulate", policy, Source.given(plain)).key
    for text, instance, parameters in [
        (policy, named, {}),
        (policy, plain, {"engine": "auto"}),
        ("alpha-greedy:alpha=0.30", plain, {}),
        ("alpha-greedy:alpha=3e-1", plain, {}),
    ]:
        given = Source.given(instance, anything=1)
        assert SweepTask.of("simulate", text, given, parameters).key == key


def test_auto_is_recorded_as_the_solver_it_is() -> None:
    """A row names the solver; its key knows all that "auto" may be."""
    task = SweepTask.of("solve", "auto", source(), {"time_limit": 20})
    assert run_task(task).result["solver"] in ("cpsat", "cpsat-interval")
    assert {"ortools", "pulp"} <= task.versions.keys()


def test_code_enters_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Editing, adding or renaming a file of a package changes it."""
    package = tmp_path / "edited"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    seen = set()
    for name, text in [("a", "x = 1"), ("a", "x = 2"), ("b", "x = 2")]:
        (package / f"{name}.py").write_text(text)
        fingerprint.cache_clear()
        seen.add(fingerprint(("edited",)))
        assert fingerprint(("edited",)) in seen
    assert len(seen) == 3
    fingerprint.cache_clear()


def test_messages_keep_tasks() -> None:
    """What a worker reads is what was sent, key included."""
    tasks = [_simulate(), _simulate("fcfs"), _simulate(source=source(2))]
    tasks.append(
        SweepTask.of("bound", "best", Source.generated("model-1", SMALL, 3))
    )
    line = batch_line(tasks)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    read = read_batch(line)
    assert [task.key for task in read] == [task.key for task in tasks]
    assert read[0].source is read[1].source
    for one, other in zip(tasks, read, strict=True):
        assert one.source.instance == other.source.instance


def test_another_instance_than_planned_is_a_failed_row() -> None:
    """A generator that changed between planning and running is noticed."""
    made = Source.generated("model-1", SMALL, 0)
    wrong = Source("sha256:0", made.recipe)
    outcome = run_task(SweepTask.of("bound", "area", wrong))
    assert "another version of it runs here" in outcome.error
    assert outcome.result == {}


@pytest.mark.parametrize(
    ("kind", "subject", "parameters", "words"),
    [
        ("dance", "x", {}, "unknown kind"),
        ("no.such.module:X", "x", {}, "cannot be loaded"),
        ("kvopt.sweep:run_sweep", "x", {}, "unknown kind"),
        ("simulate", "x", {}, "unknown policy"),
        ("simulate", "mc-sf:x=1", {}, "unknown parameter of mc-sf"),
        ("simulate", parse_policy("mc-sf"), {}, "must be text, such as"),
        ("bound", None, {}, "must be text, such as"),
        ("simulate", "mc-sf", {"engine": "x"}, "unknown engine"),
        ("simulate", "mc-sf", {"x": 1}, "unknown parameter of policy runs"),
        ("simulate", "mc-sf", {"clock": "x"}, "unknown clock"),
        ("simulate", "mc-sf", {"clock": "p5:d0=1"}, "must say, with a clock"),
        ("simulate", "mc-sf", {"round_seconds": 1}, "has no meaning"),
        ("simulate", "mc-sf", {"serving": "block=0"}, "serving.block"),
        ("solve", "x", {}, "unknown solver"),
        ("solve", "cbc", {"time_limit": "1"}, "positive number of seconds"),
        ("solve", "cbc", {"time_limit": 0}, "positive number of seconds"),
        ("solve", "cbc", {"workers": 0}, "at least 1"),
        ("bound", "x", {}, "unknown bound"),
    ],
)
def test_bad_tasks(kind, subject, parameters, words) -> None:
    """A task that means nothing is refused when it is made."""
    with pytest.raises(InputError, match=words):
        SweepTask.of(kind, subject, source(), parameters)


def test_rows_of_a_clock_are_in_seconds() -> None:
    """With a clock and rules of a server a row has that run's metrics."""
    parameters = {
        "clock": "affine:d0=10,d1=1",
        "round_seconds": 0.05,
        "serving": "budget=4,restart=recompute",
    }
    task = _simulate("vllm-like", parameters=parameters)
    row = run_task(task).result
    assert row["unit"] == "s"
    found = simulate(
        task.source.instance,
        "vllm-like",
        clock=replace(AffineClock.of_ms(10, 1), arrival_unit=5 * 10**10),
        serving=ServingRules(budget=4, restart="recompute"),
    )
    metrics = metrics_of(found)
    assert row["p95"] == metrics.latency.p95
    assert row["first_token_mean"] == metrics.first_token.mean


def test_solvers_and_policies_agree() -> None:
    """Rows of the kinds fit together: bound <= optimum <= objective."""
    made = Source.generated("model-1", SMALL, 1)
    best = run_task(SweepTask.of("solve", "brute-force", made)).result
    policy = run_task(SweepTask.of("simulate", "mc-sf", made)).result
    special = run_task(SweepTask.of("solve", "semi-online", made)).result
    bound = run_task(SweepTask.of("bound", "best", made)).result
    assert best["status"] == "OPTIMAL"
    assert bound["lower_bound"] <= best["objective"] <= policy["objective"]
    assert special["objective"] == policy["objective"]
