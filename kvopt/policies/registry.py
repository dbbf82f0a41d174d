"""Policies by name, and the text form ``name:parameter=value,...``."""

from __future__ import annotations

import contextlib
import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, Literal

from kvopt.model import InputError
from kvopt.policies.a_l import AL
from kvopt.policies.a_max import AMax
from kvopt.policies.a_min import AMin
from kvopt.policies.alpha_beta_clearing import AlphaBetaClearing
from kvopt.policies.alpha_greedy import AlphaGreedy
from kvopt.policies.base import Policy, PolicyInfo
from kvopt.policies.eviction_free_cap import EvictionFreeCap
from kvopt.policies.fcfs import FCFS
from kvopt.policies.gba import GBA
from kvopt.policies.gba_d import GBAD
from kvopt.policies.gsa import GSA
from kvopt.policies.gsa_spec import GSASpec
from kvopt.policies.h_sf import HSF
from kvopt.policies.lp_swap import LPSwap
from kvopt.policies.mc_benchmark import MCBenchmark
from kvopt.policies.mc_sf import MCSF
from kvopt.policies.peak_order import PeakOrder
from kvopt.policies.receding_horizon import RecedingHorizon
from kvopt.policies.sf import SF
from kvopt.policies.sorted_f import SortedF
from kvopt.policies.sorted_lp import SortedLP
from kvopt.policies.sps import SPS
from kvopt.policies.svf import SVF
from kvopt.policies.svf_1_bit import SVF1Bit
from kvopt.policies.two_point_rule import TwoPointRule
from kvopt.policies.vllm_like import VLLMLike

__all__ = [
    "infos",
    "make_policy",
    "names",
    "parse_from",
    "parse_policy",
    "policy_spec",
]

_POLICIES: dict[str, type[Any]] = {
    cls.info.name: cls
    for cls in (
        MCSF,
        MCBenchmark,
        FCFS,
        SF,
        SVF,
        AlphaGreedy,
        AlphaBetaClearing,
        SortedF,
        SortedLP,
        LPSwap,
        RecedingHorizon,
        PeakOrder,
        HSF,
        AMax,
        AMin,
        AL,
        TwoPointRule,
        SPS,
        GBA,
        GBAD,
        GSA,
        GSASpec,
        VLLMLike,
        SVF1Bit,
        EvictionFreeCap,
    )
}


def names() -> tuple[str, ...]:
    """Names of all policies, in the order of their papers."""
    return tuple(_POLICIES)


def infos() -> tuple[PolicyInfo, ...]:
    """Metadata of all policies."""
    return tuple(cls.info for cls in _POLICIES.values())


def make_policy(name: str, **parameters: Any) -> Policy:
    """Return the policy ``name`` with the given parameters.

    Raises
    ------
    InputError
        For an unknown name or parameter, or a value outside its range.
    """
    policy: Policy = _make(_POLICIES, name, parameters)
    return policy


def parse_policy(text: str) -> Policy:
    """Return the policy that a text such as ``mc-sf:misfit=skip`` names."""
    policy: Policy = parse_from(_POLICIES, text)
    return policy


def parse_from(table: Mapping[str, type[Any]], text: str) -> Any:
    """Return the object that a text names, of the classes in ``table``."""
    name, _, rest = text.partition(":")
    kinds = _kinds(table, name)
    parameters: dict[str, Any] = {}
    for item in filter(None, rest.split(",")):
        key, equals, value = item.partition("=")
        if not equals:
            raise InputError(
                "must have the form parameter=value",
                field="policy",
                value=text,
            )
        parameters[key] = value
        if kinds.get(key) is not str:
            with contextlib.suppress(ValueError):
                parameters[key] = float(value)
    return _make(table, name, parameters)


def _kinds(table: Mapping[str, type[Any]], name: str) -> dict[str, Any]:
    """Return the type of each parameter of the class called ``name``."""
    if name not in table:
        raise InputError(
            f"unknown policy; known are {', '.join(table)}",
            field="policy",
            value=name,
        )
    cls = table[name]
    hints = typing.get_type_hints(cls)
    return {f.name: hints[f.name] for f in dataclasses.fields(cls)}


def _make(
    table: Mapping[str, type[Any]], name: str, parameters: dict[str, Any]
) -> Any:
    kinds = _kinds(table, name)
    for key, value in parameters.items():
        if key not in kinds:
            known = ", ".join(kinds) or "none"
            raise InputError(
                f"unknown parameter of {name}; known are {known}",
                field=f"policy.{key}",
                value=value,
            )
        kind = kinds[key]
        if kind is int and isinstance(value, float) and value.is_integer():
            # A text form has numbers of one kind only.
            parameters[key] = int(value)
        if typing.get_origin(kind) is Literal:
            allowed = typing.get_args(kind)
            if value not in allowed:
                raise InputError(
                    f"must be one of {', '.join(map(str, allowed))}",
                    field=f"policy.{key}",
                    value=value,
                )
    return table[name](**parameters)


def policy_spec(policy: Any) -> str:
    """Return the text that :func:`parse_policy` reads back.

    Parameters that have their default value are left out.
    """
    given = [
        f"{f.name}={getattr(policy, f.name)}"
        for f in dataclasses.fields(policy)  # type: ignore[arg-type]
        if getattr(policy, f.name) != f.default
    ]
    return policy.info.name + (":" + ",".join(given) if given else "")
