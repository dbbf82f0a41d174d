"""The arguments that prove a lower bound: one file each, listed here.

A method takes the problem, the certificate's ``data`` and a budget, and
returns the greatest lower bound on the total latency that they prove. It
trusts nothing in ``data``, and raises InputError when it makes no sense or
would take more work than the budget has; it says so before it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvopt.check.budget import Budget
from kvopt.check.documents import Problem
from kvopt.check.methods import (
    area,
    convex_prices,
    lagrangian,
    lp_dual,
    machines,
    mean_busy_time,
    memory_prices,
    trivial,
)

__all__ = ["METHODS", "Method"]

Method = Callable[[Problem, dict[str, Any], Budget], int]

METHODS: dict[str, Method] = {
    "area": area.area,
    "convex-prices": convex_prices.convex_prices,
    "lagrangian": lagrangian.lagrangian,
    "lp-dual": lp_dual.lp_dual,
    "machines": machines.machines,
    "mean-busy-time": mean_busy_time.mean_busy_time,
    "memory-prices": memory_prices.memory_prices,
    "trivial": trivial.trivial,
}
