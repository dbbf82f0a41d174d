"""Whatever a verdict rests on, changed: ``--quick`` fails.

Each mutation is applied to witnesses, with or without a manifest that is
signed anew, or to a rule. Only the claims it concerns are run: what fails
for some claims fails for all.
"""

import hashlib
import json
import shutil
from dataclasses import replace

import pytest

from kvopt.policies import interleaved, route
from kvopt.policies.a_min import AMin
from kvopt.policies.choices import Belief, Order
from kvopt.policies.mc_sf import MCSF
from kvopt.policies.rect import RectSession
from kvopt.policies.svf import SVF
from proofs_check.__main__ import main
from proofs_check.claims import (
    p1_lemma_4_7,
    p2_fcfs_sf_unbounded,
    p3_a_max_upper,
    p3_a_min_quadratic,
    p5_delays_lower,
    p5_unknown_lower,
    p6_svf_1_bit,
    p6_svf_ratio,
)
from proofs_check.ledger import WITNESSES, all_claims
from proofs_check.tools import intervals, policies, prices

CLAIMS = all_claims()[0]


def quick(folder, *ids):
    """Run the claims and return the exit status."""
    return main(["--quick", "--witnesses", str(folder), "--only", *ids])


@pytest.fixture
def folder(tmp_path):
    """A copy of the witnesses."""
    shutil.copytree(WITNESSES, tmp_path / "witnesses")
    return tmp_path / "witnesses"


def sign(folder):
    """Write the manifest anew, as a forger would."""
    hashes = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.glob("*.json")
        if p.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps(hashes))


def user_of(name):
    """Return a claim that rests on a witness."""
    return next(c.id for c in CLAIMS.values() if name in c.witnesses)


def put(document, path, value):
    """Set one place of a document; a function changes what is there."""
    for key in path[:-1]:
        document = document[key]
    old = document[path[-1]]
    document[path[-1]] = value(old) if callable(value) else value


def up(value):
    """Return one more."""
    return value + 1


def down(value):
    """Return one less."""
    return value - 1


ONE = "semi_online_1.json"
GAME = "equal_prompts_7_requests.json"
RESTART = "restarts_3_requests.json"
MIXED = "rect_mixed.json"
LOTS = "randomised_free_prompts_7_requests.json"

# A file, the place of a number in it, and what it becomes.
FORGED = [
    (ONE, ("algorithm_cost",), up),
    (ONE, ("algorithm_cost",), down),
    (ONE, ("reference_cost",), down),
    (ONE, ("reference_cost",), up),
    (ONE, ("instance", "memory"), down),
    (ONE, ("instance", "memory"), up),
    (ONE, ("instance", "requests", 0, "output"), up),
    (ONE, ("instance", "requests", 3, "prompt"), down),
    (ONE, ("instance", "requests", 1, "arrival"), up),
    (ONE, ("algorithm_schedule", "runs", 2, "start"), up),
    (ONE, ("reference_schedule", "runs", 1, "start"), down),
    (ONE, ("reference_schedule", "runs", 0, "stop"), up),
    (ONE, ("reference_schedule", "runs", 0, "completed"), False),
    (ONE, ("reference_schedule", "instance"), "sha256:0"),
    (ONE, ("format",), "kvopt-witness/2"),
    (ONE, ("algorithm",), "svf-of-another-kind"),
    ("trap_mc-sf.json", ("algorithm",), "svf-like"),
    ("identity_27_4.json", ("polynomial", 1), down),
    ("identity_32.json", ("products", 0, 0, 0), up),
    (GAME, ("ratio",), [2, 1]),
    (GAME, ("memory",), up),
    (GAME, ("requests",), down),
    (GAME, ("horizon",), 0),
    (GAME, ("types", 0, 1), up),
    (RESTART, ("ratio",), [9, 5]),
    (RESTART, ("memory",), up),
    (RESTART, ("lengths",), lambda x: x[1:]),
    (LOTS, ("ratio", 0), up),
    (LOTS, ("instances", 0, "weight"), lambda x: 7 * x),
    (LOTS, ("memory",), up),
    (MIXED, ("algorithm_cost",), down),
    (MIXED, ("reference_cost",), up),
    (MIXED, ("algorithm_schedule", "runs", 0, "stop"), up),
    (MIXED, ("instance", "requests", 0, "output"), up),
]


@pytest.mark.parametrize(("name", "path", "value"), FORGED)
def test_a_forged_witness_is_noticed(folder, name, path, value):
    """One number is changed and the manifest signed anew: it fails."""
    document = json.loads((folder / name).read_text("utf-8"))
    put(document, path, value)
    (folder / name).write_text(json.dumps(document))
    sign(folder)
    assert quick(folder, user_of(name)) != 0


