"""Which claim rests on which."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx

from proofs_check.evidence import Verdict
from proofs_check.ledger import Claim

__all__ = ["dependency_graph", "rests_on_refuted"]


def dependency_graph(claims: Mapping[str, Claim]) -> nx.DiGraph:
    """Return the graph of claims; arcs lead from what is rested on."""
    graph = nx.DiGraph()
    graph.add_nodes_from(claims)
    graph.add_edges_from(
        (name, claim.id)
        for claim in claims.values()
        for name in claim.depends_on
    )
    return graph


def rests_on_refuted(
    claims: Mapping[str, Claim], verdicts: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the refuted claims below each claim that rests on one."""
    graph = dependency_graph(claims)
    below: dict[str, list[str]] = {}
    for name, verdict in sorted(verdicts.items()):
        if verdict == Verdict.REFUTED.value and name in graph:
            for above in sorted(nx.descendants(graph, name)):
                below.setdefault(above, []).append(name)
    return below
