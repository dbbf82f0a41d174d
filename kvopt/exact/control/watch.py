"""A bound that takes time: when to stop, and the best of it so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kvopt.exact.control.session import Stopped
from kvopt.model import BoundCertificate

__all__ = ["Watch"]


class Watch:
    """Keeps the best certificate, and says when it is time to stop.

    Parameters
    ----------
    certificate
        The bound to fall back on.
    time_limit
        Seconds from now; None for no limit.
    progress
        Called with the seconds since the beginning and the best bound.

    Attributes
    ----------
    certificate
        The best so far.
    interrupted
        Whether the user asked for an end.
    """

    def __init__(
        self,
        certificate: BoundCertificate,
        time_limit: float | None = None,
        progress: Callable[[float, int], Any] | None = None,
    ) -> None:
        self.certificate = certificate
        self.time_limit = time_limit
        self.interrupted = False
        self._progress = progress
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def keep(self, certificate: BoundCertificate) -> None:
        """Keep a certificate if it is the best."""
        if certificate.value > self.certificate.value:
            self.certificate = certificate

    def over(self) -> bool:
        """Whether it is time to stop; shows progress."""
        if self._progress is not None:
            self._progress(self.seconds, self.certificate.value)
        limit = self.time_limit
        return self.interrupted or (
            limit is not None and self.seconds >= limit
        )

    def checkpoint(self) -> None:
        """Raise :class:`Stopped` when it is time to stop."""
        if self.over():
            raise Stopped