@pytest.mark.parametrize("name", sorted(p.name for p in WITNESSES.glob("*")))
def test_a_deleted_witness_is_noticed(folder, name, capsys):
    """Without a file, or without the manifest, it fails."""
    claim = "P1-const-9216" if name == "manifest.json" else user_of(name)
    (folder / name).unlink()
    assert quick(folder, claim) != 0
    assert name in capsys.readouterr().err


def altered(policy, **changes):
    """Return a mutation that changes choices of a policy of kvopt."""
    kept = policy.composition

    def mutate(patch):
        made = property(lambda self: replace(kept.fget(self), **changes))
        patch.setattr(policy, "composition", made)

    return mutate


def wrapped(module, name, made):
    """Return a mutation that replaces what a module calls by a name."""
    return lambda patch: patch.setattr(
        module, name, made(getattr(module, name))
    )


def generous(fits):
    """Let everything in."""
    return lambda *args: True


def backwards(order):
    """Serve in the other direction."""
    return lambda instance: order(instance)[::-1]


def off_by(units):
    """Return a mutation of a number that a function returns."""
    return lambda function: lambda *args: function(*args) + units


def constant(value):
    """Return a mutation of a function that always returns the same."""
    return lambda function: lambda *args: value


def late(rule):
    """Start everything one round later."""
    return lambda *args: [p + 1 for p in rule(*args)]


# What is changed, how, and a claim that must fail.
RULES = {
    "MC-SF serves the longest first": (
        wrapped(policies, "_by_output", backwards),
        "P1-thm-4.3",
    ),
    "MC-SF forgets the future": (
        wrapped(policies, "_future_fits", generous),
        "P1v2-semi-online",
    ),
    "peaks are not reserved": (
        wrapped(policies, "_peaks_fit", generous),
        "P2-fcfs-sf-unbounded",
    ),
    "kvopt's MC-SF serves by arrival": (
        altered(MCSF, order=Order.ARRIVAL),
        "P1-mean-1.047",
    ),
    "kvopt's MC-SF passes over misfits": (
        altered(MCSF, misfit="skip"),
        "P1-mean-1.005",
    ),
    "kvopt's SVF serves by length": (
        altered(SVF, order=Order.LENGTH),
        "P6-smallest-area",
    ),
    "A_min knows the lengths": (
        altered(AMin, belief=Belief.TRUE),
        "P3-a-min-log",
    ),
    "the optimum is one less": (
        wrapped(p1_lemma_4_7, "best", off_by(-1)),
        "P1-lemma-4.7",
    ),
    "the optimum beside the prices is one less": (
        wrapped(prices, "best", off_by(-1)),
        "KV-memory-prices",
    ),
    "the trap has another formula": (
        wrapped(p2_fcfs_sf_unbounded, "trapped", off_by(1)),
        "P2-fcfs-sf-unbounded",
    ),
    "SVF starts late": (
        wrapped(p6_svf_ratio, "serve_list", late),
        "P6-svf-ratio",
    ),
    "A_max starts late": (
        wrapped(p3_a_max_upper, "serve_list", late),
        "P3-a-max-upper",
    ),
    "Rect reserves a unit more": (
        wrapped(RectSession, "width", off_by(1)),
        "P6-rect-mixed",
    ),
    "Route's slots come a round later": (
        wrapped(route._Responses, "_slot", off_by(1)),
        "P6-route-constant",
    ),
    "Interleaved has a single phase": (
        wrapped(interleaved, "_level", constant(0)),
        "P6-clairvoyant-16",
    ),
    "one bit of a length is no bit": (
        wrapped(p6_svf_1_bit, "by_proxy", constant(0)),
        "P6-svf-1-bit",
    ),
    "the quotient is one more": (
        wrapped(p3_a_min_quadratic, "quotient", off_by(1)),
        "P3-a-min-quadratic",
    ),
    "more is completed than arrives": (
        wrapped(p5_delays_lower, "most_completed", off_by(1)),
        "P5-delays-lower",
    ),
    "unknown lengths never overflow": (
        wrapped(p5_unknown_lower, "overflow", constant(0)),
        "P5-unknown-lower",
    ),
    "the intervals of means are points": (
        wrapped(intervals, "QUANTILES", lambda q: dict.fromkeys(q, 0.0)),
        "P1-slope-third",
    ),
}


@pytest.mark.parametrize("what", RULES)
def test_a_changed_rule_is_noticed(what, monkeypatch):
    """A policy, a bound or a formula is changed: its claim fails."""
    mutate, claim = RULES[what]
    assert quick(WITNESSES, claim) == 0
    mutate(monkeypatch)
    assert quick(WITNESSES, claim) != 0


def test_the_table_is_long_enough():
    """More than thirty mutations of witnesses and rules."""
    assert len(FORGED) + len(RULES) > 30
