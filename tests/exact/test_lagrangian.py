"""The Lagrangian bound: certified, any-time, and refused where too large."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from kvopt.check import check_bound
from kvopt.exact import lower_bound, run_bound, solve
from kvopt.exact.bounds import lagrangian
from kvopt.exact.control.session import Session
from kvopt.exact.relaxation.states import count_states
from kvopt.exact.warm_start import one_by_one
from kvopt.model import InputError, Instance
from kvopt.workloads.random.random_models import model_1, model_2


def small(seed: int) -> Instance:
    """Return n <= 6, M <= 12; arrivals in half, prompts of 0 in some."""
    rng = np.random.default_rng(seed)
    memory, n = int(rng.integers(4, 13)), int(rng.integers(1, 7))
    prompt = rng.integers(0, min(6, memory), n)
    output = rng.integers(1, memory - prompt, endpoint=True)
    arrival = rng.integers(0, 6, n) * int(rng.integers(0, 2))
    return Instance(memory, np.sort(arrival), prompt, output)


def accepted(instance: Instance, certificate) -> bool:
    """Whether the checker derives at least what is stated."""
    return check_bound(instance.document(), certificate.document()).ok


def test_bounds_are_true_and_accepted():
    """Never above the optimum, derived by the checker, often tight."""
    tight = 0
    for seed in range(60):
        instance = small(seed)
        certificate = lower_bound(instance, "lagrangian")
        optimum = solve(instance, "brute-force").objective
        assert certificate.method == "lagrangian"
        assert certificate.value <= optimum, instance.document()
        assert accepted(instance, certificate)
        tight += certificate.value == optimum
    assert tight > 40


@pytest.mark.parametrize("model", [model_1, model_2])
def test_it_beats_area_at_the_published_size(model, monkeypatch):
    """A coarse threshold is enough for a much better bound."""
    monkeypatch.setattr(lagrangian, "MAX_STEPS", 2_000_000)
    instance = model(np.random.default_rng(1))
    certificate = lower_bound(instance, "lagrangian")
    assert certificate.value > 1.2 * lower_bound(instance).value
    assert accepted(instance, certificate)


@pytest.mark.parametrize("evaluations", [0, 1, 5, 40])
def test_interrupted_it_keeps_the_best_bound(evaluations, monkeypatch):
    """SIGINT before any evaluation leaves a bound that is accepted."""
    instance = small(5)
    ascend = lagrangian.ascend

    def interrupted(relaxation, point, target, most, params, checkpoint):
        point.step = 0.1
        seen = []

        def look():
            if len(seen) == evaluations:
                signal.raise_signal(signal.SIGINT)
            seen.append(0)
            checkpoint()

        return ascend(relaxation, point, target, 10**6, params, look)

    monkeypatch.setattr(lagrangian, "ascend", interrupted)
    run = run_bound(instance, "lagrangian")
    if evaluations < 40:
        assert run.ended == "interrupted"
    least = lower_bound(instance)
    assert run.certificate.value >= least.value
    if evaluations == 0:
        assert run.certificate == least
    assert accepted(instance, run.certificate)


def test_the_finest_threshold_is_the_checkers():
    """Relaxations end where a certificate would take long to check."""
    groups = lagrangian.Groups(model_1(np.random.default_rng(2)))
    ladder = lagrangian._steps(groups, 700)
    thresholds = [threshold for threshold, _, _ in ladder]
    assert thresholds == sorted(thresholds, reverse=True)
    for threshold in thresholds:
        states = count_states(groups.memory, threshold, 10**9)
        assert states * 700 <= lagrangian.MAX_STEPS
    widths = [width for _, width, _ in ladder]
    assert widths == [lagrangian.COARSE] + [1] * (len(ladder) - 1)


@pytest.mark.parametrize(
    ("instance", "words"),
    [
        (Instance(16_492, [0] * 3, [9, 9, 9], [99] * 3), "memory = 16492: "),
        (Instance(6, [0, 99_000], [1, 1], [3, 3]), "rounds = "),
    ],
)
def test_outside_its_conditions_it_is_refused(instance, words):
    """Too many states or rounds: one line that says what and how many."""
    with pytest.raises(InputError, match=words) as caught:
        lower_bound(instance, "lagrangian")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), "soon"])
def test_limits_are_checked(limit):
    """A time limit must be a positive number, for every method."""
    for method in ("area", "lagrangian"):
        with pytest.raises(InputError, match="time_limit"):
            lower_bound(small(1), method, limit)


def test_progress_is_told():
    """Progress sees the best bound so far, which never falls."""
    seen = []
    run_bound(small(2), "lagrangian", progress=lambda *x: seen.append(x))
    values = [value for _, value in seen]
    assert values == sorted(values)
    assert len(values) > 5


def test_a_session_keeps_only_better_bounds():
    """A weaker certificate does not replace a stronger one."""
    instance = small(3)
    weak, strong = (lower_bound(instance, m) for m in ("trivial", "lp"))
    session = Session(instance, None, one_by_one(instance), weak)
    for certificate in (strong, weak):
        session.certified(certificate)
    assert session.certificate == max(
        (weak, strong), key=lambda certificate: certificate.value
    )
