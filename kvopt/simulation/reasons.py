"""Reasons of a policy's decisions, kept when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from kvopt.model.reasons import Reason
from kvopt.policies.base import Decision, Explanation

__all__ = ["ReasonLog"]


class ReasonLog:
    """Why requests start, wait and are cancelled in one simulation.

    Attributes
    ----------
    found
        The reasons so far, in the order of the decisions.
    """

    def __init__(self) -> None:
        self.found: list[Reason] = []
        self.waits: dict[int, Explanation] = {}

    def note(
        self,
        now: int,
        decision: Decision,
        waiting: Iterable[int],
        has_room: Callable[[int], bool],
    ) -> None:
        """Note a decision, once it is carried out.

        Parameters
        ----------
        now
            The round.
        decision
            What the policy decided.
        waiting
            Who waits after it.
        has_room
            Whether the next round has room for a request beside those that
            run: what can be said where the policy says nothing.
        """
        why = decision.why
        cancelled = decision.why_cancel or "the policy cancels it"
        for i in decision.cancel:
            self._keep(now, i, "cancel", Explanation(cancelled))
        for i in decision.start:
            said = why.get(i) or Explanation("the policy starts it")
            self._keep(now, i, "start", said)
            self.waits.pop(i, None)
        for i in waiting:
            said = why.get(i) or _unsaid(has_room(i))
            if self.waits.get(i) != said:
                self.waits[i] = said
                self._keep(now, i, "wait", said)

    def last(self) -> str:
        """Return what was said last, of whoever waits or was cancelled."""
        for reason in reversed(self.found):
            if reason.action != "start":
                done = "waits" if reason.action == "wait" else "is cancelled"
                return f"request {reason.request} {done}: {reason.text}"
        return "no request was refused or cancelled before"

    def _keep(
        self,
        now: int,
        request: int,
        action: Literal["start", "wait", "cancel"],
        said: Explanation,
    ) -> None:
        text = " ".join(said.text.split())
        self.found.append(Reason(now, request, action, text, said.belief))


def _unsaid(room: bool) -> Explanation:
    if room:
        return Explanation("the policy lets it wait, though there is room")
    return Explanation("the next round has no room for it")
