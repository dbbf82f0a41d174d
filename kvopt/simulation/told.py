"""What a policy is told of the output lengths, and nothing more."""

from __future__ import annotations

from kvopt.model import InputError, Instance
from kvopt.model.instance import IntArray
from kvopt.policies import Policy, policy_spec
from kvopt.policies.base import Hint, InformationModel

__all__ = ["hints", "told"]


def told(instance: Instance, policy: Policy) -> dict[str, IntArray]:
    """Return the columns that a policy may see, by field of ``Hint``.

    Raises
    ------
    InputError
        When the instance lacks the predictions that the policy needs.
    """
    if policy.information is InformationModel.NON_CLAIRVOYANT:
        return {}
    if policy.information is InformationModel.CLAIRVOYANT:
        return {"output": instance.output}
    forecast = instance.predictions
    names = (
        ("point",)
        if policy.information is InformationModel.PREDICTIONS
        else ("lower", "upper")
    )
    columns = {
        name: getattr(forecast, name)
        for name in names
        if getattr(forecast, name, None) is not None
    }
    if len(columns) < len(names):
        raise InputError(
            f"{policy_spec(policy)} needs {policy.information.value}",
            field="predictions",
            value=forecast.kinds if forecast is not None else None,
        )
    return columns


def hints(instance: Instance, policy: Policy) -> list[Hint]:
    """Return what a policy is told of each request, by request number.

    Raises
    ------
    InputError
        When the instance lacks the predictions that the policy needs.
    """
    columns = told(instance, policy)
    untold = [None] * len(instance)
    fields = (
        columns[name].tolist() if name in columns else untold
        for name in Hint._fields
    )
    return list(map(Hint, *fields))
