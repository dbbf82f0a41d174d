"""What the kept games prove, once the checker has accepted them."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import partial

from proofs_check.evidence import Finding, proved
from proofs_check.ledger import WITNESSES, Claim, Kind, Strength

__all__ = ["game_claim"]


def _check(stated: Fraction, files: tuple[str, ...]) -> Finding:
    ratios = {}
    nodes = 0
    for file in files:
        game = json.loads((WITNESSES / file).read_text("utf-8"))
        ratios[file] = Fraction(*game["ratio"])
        nodes += len(game.get("nodes", game.get("instances", ())))
    shown = ", ".join(f"{r} in {f}" for f, r in ratios.items())
    best = max(ratios.values())
    return proved(
        f"The adversary's strategies, {nodes} positions or instances, were "
        f"played against every answer by the checker: {shown}.",
        {f"a game of ratio {stated}": best == stated},
        numbers={file: str(ratio) for file, ratio in ratios.items()},
        tried=nodes,
        largest_ratio=best,
    )


def game_claim(
    name: str,
    policies: str,
    model: str,
    stated: Fraction,
    files: tuple[str, ...],
    depends_on: tuple[str, ...] = (),
) -> Claim:
    """Return the claim that no policy of a class is below a ratio.

    Parameters
    ----------
    name
        Id of the claim.
    policies
        The class of policies, in words.
    model
        Model and conditions.
    stated
        The ratio.
    files
        The games, in the folder of witnesses.
    depends_on
        Ids of claims that this one rests on.
    """
    whole = stated.denominator == 1
    return Claim(
        id=name,
        statement=(
            f"No {policies} has a competitive ratio below {stated}"
            + ("." if whole else f" = {float(stated):.3f}.")
        ),
        source="ours; the games of docs/games.md",
        model=model,
        reading="none: the statement is ours",
        kind=Kind.THEOREM,
        strength=Strength.CERTIFICATE,
        check=partial(_check, stated, files),
        proof="docs/games.md#lower-bounds-against-every-policy",
        witnesses=files,
        depends_on=depends_on,
    )
