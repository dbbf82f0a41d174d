"""How an engine reports a policy that makes no progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kvopt.model import PolicyError
from kvopt.model.serving import ServingRules
from kvopt.policies import Policy, policy_spec

__all__ = ["fault", "livelock", "patience", "stuck", "watch_of"]


def watch_of(
    policy: Policy, serving: ServingRules
) -> Literal["state", "patience", "none"]:
    """Return how a livelock of a policy is found out by these rules.

    Where tokens are kept every cancelled run has made one, so that retries
    come to an end. With a token budget it may have made none, and the state
    that is compared leaves out which prompts are still being computed: then
    patience decides.
    """
    if policy.livelock == "none":
        return "none"
    if serving.budget is not None:
        return "patience"
    return "none" if serving.keeps else policy.livelock


def patience(memory: int) -> int:
    """Rounds without a completion after which random retries are given up.

    No proof of a livelock, but a long time: a request runs less than
    ``memory`` rounds.
    """
    return 20 * memory + 1000


def stuck(policy: Policy, now: int, waiting: Sequence[int]) -> PolicyError:
    """Return the error of a policy that starts nothing, ever.

    Parameters
    ----------
    policy
        Specification of the policy, such as ``"fcfs"``.
    now
        The present round.
    waiting
        Numbers of the requests that wait.
    """
    problem = "is stuck: nothing runs and nothing is started, "
    return fault(policy, now, problem + _listing("waiting", sorted(waiting)))


def livelock(
    policy: Policy, now: int, quiet_since: int, running: Sequence[int]
) -> PolicyError:
    """Return the error of a policy that clears and retries for ever.

    Parameters
    ----------
    policy
        Specification of the policy, such as ``"fcfs"``.
    now
        The present round.
    quiet_since
        Round since which nothing has completed.
    running
        Numbers of the requests that run.
    """
    problem = (
        "is in a livelock: it cancels and retries without completing "
        f"anything since round {quiet_since}, "
    )
    return fault(policy, now, problem + _listing("running", sorted(running)))


def fault(policy: Policy, now: int, problem: str) -> PolicyError:
    """Return an error that names the policy, its parameters and the round.

    Parameters
    ----------
    policy
        Specification of the policy, such as ``"fcfs"``.
    now
        The present round.
    problem
        What it did, in words.
    """
    return PolicyError(f"{policy_spec(policy)} {problem} (round {now})")


def _listing(label: str, requests: Sequence[int], most: int = 5) -> str:
    shown = ", ".join(str(int(i)) for i in list(requests)[:most])
    more = f" and {len(requests) - most} more" if len(requests) > most else ""
    return f"{label}: requests {shown}{more}"
