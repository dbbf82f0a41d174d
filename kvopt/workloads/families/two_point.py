"""Two kinds of requests, a few long ones and many short ones."""

from __future__ import annotations

from dataclasses import dataclass

from kvopt.model import Instance
from kvopt.model.instance import whole_number
from kvopt.workloads.parameters import FLAG, INTEGER, Generator, Parameter
from kvopt.workloads.ranges import MAX_REQUESTS

__all__ = ["GENERATOR", "PUBLISHED_TWO_POINT", "TwoPoint", "two_point"]


@dataclass(frozen=True)
class TwoPoint:
    """Numbers of the two-point family; the defaults are the published ones.

    Parameters
    ----------
    memory
        Capacity ``M``, in units.
    prompt
        Prompt length of every request, in tokens.
    long, short
        Number of long and of short requests.
    long_output, short_output
        Their output lengths, in tokens.
    long_first
        Whether the long ones are listed first, which decides ties.
    """

    memory: int = 256
    prompt: int = 96
    long: int = 6
    long_output: int = 160
    short: int = 194
    short_output: int = 1
    long_first: bool = True

    def __post_init__(self) -> None:
        for name in ("long", "short"):
            whole_number(getattr(self, name), name, 0, MAX_REQUESTS)


PUBLISHED_TWO_POINT = TwoPoint()


def two_point(params: TwoPoint = PUBLISHED_TWO_POINT) -> Instance:
    """Build the two-point instance, all requests at 0.

    Policies that protect long running requests keep the many short ones
    waiting. Source: experiments of P4 (arXiv 2601.22996), readings.md 4.6;
    that the long ones come first in the input is [inferred].
    """
    long = [(0, params.prompt, params.long_output)] * params.long
    short = [(0, params.prompt, params.short_output)] * params.short
    return Instance.of(
        params.memory,
        long + short if params.long_first else short + long,
        name=f"two-point, {params.long} long, {params.short} short",
        source=f"two-point family of P4 (arXiv 2601.22996): {params}",
    )


GENERATOR = Generator(
    "two-point",
    "a few long requests and many short ones, all at 0",
    "P4, arXiv 2601.22996, experiments",
    (
        Parameter("memory", INTEGER, TwoPoint.memory, "capacity, units"),
        Parameter("prompt", INTEGER, TwoPoint.prompt, "every prompt, tokens"),
        Parameter("long", INTEGER, TwoPoint.long, "number of long ones"),
        Parameter("long_output", INTEGER, TwoPoint.long_output, "tokens"),
        Parameter("short", INTEGER, TwoPoint.short, "number of short ones"),
        Parameter("short_output", INTEGER, TwoPoint.short_output, "tokens"),
        Parameter(
            "long_first",
            FLAG,
            TwoPoint.long_first,
            "list the long ones first",
        ),
    ),
    lambda rng, values: two_point(TwoPoint(**values)),
)
