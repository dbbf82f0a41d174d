"""Sarathi-like: decodes first, then chunks of prompts, up to a budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import ClassVar

from kvopt.model.instance import MAX_SIZE, whole_number
from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import check_fraction
from kvopt.policies.staged.base import Batch, Fitting, StagedSetup, StagedView

__all__ = ["SarathiLike"]


@dataclass(frozen=True)
class SarathiLike:
    """Fill every iteration to a token budget: decodes, then prompt chunks.

    P5 (arXiv 2504.11320), a baseline of the experiments, after Agrawal et
    al. (2023), who "prioritise ongoing prompts". The budget goes first to
    one token of each resident request in order of admission, then to prompts
    that are partly processed, then to new ones in order of the queue. On
    overflow the last admitted are evicted.

    Parameters
    ----------
    chunk
        Tokens an iteration processes at most; the paper has 512.
    reserve
        Share of ``C`` that an admission leaves free; the paper has 0.01. The
        growth of what is resident may use it.

    Notes
    -----
    [inferred]: a request holds memory for its whole prompt from its first
    chunk on, as in vLLM; a chunk takes the time of the prompt tokens
    processed so far; an empty worker admits whatever fits.
    """

    chunk: int = 512
    reserve: float = 0.01

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="sarathi-like",
        title="Sarathi-like",
        summary="a token budget an iteration: decodes, then chunks of prompts",
        paper="P5: Ao, Luo, Simchi-Levi, Wang, arXiv 2504.11320, section 6",
        information=InformationModel.NON_CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=True,
        ratio="none proven",
        complexity="O(k) an iteration, k = resident requests",
        reading=(
            "chunk and reserve are the paper's; admission, memory and time "
            "of a chunk are readings [inferred]"
        ),
    )

    def __post_init__(self) -> None:
        whole_number(self.chunk, "policy.chunk", 1, MAX_SIZE)
        check_fraction(self.reserve, "policy.reserve")

    @property
    def information(self) -> InformationModel:
        """Nothing."""
        return InformationModel.NON_CLAIRVOYANT

    def session(self, setup: StagedSetup) -> Callable[[StagedView], Batch]:
        """Return the decision function of one run."""
        spare = int(Fraction(str(self.reserve)) * setup.memory)

        def decide(view: StagedView) -> Batch:
            jobs = view.jobs
            ready = (
                i
                for i, done in view.resident.items()
                if done.prefilled == jobs[i].prompt
            )
            fitting = Fitting(view, setup.memory, islice(ready, self.chunk))
            budget = self.chunk - len(fitting.decode)
            prefill: list[tuple[int, int]] = []
            for i in fitting.held:
                left = jobs[i].prompt - view.resident[i].prefilled
                if left and budget:
                    prefill.append((i, min(left, budget)))
                    budget -= prefill[-1][1]
            for i in view.waiting:
                if not budget or not fitting.admit([i], spare):
                    break
                # A prompt without a token is processed by an entry of 0.
                prefill.append((i, min(jobs[i].prompt, budget)))
                budget -= prefill[-1][1]
                fitting.held[i] = jobs[i].prompt
            return Batch(prefill, list(fitting.decode), fitting.evict)

        return decide
