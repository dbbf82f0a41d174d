"""The exponent of a power by which something grows, sizes being finite."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kvopt.model import InputError

__all__ = ["Exponent", "exponent_of"]

# Of the t distribution, both sides together.
_LEVEL = 0.95


@dataclass(frozen=True)
class Exponent:
    """An exponent with an interval.

    Parameters
    ----------
    value
        The estimate.
    low, high
        Ends of the interval.
    uncorrected
        The slope of a straight line on log axes, which small sizes bend.
    """

    value: float
    low: float
    high: float
    uncorrected: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def exponent_of(size: ArrayLike, value: ArrayLike) -> Exponent:
    """Estimate ``b`` where ``value`` grows like ``size**b``.

    Parameters
    ----------
    size, value
        At least six sizes and what was measured there; positive, shape
        ``(k,)``.

    Raises
    ------
    InputError
        When there are fewer, or one is not positive.

    Notes
    -----
    ``log value = c + b log size + c1 size**(-1/2) + c2 / size`` is fitted by
    least squares: two terms of the correction for finite sizes. The interval
    is the wider one of two: that of the residuals at 95 % (Student's t), and
    the estimate plus and minus its distance from the one with the first term
    of the correction only, which says what a cut of the series may cost. Of
    values without noise only the second means anything.
    """
    n, v = np.array(size, np.float64), np.array(value, np.float64)
    if n.size < 6 or n.shape != v.shape:
        raise InputError(
            "needs at least six sizes, with a value each",
            field="size",
            value=n.size,
        )
    if not ((n > 0).all() and (v > 0).all()):
        raise InputError("must be positive", field="value", value=v.min())
    plain, _ = _slope(n, v, 0)
    one, _ = _slope(n, v, 1)
    best, spread = _slope(n, v, 2)
    half = max(spread, abs(best - one))
    return Exponent(best, best - half, best + half, plain)


def _slope(
    n: NDArray[np.float64], v: NDArray[np.float64], terms: int
) -> tuple[float, float]:
    """Return the exponent with some terms, and half of its t interval."""
    from scipy import stats

    columns = [np.ones(n.size), np.log(n)]
    columns += [n ** (-k / 2) for k in range(1, terms + 1)]
    design = np.stack(columns, axis=1)
    # Scaled columns: powers of the size differ by orders of magnitude.
    scale = np.linalg.norm(design, axis=0)
    solution, *_ = np.linalg.lstsq(design / scale, np.log(v), rcond=None)
    rest = np.log(v) - design / scale @ solution
    free = n.size - design.shape[1]
    inverse = np.linalg.inv((design / scale).T @ (design / scale))
    error = math.sqrt(float(rest @ rest) / free * float(inverse[1, 1]))
    quantile = float(stats.t.ppf((1 + _LEVEL) / 2, free))
    return float(solution[1] / scale[1]), quantile * error / float(scale[1])
