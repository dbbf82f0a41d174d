"""Why a request started, waited or was cancelled, round by round."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Reason"]


class Reason(NamedTuple):
    """What a policy decided about a request, and why.

    Of a request that waits there is an entry whenever the reason changes:
    it holds until the next entry of the request.

    Parameters
    ----------
    round
        The round of the decision: what starts now has ``p = round``.
    request
        Request number.
    action
        What becomes of the request.
    text
        The reason, in one line.
    belief
        Output length that the policy believes, in rounds; None if it has
        not said.
    """

    round: int
    request: int
    action: Literal["start", "wait", "cancel"]
    text: str
    belief: int | None
