"""The gate before a schedule or a bound becomes a row: the checker."""

from __future__ import annotations

from kvopt.check import Verdict, check_bound, verify
from kvopt.model import BoundCertificate, Instance, KvoptError, Schedule

__all__ = ["RejectedError", "verified", "verified_bound"]


class RejectedError(KvoptError, RuntimeError):
    """The independent checker rejects what kvopt computed: a bug of ours."""


def verified(instance: Instance, schedule: Schedule) -> Verdict:
    """Return the checker's verdict on a schedule that it accepts.

    Raises
    ------
    RejectedError
        With the checker's lines, when it finds any violation.
    """
    verdict = verify(instance, schedule)
    if not verdict.ok:
        raise RejectedError("; ".join([instance.name, *verdict.lines()]))
    return verdict


def verified_bound(
    instance: Instance, certificate: BoundCertificate | None
) -> int | None:
    """Return a certificate's bound after the checker has re-derived it.

    Raises
    ------
    RejectedError
        When the checker cannot derive it.
    """
    if certificate is None:
        return None
    verdict = check_bound(instance.document(), certificate.document())
    if not verdict.ok:
        raise RejectedError("; ".join([instance.name, *verdict.lines()]))
    return verdict.value
