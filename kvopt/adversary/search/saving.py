"""Files in which a search is kept, to go on with it later."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kvopt.adversary.search.conditions import Conditions
from kvopt.adversary.search.driver import CurvePoint, SearchState
from kvopt.adversary.search.objective import Score
from kvopt.adversary.search.recipe import Recipe
from kvopt.adversary.search.strategies import make_strategy
from kvopt.model import InputError
from kvopt.model.formats import write_atomically

__all__ = ["SearchSettings", "load_search", "save_search"]

FORMAT = "kvopt-search/1"


@dataclass(frozen=True)
class SearchSettings:
    """What a search was asked for, as on the command line.

    Parameters
    ----------
    policy, reference, conditions, strategy
        Their texts.
    max_n, max_memory
        Most requests and largest memory.
    seed
        Seed of everything random.
    """

    policy: str
    reference: str
    conditions: str
    strategy: str
    max_n: int
    max_memory: int
    seed: int


def save_search(
    path: Path, settings: SearchSettings, state: SearchState
) -> None:
    """Write all that a search has to remember to a JSON file.

    Parameters
    ----------
    path
        The file; it is replaced whole or not at all.
    settings
        What was asked for.
    state
        The search, between two evaluations.
    """
    document = {
        "format": FORMAT,
        "settings": asdict(settings),
        "evaluations": state.evaluations,
        "seconds": state.seconds,
        "best": state.best and state.best.document(),
        "score": state.score and list(state.score),
        "origin": state.origin,
        "curve": [list(point) for point in state.curve],
        "failures": state.failures,
        "failed": state.failed and state.failed.document(),
        "rng": state.rng.bit_generator.state,
        "strategy": state.strategy.document(),
    }
    with write_atomically(path) as part:
        part.write_text(json.dumps(document) + "\n", encoding="utf-8")


def load_search(
    path: Path, settings: SearchSettings, conditions: Conditions
) -> SearchState:
    """Return the search that a file keeps.

    Parameters
    ----------
    path
        The file.
    settings
        What is asked for; the file must say the same.
    conditions
        Those of the settings.

    Raises
    ------
    InputError
        When the file cannot be read, is no search, or one of other settings.
    """
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read: {error}", field="state", value=str(path)
        ) from None
    is_search = isinstance(document, dict) and document.get("format") == FORMAT
    if not is_search:
        raise InputError(
            f"is no {FORMAT} file", field="state", value=str(path)
        )
    saved = document.get("settings")
    for name, value in asdict(settings).items():
        if not isinstance(saved, dict) or saved.get(name) != value:
            said = saved.get(name) if isinstance(saved, dict) else None
            raise InputError(
                f"the saved search has {said!r}",
                field=name,
                value=value,
                where=str(path),
            )
    try:
        return _read(document, settings, conditions)
    except InputError as error:
        raise error.at(str(path)) from None
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"is damaged: {type(error).__name__}: {error}",
            field="state",
            value=str(path),
        ) from None


def _read(
    document: Any, settings: SearchSettings, conditions: Conditions
) -> SearchState:
    strategy = make_strategy(settings.strategy, conditions)
    strategy.restore(document["strategy"])
    rng = np.random.default_rng(settings.seed)
    rng.bit_generator.state = document["rng"]
    best, score, failed = (
        document[name] for name in ("best", "score", "failed")
    )
    return SearchState(
        strategy,
        rng,
        int(document["evaluations"]),
        float(document["seconds"]),
        None if best is None else Recipe.read(best),
        None if score is None else Score(*score),
        str(document["origin"]),
        [CurvePoint(*point) for point in document["curve"]],
        int(document["failures"]),
        None if failed is None else Recipe.read(failed),
    )
