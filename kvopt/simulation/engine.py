"""``simulate()``: run a policy on an instance with one of the engines."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Any

from kvopt.model import InputError, Instance, SimulationResult
from kvopt.model.serving import PLAIN, ServingRules, serving_spec
from kvopt.model.sums import exact_sum
from kvopt.policies import Policy, as_policy, policy_spec
from kvopt.policies.choices import Proxy
from kvopt.policies.composed import ComposedPolicy
from kvopt.policies.pipeline import PlannedPolicy
from kvopt.simulation import planned, reference
from kvopt.simulation.clocks import UNIT_ROUNDS, AffineClock, Clock, clock_spec
from kvopt.simulation.pulse import Progress

__all__ = ["ENGINES", "check_serving", "engine_of", "simulate", "sooner"]

ENGINES = ("auto", "fast", "reference")
# Up to here the reference engine ends before the compiler is loaded: it runs
# some 10**5 active requests a second, and a livelock is given up after rounds
# in proportion to the memory.
SMALL_REQUESTS, SMALL_ROUNDS, SMALL_MEMORY = 64, 1_000, 1_000


def engine_of(
    policy: Policy,
    serving: ServingRules = PLAIN,
    clock: Clock = UNIT_ROUNDS,
) -> str:
    """Return the engine that ``engine="fast"`` means for a policy.

    The fast engine plays compositions of the four choices. It cannot shorten
    a length of which only one bit is believed when tokens are kept. Policies
    that plan whole phases, and keep to the plan, are played from it where
    rounds are counted (``"planned"``). All other runs are for the reference
    engine.

    Parameters
    ----------
    policy, serving, clock
        As for :func:`simulate`.
    """
    if isinstance(policy, PlannedPolicy):
        keeps_to_it = not policy.adapts and not clock.measures
        return "planned" if keeps_to_it and serving.plain else "reference"
    if not isinstance(policy, ComposedPolicy):
        return "reference"
    proxy = isinstance(policy.composition.belief, Proxy)
    return "reference" if proxy and serving.keeps else "fast"


def sooner(
    instance: Instance,
    policy: Policy,
    serving: ServingRules = PLAIN,
    clock: Clock = UNIT_ROUNDS,
) -> str:
    """Return the engine that runs a policy on an instance sooner.

    On a tiny instance that is the reference engine in place of the compiled
    one, unless this process has loaded that already.

    Parameters
    ----------
    instance, policy, serving, clock
        As for :func:`simulate`.
    """
    able = engine_of(policy, serving, clock)
    if able != "fast":
        return able
    ends = instance.memory <= SMALL_MEMORY or policy.livelock == "none"
    rounds = exact_sum(instance.output)
    if serving.budget is not None:
        # Chunks of prompts take rounds, too.
        rounds += exact_sum(instance.prompt) // serving.budget
    few = len(instance) <= SMALL_REQUESTS and rounds <= SMALL_ROUNDS
    loaded = "kvopt.simulation.fast" in sys.modules
    if ends and few and not loaded:
        return "reference"
    return "fast"


def check_serving(
    serving: ServingRules, instance: Instance, policy: Policy, clock: Clock
) -> None:
    """Refuse rules of the server that do not go with the rest.

    Parameters
    ----------
    serving, instance, policy, clock
        As for :func:`simulate`.

    Raises
    ------
    InputError
        For a policy that is no composition of the four choices, a clock
        whose prompts are computed alone together with a budget, or a request
        that does not fit into whole blocks.
    """
    if serving.plain:
        return
    if not isinstance(policy, ComposedPolicy):
        raise InputError(
            f"is not for {policy_spec(policy)}, which is no composition of "
            "the four choices",
            field="serving",
            value=serving_spec(serving),
        )
    alone = isinstance(clock, AffineClock) and clock.alone
    if alone and serving.budget is not None:
        raise InputError(
            "chunks of prompts share iterations, so the clock cannot have "
            "prompts=alone",
            field="serving.budget",
            value=serving.budget,
        )
    serving.check(instance)


def simulate(
    instance: Instance,
    policy: Policy | str | type[Any],
    engine: str = "auto",
    seed: int = 0,
    progress: Progress | None = None,
    *,
    clock: Clock = UNIT_ROUNDS,
    explain: bool = False,
    serving: ServingRules = PLAIN,
) -> SimulationResult:
    """Run ``policy`` on ``instance``.

    Parameters
    ----------
    instance
        What to schedule.
    policy
        A policy, its class, or its text form such as
        ``"mc-sf:misfit=skip"`` or ``"path/to/file.py:MyPolicy"``.
    engine
        ``"fast"``: event-driven and compiled, or played from the policy's
        plans, where the policy allows it (see :func:`engine_of`);
        ``"reference"``: round by round, in plain Python; ``"auto"``: the one
        that ends sooner (:func:`sooner`). All give the same schedule.
    seed
        Seed of the generator that random policies draw from.
    progress
        Called with the number of completed requests whenever it grows, and
        every so many rounds; may raise to end the run.
    clock
        How long a round takes; see docs/clocks.md.
    explain
        Whether the result shall say why each request started, waited or was
        cancelled. Only the reference engine can: ``"auto"`` takes it.
    serving
        Blocks of memory, chunks of prompts, what restarts keep; see
        docs/serving.md. Other rules than the papers' are for the policies
        that are compositions of the four choices.

    Raises
    ------
    InputError
        For an unknown policy, parameter or engine, missing predictions,
        times too long for the clock, reasons asked of the fast engine or
        under rules of a server, or rules that do not go together with the
        policy, the clock or the instance.
    PolicyError
        When the policy breaks a rule of the model or makes no progress.

    Notes
    -----
    ``runtime`` does not count the compilation of the fast engine, which
    takes some seconds, once a machine.
    """
    policy = as_policy(policy)
    if engine not in ENGINES:
        raise InputError(
            f"unknown engine; known are {', '.join(ENGINES)}",
            field="engine",
            value=engine,
        )
    check_serving(serving, instance, policy, clock)
    used = engine
    if explain:
        if engine == "fast":
            raise InputError(
                "records no reasons; auto and reference do",
                field="engine",
                value=engine,
            )
        if not serving.plain:
            raise InputError(
                "no reasons are recorded under the rules of a server",
                field="serving",
                value=serving_spec(serving),
            )
        used = "reference"
    elif engine == "auto":
        used = sooner(instance, policy, serving, clock)
    elif engine == "fast":
        used = engine_of(policy, serving, clock)
    if used == "fast" and isinstance(policy, ComposedPolicy):
        # Loading the compiler takes a good part of a second.
        from kvopt.simulation import fast

        fast.warm_up()
        began = time.perf_counter()
        outcome = fast.run(instance, policy, seed, progress, clock, serving)
    elif used == "planned" and isinstance(policy, PlannedPolicy):
        began = time.perf_counter()
        outcome = planned.run(instance, policy, progress)
    else:
        began = time.perf_counter()
        outcome = reference.run(
            instance, policy, seed, progress, clock, serving, explain
        )
    runtime = time.perf_counter() - began
    spec = clock_spec(clock)
    if outcome.seen is not None:
        step = f"arrivals in iterations of {spec}"
        source = "; ".join(filter(None, (instance.source, step)))
        instance = replace(instance, arrival=outcome.seen, source=source)
    return SimulationResult(
        instance=instance,
        schedule=outcome.schedule,
        policy=policy_spec(policy),
        engine=used,
        runtime=runtime,
        seed=seed,
        clock=spec,
        measured=outcome.times,
        reasons=outcome.reasons,
        made=outcome.made,
    )
