"""Cases in which shortest-first is optimal, each with its proof.

All requests are present at 0. In general shortest-first is *not* optimal:
P1 claimed it in v2 and dropped it later; ``s=1, M=6, o=(2,2,3,3)`` costs
MC-SF 16 and the optimum 15.
"""

from __future__ import annotations

from typing import NamedTuple

from kvopt.exact.bounds import lower_bound
from kvopt.exact.bounds.machines import most_at_once
from kvopt.exact.control.feasibility import fault
from kvopt.model import BoundCertificate, Instance

__all__ = ["SpecialCase", "special_case"]


class SpecialCase(NamedTuple):
    """The theorem that applies, and a bound that meets the optimum.

    The independent checker derives ``certificate`` again from the instance.
    """

    theorem: str
    certificate: BoundCertificate


def special_case(instance: Instance) -> SpecialCase | None:
    """Return the case that ``instance`` falls under, or None.

    Parameters
    ----------
    instance
        Requests that are all present at 0.

    Notes
    -----
    *Everything fits at once.* If starting everything at 0 is feasible, every
    latency is ``o_i``, and none can be smaller. MC-SF starts everything at 0
    then: every prefix of its queue needs less memory than the whole.

    *Constant reservation.* At most ``k`` requests can run in a round, because
    the ``k + 1`` smallest ``s_i + 1`` do not fit. If the ``k`` largest peaks
    ``s_i + o_i`` fit, then any ``k`` requests may run together whenever they
    started, and the worker is ``k`` identical machines, on which shortest
    first is optimal. MC-SF is that rule: its head is refused if and only if
    ``k`` requests run. *All outputs are 1 and all prompts are equal* is the
    case of it that P1 and the readings name.
    """
    if not fault(instance, [0] * len(instance)):
        certificate = lower_bound(instance, "trivial")
        return SpecialCase("everything fits at once", certificate)
    k = most_at_once(instance)
    if sum(sorted(instance.peak.tolist())[-k:]) > instance.memory:
        return None
    theorem = f"constant reservation: {k} identical machines, shortest first"
    if (instance.output == 1).all() and len(set(instance.prompt.tolist())) < 2:
        theorem = "all outputs are 1 and all prompts are equal"
    return SpecialCase(theorem, lower_bound(instance, "machines"))
