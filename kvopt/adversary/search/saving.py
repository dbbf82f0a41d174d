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
from kvopt.model.formats import load_json, write_atomically
from kvopt.model.instance import whole_number

__all__ = ["SearchSettings", "load_search", "save_search"]

# Its number rises when a strategy comes to remember other things.
FORMAT = "kvopt-search/3"
# A cost of a saved search above this one is no schedule's.
_MOST_COST = 2**62


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
    document = load_json(path)
    said = document.get("format") if isinstance(document, dict) else None
    if said != FORMAT:
        raise InputError(
            f"must be {FORMAT!r}; no other search can be gone on with",
            field="format",
            value=said,
            where=str(path),
        )
    saved = document.get("settings")
    if not isinstance(saved, dict):
        raise InputError(
            "must be an object", field="settings", value=saved, where=str(path)
        )
    for name, value in asdict(settings).items():
        if saved.get(name) != value:
            raise InputError(
                f"the saved search has {saved.get(name)!r}",
                field=name,
                value=value,
                where=str(path),
            )
    try:
        return _read(document, settings, conditions)
    except InputError as error:
        raise error.at(str(path)) from None
    except KeyError as error:
        raise InputError(
            "missing", field=str(error.args[0]), value=None, where=str(path)
        ) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"the saved search is damaged: {type(error).__name__}: {error}",
            where=str(path),
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
        None if score is None else _score(*score),
        str(document["origin"]),
        [CurvePoint(*point) for point in document["curve"]],
        int(document["failures"]),
        None if failed is None else Recipe.read(failed),
    )


def _score(algorithm: Any, reference: Any, proved: Any) -> Score:
    for name, cost in (("algorithm", algorithm), ("reference", reference)):
        whole_number(cost, f"score.{name}", 1, _MOST_COST)
    return Score(algorithm, reference, bool(proved))
