"""Rules on identical requests, in the long run."""

from __future__ import annotations

from fractions import Fraction

from kvopt.exact.few_types.identical import greedy_pattern
from kvopt.model import Instance
from kvopt.simulation import simulate

__all__ = ["long_run_rate"]


def long_run_rate(
    rule: str, memory: int, prompt: int, output: int
) -> Fraction:
    """Return the long-run starts a round of a rule.

    Parameters
    ----------
    rule
        ``"mc-sf"``, or a rule that starts one number of requests every fixed
        number of rounds.
    memory, prompt, output
        ``M`` and the lengths of every request, in tokens.
    """
    if rule == "mc-sf":
        return greedy_pattern(memory, prompt, output).rate
    # A pipeline repeats from the first round on.
    requests = [(0, prompt, output)] * (2 * memory + 2)
    instance = Instance.of(memory, requests)
    starts = simulate(instance, rule).schedule.starts(instance)
    last = int(starts.max())
    return Fraction(int((starts < last).sum()), last)
