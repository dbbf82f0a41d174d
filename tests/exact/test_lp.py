"""The linear program's bounds: certified, and as strong as it is."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from kvopt.check import check_bound
from kvopt.check.documents import read_instance
from kvopt.check.exhaustive import cheaper_schedule
from kvopt.exact import SolverError, lower_bound, run_bound
from kvopt.exact.bounds import lp
from kvopt.exact.bounds.lp_value import Multipliers, proved
from kvopt.exact.control.session import Session
from kvopt.model import InputError, Instance
from kvopt.workloads.random.random_models import model_1


def drawn(rng: np.random.Generator, n: int, memory: int) -> Instance:
    """Return a random instance, half of them with arrivals."""
    arrival = np.sort(rng.integers(0, 6, n) * rng.integers(0, 2))
    prompt = rng.integers(0, memory // 2, n, endpoint=True)
    output = rng.integers(1, memory - prompt, endpoint=True)
    return Instance(memory, arrival, prompt, output)


@pytest.fixture(scope="module")
def small() -> list[Instance]:
    """60 instances of up to 5 requests."""
    rng = np.random.default_rng(8)
    return [
        drawn(rng, int(rng.integers(1, 6)), int(rng.integers(2, 9)))
        for _ in range(60)
    ]


@pytest.mark.parametrize("method", ["lp", "lp-cuts"])
def test_certificates_are_true_and_accepted(method, small):
    """The checker derives the stated value; no schedule is cheaper."""
    for instance in small:
        certificate = lower_bound(instance, method)
        document = instance.document()
        verdict = check_bound(document, certificate.document())
        assert verdict.derived == verdict.value == certificate.value
        problem = read_instance(document)
        assert cheaper_schedule(problem, certificate.value, 10**6) is None


def test_rows_of_level_k_never_weaken_and_often_strengthen(small):
    """The bound with rows is at least that without, and often more."""
    values = [
        [lower_bound(instance, name).value for name in ("lp", "lp-cuts")]
        for instance in small
    ]
    assert all(plain <= rows for plain, rows in values)
    assert sum(plain < rows for plain, rows in values) > 8


def test_producer_and_checker_agree_on_any_multipliers():
    """Two evaluations that share no code agree 300 times."""
    rng = np.random.default_rng(4)
    for _ in range(300):
        instance = drawn(
            rng, int(rng.integers(1, 6)), int(rng.integers(2, 13))
        )
        end = int(rng.integers(1, 30))
        memory = rng.integers(0, 3, end + 1)
        rows = {
            int(k): rng.integers(0, 9, end + 1) * rng.integers(0, 2, end + 1)
            for k in range(1, min(4, instance.memory + 1))
        }
        for row in (memory, *rows.values()):
            row[0] = 0
        multipliers = Multipliers(12, memory, rows)
        value = proved(instance, multipliers)
        verdict = check_bound(
            instance.document(),
            {
                "format": "kvopt-bound/1",
                "instance": instance.hash,
                "method": "lp-dual",
                "value": value,
                "data": multipliers.document(),
            },
        )
        assert verdict.derived == value


def test_requests_that_fill_the_memory_run_one_by_one():
    """Two requests of peak M are proved to take 3 + 6 rounds."""
    instance = Instance(3, [0, 0], [0, 0], [3, 3])
    for method in ("lp", "lp-cuts"):
        assert lower_bound(instance, method).value == 9


def test_without_highspy_one_line_says_so(monkeypatch):
    """A missing package is bad input, said by name."""
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "highspy":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match="pip install highspy"):
        lower_bound(Instance(3, [0], [0], [3]), "lp")


def test_a_program_too_large_is_refused():
    """Sizes that HiGHS could not hold are refused before it is built."""
    instance = Instance(10**6, [0, 0], [0, 0], [10**6, 10**6])
    with pytest.raises(InputError, match="terms"):
        lower_bound(instance, "lp")


def stop_after(monkeypatch, looks: int) -> None:
    """Have the user press Ctrl-C at the given look of a method."""
    seen = []

    def over(session: Session) -> bool:
        seen.append(session)
        session.interrupted = len(seen) > looks
        return session.interrupted

    monkeypatch.setattr(Session, "over", over)


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_stopped_programs_leave_a_certificate(looks, monkeypatch):
    """Whenever it is stopped, the bound until then is there and accepted."""
    instance = model_1(np.random.default_rng(1))
    some = slice(14)
    instance = Instance(
        instance.memory,
        instance.arrival[some],
        instance.prompt[some],
        instance.output[some],
    )
    least = lower_bound(instance).value
    stop_after(monkeypatch, looks)
    run = run_bound(instance, "lp-cuts")
    assert run.ended == "interrupted"
    certificate = run.certificate
    assert certificate.value >= least
    assert certificate.method == "lp-dual" or certificate.value == least
    assert check_bound(instance.document(), certificate.document()).ok


def test_the_last_program_solved_counts(monkeypatch):
    """Stopped in separation, the dual of the plain program is kept."""
    instance = Instance(6, [0] * 4, [0, 1, 1, 1], [6, 4, 3, 5])
    plain = lower_bound(instance, "lp")
    assert plain.value > lower_bound(instance).value

    def separate(self, shapes):
        self.session.interrupted = True
        self.session.checkpoint()

    monkeypatch.setattr(lp._LinearProgram, "_separate", separate)
    run = run_bound(instance, "lp-cuts")
    assert run.ended == "interrupted"
    assert run.certificate.method == "lp-dual"
    assert run.certificate.value == plain.value


def test_a_solver_that_fails_is_said(monkeypatch):
    """No optimum on any horizon is an error, not a loop."""
    monkeypatch.setattr(
        lp._LinearProgram, "solve", lambda self, levels: iter(())
    )
    with pytest.raises(SolverError, match="could not solve"):
        lower_bound(Instance(3, [0], [0], [3]), "lp")
