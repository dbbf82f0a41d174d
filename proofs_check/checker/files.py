"""Witness files: formats, the manifest of their hashes, what they show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from itertools import zip_longest
from math import inf
from pathlib import Path
from typing import Any

from . import rules
from .bounds import area, check_bound
from .games import check_game
from .rules import RejectedError, Request, feasible, require, serve, whole

MALFORMED = (ArithmeticError, AttributeError, LookupError, RuntimeError)
SMALL = 8  # so many requests are enumerated where a reference is optimal


def read_instance(document: Any) -> tuple[int, list[Request], str]:
    """Return memory, requests and content hash of an instance."""
    kept = {key: document[key] for key in ("format", "memory", "requests")}
    require(kept["format"] == "kvopt-instance/1", "no instance")
    memory = whole(document["memory"], 1)
    requests = [
        Request(*(whole(r[key]) for key in Request._fields[:3]))
        for r in document["requests"]
    ]
    fit = all(0 < r.output <= memory - r.prompt for r in requests)
    require(requests and fit, "a request that does not fit")
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    name = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return memory, requests, name


def check_schedule(
    memory: int, requests: list[Request], name: str, document: Any
) -> tuple[int, list[int]]:
    """Return cost and starts; cancelled runs hold memory until they stop."""
    require(document["instance"] == name, "a schedule of something else")
    final: dict[int, int] = {}
    runs = []
    for run in document["runs"]:
        i, start = whole(run["request"]), whole(run["start"])
        length = whole(run["stop"]) - start
        if run["completed"] is True:
            require(i not in final and length == requests[i].output, "a run")
            final[i] = start
        require(0 < length <= requests[i].output, "a run of no length")
        runs.append((i, requests[i]._replace(output=length, start=start)))
    require(len(final) == len(requests), "a request without a run")
    for i, r in runs:
        require(r.start == final[i] or r.start + r.output <= final[i], "twice")
    feasible(memory, [r for _, r in runs])
    cost = sum(final[i] + r.output - r.arrival for i, r in enumerate(requests))
    return cost, [final[i] for i in range(len(requests))]


def check_witness(document: Any) -> dict[str, Any]:
    """Return what two schedules of an instance show."""
    memory, requests, name = read_instance(document["instance"])
    rule = document.get("algorithm", "")
    found = {}
    for role in ("algorithm", "reference"):
        runs = document[f"{role}_schedule"]
        cost, starts = check_schedule(memory, requests, name, runs)
        require(cost == document[f"{role}_cost"], f"{role}: costs {cost}")
        found[role] = cost
        if role == "algorithm" and rule in rules.ORDERS:
            same = serve(rule, memory, requests) == starts
            require(same, f"not the schedule of {rule}")
    ratio = Fraction(found["algorithm"], found["reference"])
    require(ratio >= 1, "an algorithm better than its reference")
    if document["reference_optimal"]:
        optimal = area(memory, requests) > found["reference"] - 1 or (
            len(requests) <= SMALL
            and rules.least_latency(memory, requests, 0) == found["reference"]
        )
        require(optimal, "a reference that is not proved optimal")
    says = f"{rule} costs {found['algorithm']} against "
    best = "optimal " if document["reference_optimal"] else ""
    return {"ratio": ratio, "says": f"{says}{best}{found['reference']}"}


def check_identity(document: Any) -> dict[str, Any]:
    """Check that a polynomial is a sum of products, by its coefficients.

    Coefficients are integers and ascend by power.
    """
    total: list[int] = []
    for factors in document["products"]:
        product = [1]
        for factor in factors:
            rules.spend(len(product) * len(factor))
            longer = [0] * (len(product) + len(factor) - 1)
            for i, x in enumerate(product):
                for j, y in enumerate(factor):
                    longer[i + j] += x * y
            product = longer
        total = [a + b for a, b in zip_longest(total, product, fillvalue=0)]
    require(total == document["polynomial"], f"the products give {total}")
    return {"says": document["identity"], "ratio": None}


def check_document(
    document: Any, instances: Mapping[str, tuple[int, list[Request]]]
) -> dict[str, Any]:
    """Return what a document shows, or raise ``RejectedError``."""
    rules.LEFT[0] = rules.STEPS
    try:
        kind = document["format"]
        if kind == "kvopt-witness/1":
            return check_witness(document)
        if kind == "kvopt-game/1":
            ratio = check_game(document)
            return {"ratio": ratio, "says": f"no policy is below {ratio}"}
        if kind == "kvopt-identity/1":
            return check_identity(document)
        if kind == "kvopt-instance/1":
            _, requests, name = read_instance(document)
            return {"ratio": None, "says": f"{len(requests)} requests, {name}"}
        require(kind == "kvopt-bound/1", f"format {kind!r}")
        require(document["instance"] in instances, "an unknown instance")
        value = check_bound(*instances[document["instance"]], document)
        return {"ratio": None, "says": f"bound {value}", "bound": value}
    except (*MALFORMED, TypeError, ValueError) as error:
        raise RejectedError(f"malformed: {error!r}") from None
    finally:
        rules.LEFT[0] = inf


def check_folder(
    folder: Path, only: set[str] | None = None
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Check files against ``manifest.json`` and by what they say.

    Returned are facts by file name, and faults, one line each.
    """
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    there = {p.name for p in folder.glob("*.json")} - {"manifest.json"}
    faults = [f"{n}: not in the manifest" for n in sorted(there - {*manifest})]
    documents, instances = {}, {}
    for name, stated in sorted(manifest.items()):
        if name not in there:
            faults.append(f"{name}: missing")
            continue
        raw = (folder / name).read_bytes()
        if hashlib.sha256(raw).hexdigest() != stated:
            faults.append(f"{name}: not the file of the manifest")
            continue
        try:
            documents[name] = json.loads(raw)
            if documents[name]["format"] == "kvopt-instance/1":
                memory, requests, hashed = read_instance(documents[name])
                instances[hashed] = (memory, requests)
        except (*MALFORMED, TypeError, ValueError, RejectedError) as error:
            faults.append(f"{name}: malformed: {error!r}")
            documents.pop(name, None)
    facts = {}
    for name, document in documents.items():
        if only is None or name in only:
            try:
                facts[name] = check_document(document, instances)
            except RejectedError as error:
                faults.append(f"{name}: {error}")
    return facts, faults
