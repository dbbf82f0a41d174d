"""What ``kvopt simulate`` is asked to run, read and refused beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kvopt.cli.files import read_instance
from kvopt.cli.simulate_run import RunRules
from kvopt.cli.traces import instance_from_trace, refuse_trace_options
from kvopt.model import InputError, Instance
from kvopt.model.serving import parse_serving, serving_spec
from kvopt.policies import Policy, parse_policy, policy_spec

__all__ = ["CommandPlan", "CommandSetup"]


class CommandSetup:
    """What the words say: instances, clock, server, predictors, engine."""

    def __init__(
        self,
        source: str,
        options: dict[str, Any],
        clock: str,
        serving: str,
        predictors: Sequence[str],
        engine: str,
        explain: bool,
    ) -> None:
        from kvopt.simulation.clocks import (
            UNIT_ROUNDS,
            parse_clock,
            with_arrival_unit,
        )
        from kvopt.simulation.engine import ENGINES
        from kvopt.workloads.predictions.by_name import parse_predictor

        if engine not in ENGINES:
            raise InputError(
                f"unknown engine; known are {', '.join(ENGINES)}",
                field="--engine",
                value=engine,
            )
        self.engine = engine
        # Whether the runs are to say why they do what they do.
        self.explain = explain
        self.clock = parse_clock(clock)
        self.serving = parse_serving(serving)
        self.predictors = [parse_predictor(text) for text in predictors]
        self.errs = any(told.errs for told, _ in self.predictors)
        self.source, self.options = source, dict(options)
        self.trace = source.endswith(".csv")
        seconds = options["round_seconds"]
        if self.clock is UNIT_ROUNDS or (not self.trace and seconds is None):
            return
        if self.trace:
            if seconds is not None:
                raise InputError(
                    "has no meaning with a clock, which says how long a "
                    "round is",
                    field="--round-seconds",
                    value=seconds,
                )
            if options["arrivals"] != "zero":
                # An instance counts arrivals in whole microseconds.
                self.options["round_seconds"] = 1e-6
        else:
            self.clock = with_arrival_unit(self.clock, seconds)
            del self.options["round_seconds"]

    def problem(self, seed: int) -> Instance:
        """Return the instance of a seed, with its predictions."""
        import numpy as np

        if self.trace:
            instance = instance_from_trace(self.source, seed, self.options)
        else:
            refuse_trace_options(self.options, "a trace")
            instance = read_instance(self.source)
            said = "round_seconds" not in self.options
            if self.clock.measures and not said and instance.arrival[-1] > 0:
                raise InputError(
                    "is needed with a clock: how many seconds one unit of "
                    "the arrivals stands for",
                    field="--round-seconds",
                    value=None,
                )
        for k, (_, add) in enumerate(self.predictors):
            instance = add(instance, np.random.default_rng([seed, k]))
        return instance


@dataclass(frozen=True)
class CommandPlan:
    """The runs to make: every policy on the instance of every seed."""

    problems: list[Instance]
    policies: list[Policy]
    setup: CommandSetup
    seeds: Sequence[int]

    @classmethod
    def of(
        cls, setup: CommandSetup, policies: Sequence[str], seeds: Sequence[int]
    ) -> CommandPlan:
        """Read policies and instances, and refuse what cannot be run.

        Parameters
        ----------
        setup
            Where the instances come from.
        policies
            Texts of the policies; one that is given twice is run once.
        seeds
            Their seeds, at least one.
        """
        parsed = map(_policy, policies)
        once = list({policy_spec(p): p for p in parsed}.values())
        plan = cls([setup.problem(k) for k in seeds], once, setup, seeds)
        plan.refuse()
        return plan

    def refuse(self) -> None:
        """Refuse what a simulation would refuse, before the first one."""
        from kvopt.policies.base import InformationModel
        from kvopt.simulation.engine import check_serving
        from kvopt.simulation.told import told

        setup = self.setup
        for policy in self.policies:
            for problem in self.problems:
                check_serving(setup.serving, problem, policy, setup.clock)
                columns = told(problem, policy)
                if (
                    policy.information is InformationModel.INTERVALS
                    and not self.setup.errs
                ):
                    _refuse_misses(problem, columns)

    def engines(self) -> set[str]:
        """Return the engines on which the runs will be made."""
        from kvopt.simulation.engine import engine_of, sooner

        serving, clock = self.setup.serving, self.setup.clock
        if self.setup.explain:
            return {"reference"}
        match self.setup.engine:
            case "auto":
                return {
                    sooner(problem, policy, serving, clock)
                    for policy in self.policies
                    for problem in self.problems
                }
            case "fast":
                return {
                    engine_of(policy, serving, clock)
                    for policy in self.policies
                }
            case "reference":
                return {"reference"}
            case other:
                raise AssertionError(other)

    def engine(self) -> str:
        """Return the engine to ask for, for what ``"auto"`` is here.

        Once one run is not for the reference engine, no process asks for it.
        """
        if self.setup.explain or self.setup.engine != "auto":
            return self.setup.engine
        return "reference" if self.engines() == {"reference"} else "fast"

    def rules(self) -> RunRules:
        """Return what the runs have in common."""
        setup = self.setup
        return RunRules(
            setup.engine, setup.clock, setup.serving, setup.explain
        )

    def keys(self) -> list[dict[str, Any]]:
        """Return policy, seed, instance, clock and server of every run."""
        from kvopt.simulation.clocks import clock_spec

        return [
            {
                "policy": policy_spec(policy),
                "seed": seed,
                "instance": problem.hash,
                "clock": clock_spec(self.setup.clock),
                "serving": serving_spec(self.setup.serving),
            }
            for policy in self.policies
            for seed, problem in zip(self.seeds, self.problems, strict=True)
        ]


def _policy(text: str) -> Policy:
    from kvopt.policies.staged import staged_names

    if text.partition(":")[0] in staged_names():
        raise InputError(
            "its requests pause: that is for kvopt staged",
            field="policy",
            value=text,
        )
    return parse_policy(text)


def _refuse_misses(problem: Instance, columns: dict[str, Any]) -> None:
    """Refuse intervals that do not hold the true length.

    The theory of the policies that take intervals rests on it; a predictor
    that is wrong now and then has to be asked for by name.
    """
    o = problem.output
    for name, wrong, side in (
        ("lower", columns["lower"] > o, "above"),
        ("upper", columns["upper"] < o, "below"),
    ):
        if wrong.any():
            i = int(wrong.argmax())
            raise InputError(
                f"is {side} the true output length {int(o[i])}; intervals "
                "must hold it, but for those of --predictor classes",
                field=f"requests[{i}].{name}",
                value=int(columns[name][i]),
                where=problem.name,
            )
