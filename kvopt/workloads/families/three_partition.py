"""3-Partition as a scheduling instance, for strong NP-hardness."""

from __future__ import annotations

from collections.abc import Sequence

from kvopt.model import InputError, Instance
from kvopt.model.instance import MAX_SIZE, int_vector
from kvopt.workloads.parameters import INTEGERS, Generator, Parameter

__all__ = ["GENERATOR", "three_partition", "yes_latency"]


def three_partition(numbers: Sequence[int]) -> Instance:
    """Reduce a 3-Partition instance to scheduling, all requests at 0.

    Parameters
    ----------
    numbers
        ``3m`` integers ``x_i`` with sum ``m*B`` and ``B/4 < x_i < B/2``.

    Raises
    ------
    InputError
        When the numbers are not a 3-Partition instance.

    Notes
    -----
    Number ``x_i`` becomes a request ``(s, o) = (x_i, 1)``, and ``M = B+3``.
    Four requests need more than ``B+4`` units, so at most three run in a
    round, and :func:`yes_latency` is a lower bound that is reached iff the
    numbers split into ``m`` triples of sum ``B``.

    Source: readings.md 2.2 [inferred, proved]; P2 (arXiv 2508.06133) states
    hardness.
    """
    x = int_vector(numbers, "numbers", 1, MAX_SIZE)
    if x.size == 0 or x.size % 3:
        raise InputError(
            "needs three numbers a triple",
            field="numbers",
            value=f"{x.size} values",
        )
    m, total = x.size // 3, int(x.sum())
    if total % m:
        raise InputError(
            f"must be a multiple of the number of triples, {m}",
            field="sum of numbers",
            value=total,
        )
    target = total // m
    for i, value in enumerate(x.tolist()):
        if not target < 4 * value < 2 * target:
            raise InputError(
                "must lie strictly between a quarter and a half of the "
                f"triples' sum {target}",
                field=f"numbers[{i}]",
                value=value,
            )
    return Instance.of(
        target + 3,
        [(0, value, 1) for value in x.tolist()],
        name=f"three-partition, m={m}, B={target}",
        source=(
            f"three_partition({x.tolist()}): readings.md 2.2 "
            "(P2, arXiv 2508.06133)"
        ),
    )


def yes_latency(triples: int) -> int:
    """Total latency ``3m(m+1)/2`` that only a yes instance reaches."""
    return 3 * triples * (triples + 1) // 2


GENERATOR = Generator(
    "three-partition",
    "3-Partition: total latency 3m(m+1)/2 iff the answer is yes",
    "P2, arXiv 2508.06133; readings.md 2.2, reconstructed",
    (
        Parameter(
            "numbers",
            INTEGERS,
            (6, 6, 8, 6, 7, 7),
            "3m numbers, each between B/4 and B/2, of sum m*B",
        ),
    ),
    lambda rng, values: three_partition(values["numbers"]),
)
