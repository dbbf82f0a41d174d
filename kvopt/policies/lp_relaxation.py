"""The linear relaxation of the time-indexed program, all requests at 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kvopt.model import InputError, PolicyError
from kvopt.model.instance import IntArray
from kvopt.model.sums import exact_sum
from kvopt.policies.choices import Waiting

__all__ = ["MAX_TERMS", "Relaxation", "lp_order", "relax"]

# HiGHS takes minutes for more terms than this.
MAX_TERMS = 1_000_000


class Relaxation(NamedTuple):
    """An optimal solution of the relaxation.

    Parameters
    ----------
    value
        Least ``sum_i sum_k (k + o_i) x[i, k]``, in rounds: a lower bound on
        the total latency.
    start
        Fractional start ``sum_k k x[i, k]`` of each request, shape ``(n,)``.
    """

    value: float
    start: NDArray[np.float64]


def lp_order(waiting: Sequence[Waiting], memory: int) -> list[int]:
    """Return the request numbers by fractional start.

    Ties, up to a millionth of a round, go to the shorter output, then
    prompt, then to the earlier request.
    """
    prompt = np.array([w.prompt for w in waiting], dtype=np.int64)
    output = np.array([w.length for w in waiting], dtype=np.int64)
    start = relax(prompt, output, memory).start.round(6)
    order = np.lexsort((prompt, output, start))
    return [waiting[i].request for i in order]


def relax(prompt: IntArray, output: IntArray, memory: int) -> Relaxation:
    """Solve the relaxation of the integer program of P1 with HiGHS.

    ``x[i, k] >= 0`` is the share of request ``i`` that starts at round
    ``k``; the shares of a request sum to 1, and no round uses more than
    ``M``. Equal requests share their variables.

    Parameters
    ----------
    prompt, output
        The requests, shape ``(n,)``.
    memory
        Capacity ``M``.

    Raises
    ------
    InputError
        When the program would have more than a million terms.

    Notes
    -----
    No optimal solution starts request ``i`` at ``o_i (floor(V/M) + 1)`` or
    later, where ``V`` is the sum of all volumes. Otherwise look at as many
    disjoint windows of ``o_i`` rounds before, ``floor(V/M) + 1`` of them.
    One without a full round could take a bit of that share, which would
    lower the cost. But that many full rounds use more than ``V``.

    The program is first solved with a much shorter horizon, which is doubled
    until the dual prices show that no later start could lower the cost. So
    the value is that of the program without a horizon.
    """
    pairs, which, count = np.unique(
        np.stack([prompt, output]),
        axis=1,
        return_inverse=True,
        return_counts=True,
    )
    prompt, output = pairs
    volume = prompt * output + output * (output + 1) // 2
    full = exact_sum(volume * count) // memory
    last = output * (full + 1) - 1
    horizon = 2 * (full + 1) + int(output.max())
    while True:
        latest = np.minimum(last, horizon - output)
        columns = _Columns.of(prompt, output, np.zeros_like(latest), latest)
        found = _solve(columns, count, memory)
        if found is not None:
            more = np.minimum(last, horizon)
            later = _Columns.of(prompt, output, latest + 1, more)
            if _priced_out(later, found):
                break
        elif (latest == last).all():
            raise PolicyError("the linear relaxation was not solved")
        horizon *= 2
    start = np.bincount(
        columns.who, weights=columns.start * found.x, minlength=count.size
    )
    value = found.fun + float(output @ count)
    return Relaxation(value, (start / count)[which.ravel()])


class _Columns(NamedTuple):
    """The variables ``x[i, k]`` and their terms in the memory rows.

    Parameters
    ----------
    who, start
        Request ``i`` and start ``k`` of each variable, shape ``(v,)``.
    variable, round, units
        Every term of the memory rows, shape ``(terms,)``.
    """

    who: IntArray
    start: IntArray
    variable: IntArray
    round: IntArray
    units: IntArray

    @classmethod
    def of(
        cls,
        prompt: IntArray,
        output: IntArray,
        first: IntArray,
        latest: IntArray,
    ) -> _Columns:
        """Enumerate the starts ``first .. latest`` of each request."""
        width = np.maximum(latest - first + 1, 0)
        terms = int(width @ output)
        if terms > MAX_TERMS:
            raise InputError(
                f"has {terms:.2g} terms, more than {MAX_TERMS:.2g}; "
                "the instance is too large",
                field="linear relaxation",
                value=f"{prompt.size} kinds of requests",
            )
        who = np.repeat(np.arange(prompt.size), width)
        start = first[who] + _counting(width)
        variable = np.repeat(np.arange(who.size), output[who])
        age = _counting(output[who]) + 1
        return cls(
            who,
            start,
            variable,
            start[variable] + age,
            prompt[who[variable]] + age,
        )


def _counting(lengths: IntArray) -> IntArray:
    """Return ``0 .. length - 1`` for each length, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    return np.arange(total) - np.repeat(ends - lengths, lengths)


def _solve(columns: _Columns, count: IntArray, memory: int) -> Any:
    """Return scipy's result; None if there is no solution."""
    # Loading scipy takes a good part of a second.
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    v = columns.who.size
    rounds = int(columns.round.max())
    use = csr_array(
        (columns.units, (columns.round - 1, columns.variable)),
        shape=(rounds, v),
    )
    each = csr_array(
        (np.ones(v), (columns.who, np.arange(v))), shape=(count.size, v)
    )
    result = linprog(
        columns.start,
        A_ub=use,
        b_ub=np.full(rounds, memory),
        A_eq=each,
        b_eq=count,
        method="highs",
    )
    return result if result.status == 0 else None


def _priced_out(later: _Columns, found: Any) -> bool:
    """Return whether no later start has a negative reduced cost."""
    price = np.zeros(int(later.round.max(initial=0)) + 1)
    solved = found.ineqlin.marginals
    some = min(solved.size, price.size - 1)
    price[1 : some + 1] = solved[:some]
    used = np.bincount(
        later.variable,
        weights=later.units * price[later.round],
        minlength=later.who.size,
    )
    reduced = later.start - found.eqlin.marginals[later.who] - used
    return bool((reduced >= -1e-7).all())
