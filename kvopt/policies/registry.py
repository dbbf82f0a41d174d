"""Policies by name, and the text form ``name:parameter=value,...``."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import pkgutil
import typing
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

from kvopt.model import InputError
from kvopt.policies import outside
from kvopt.policies.base import Policy, PolicyInfo
from kvopt.policies.testing import check_class, check_policy

__all__ = [
    "as_policy",
    "classes_in",
    "infos",
    "make_policy",
    "names",
    "parse_from",
    "parse_policy",
    "policy_spec",
]


def classes_in(package: ModuleType) -> dict[str, type[Any]]:
    """Return the policies of a package's own modules, by name.

    A policy is a class that says what it is: it has an ``info`` of its own.
    Those of papers with a label come first, in the order of the papers. A
    module whose name is in capitals is a template, and not looked into.

    Parameters
    ----------
    package
        The package; packages inside of it are not looked into.
    """
    found: list[type[Any]] = []
    for entry in pkgutil.iter_modules(package.__path__):
        if entry.ispkg or entry.name.isupper():
            continue
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and value.__module__ == module.__name__
            and isinstance(vars(value).get("info"), PolicyInfo)
        ]

    def place(cls: type[Any]) -> tuple[bool, str, str]:
        info: PolicyInfo = cls.info
        return ":" not in info.paper, info.paper, info.name

    return {cls.info.name: cls for cls in sorted(found, key=place)}


@functools.cache
def _policies() -> dict[str, type[Any]]:
    import kvopt.policies

    return classes_in(kvopt.policies)


def names() -> tuple[str, ...]:
    """Names of all policies, in the order of their papers."""
    return tuple(_policies())


def infos() -> tuple[PolicyInfo, ...]:
    """Metadata of all policies."""
    return tuple(cls.info for cls in _policies().values())


def make_policy(name: str, **parameters: Any) -> Policy:
    """Return the policy ``name`` with the given parameters.

    Raises
    ------
    InputError
        For an unknown name or parameter, or a value outside its range.
    """
    policy: Policy = _make(_policies(), name, parameters)
    return policy


def parse_policy(text: str) -> Policy:
    """Return the policy that a text names.

    Parameters
    ----------
    text
        The name of a policy of kvopt, or of one that an installed package
        offers under the entry point group ``kvopt.policies``, or
        ``path/to/file.py:MyPolicy``; behind it parameters, such as
        ``mc-sf:misfit=skip``.

    Raises
    ------
    InputError
        For an unknown name or parameter, a file that does not import, or a
        class that breaks the contract.
    """
    name = text.partition(":")[0]
    found = outside.find(text, known=name in _policies())
    if found is None:
        policy: Policy = parse_from(_policies(), text)
        return policy
    cls, parameters = found
    return _outside(cls, parameters)


def as_policy(policy: Policy | str | type[Any]) -> Policy:
    """Return the policy that a text, a class or an object stands for.

    A class is checked as :func:`parse_policy` checks one from a file. An
    object is taken as it is: the engines refuse each wrong decision, and
    :func:`kvopt.policies.testing.check_policy` says more.

    Raises
    ------
    InputError
        As :func:`parse_policy`.
    """
    if isinstance(policy, str):
        return parse_policy(policy)
    if not isinstance(policy, type):
        return policy
    if policy in _policies().values():
        return make_policy(policy.info.name)
    return _outside(policy, "")


def _outside(cls: Any, parameters: str) -> Policy:
    """Return a checked policy of a class that is no part of kvopt."""
    check_class(cls)
    name = cls.info.name
    try:
        policy: Any = parse_from({name: cls}, f"{name}:{parameters}")
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"cannot be made: {type(error).__name__}: {error}",
            field="policy",
            value=name,
        ) from error
    _check_once(policy)
    checked: Policy = policy
    return checked


@functools.lru_cache(maxsize=64)
def _check_once(policy: Any) -> None:
    """Check the contract; what an engine notices itself is left to it."""
    check_policy(policy, may_stall=True)


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
        whole = kind is int or int in typing.get_args(kind)
        if whole and isinstance(value, float) and value.is_integer():
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
    name = outside.origin(type(policy)) or policy.info.name
    return name + (":" + ",".join(given) if given else "")
