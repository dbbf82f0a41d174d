"""What the methods ask of a certificate's ``data``."""

from __future__ import annotations

from typing import Any

from kvopt.model.errors import InputError

__all__ = ["no_data"]


def no_data(data: dict[str, Any]) -> None:
    """Refuse data where the instance alone proves the bound.

    Data that nobody reads would suggest that it was checked.
    """
    for key in data:
        raise InputError(
            "this method needs no data", field=f"data.{key}", value=data[key]
        )
