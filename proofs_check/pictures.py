"""``python -m proofs_check.pictures``: the five pictures of docs/claims.md.

Everything in them comes from the recorded verdicts and the witnesses.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx

from kvopt.plots.style import COLOURS as LINES
from kvopt.plots.style import house_style, new_axis, save_picture
from proofs_check import record
from proofs_check.evidence import Verdict
from proofs_check.graph import dependency_graph
from proofs_check.ledger import ROOT, WITNESSES, Claim, all_claims
from proofs_check.page import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_all"]

Entries = Mapping[str, Mapping[str, Any]]


def verdict_legend(axis: Axes, present: Iterable[str]) -> None:
    """Say above the axis what the colours of these verdicts are."""
    from matplotlib.patches import Patch

    found = set(present)
    axis.figure.legend(
        handles=[
            Patch(color=COLOURS[verdict.value], label=verdict.value)
            for verdict in Verdict
            if verdict.value in found
        ],
        loc="outside upper center",
        ncols=5,
        fontsize=6.5,
    )


def verdicts(shown: Entries) -> Axes:
    """Draw the number of verdicts of each paper, stacked."""
    from matplotlib.ticker import MaxNLocator

    axis = new_axis((6.5, 2.6))
    counts = Counter(
        (name.partition("-")[0], entry["verdict"])
        for name, entry in shown.items()
    )
    papers = sorted({paper for paper, _ in counts}, reverse=True)
    left = dict.fromkeys(papers, 0)
    for verdict in Verdict:
        widths = [counts[paper, verdict.value] for paper in papers]
        axis.barh(
            papers,
            widths,
            left=[left[p] for p in papers],
            color=COLOURS[verdict.value],
        )
        for paper, width in zip(papers, widths, strict=True):
            if width:
                middle = left[paper] + width / 2
                axis.text(
                    middle,
                    papers.index(paper),
                    str(width),
                    ha="center",
                    va="center",
                    color="white",
                    fontsize=7,
                    fontweight="bold",
                )
            left[paper] += width
    axis.set_xlabel("claims")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    verdict_legend(axis, (verdict for _, verdict in counts))
    return axis


def bounds(shown: Entries) -> Axes:
    """Draw claimed factors, and the largest ratios that were met."""
    rows = {
        name: (
            float(Fraction(entry["largest_ratio"])),
            float(Fraction(entry["bound"])),
        )
        for name, entry in shown.items()
        if entry["bound"] and Fraction(entry["bound"]) > Fraction(11, 10)
    }
    order = sorted(rows, key=lambda name: rows[name][1])
    axis = new_axis((6.5, 0.25 * len(order) + 0.9))
    for k, name in enumerate(order):
        met, claimed = rows[name]
        axis.plot([met, claimed], [k, k], color="#bbbbbb", zorder=1)
    axis.scatter(
        [rows[n][0] for n in order],
        range(len(order)),
        color=LINES[0],
        label="largest met",
    )
    axis.scatter(
        [rows[n][1] for n in order],
        range(len(order)),
        marker="|",
        s=90,
        color=LINES[1],
        label="claimed",
    )
    axis.set_yticks(range(len(order)), order, fontsize=7)
    axis.set_xscale("log")
    axis.set_xticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
    axis.set_xlabel("ratio to the optimum, or to shortest first")
    axis.figure.legend(loc="outside upper center", ncols=2)
    return axis


def intervals(shown: Entries) -> Axes:
    """Draw measured intervals, as multiples of the published numbers."""
    rows = {
        name: entry["interval"]
        for name, entry in shown.items()
        if entry["interval"] and entry["interval"][0]  # 0 has no multiple
    }
    axis = new_axis((6.5, 0.25 * len(rows) + 0.8))
    for k, (name, (published, low, high)) in enumerate(rows.items()):
        axis.plot(
            [max(low, 0) / published, high / published],
            [k, k],
            color=COLOURS[shown[name]["verdict"]],
            linewidth=4,
            solid_capstyle="butt",
            marker="|",
        )
    verdict_legend(axis, (shown[name]["verdict"] for name in rows))
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set_yticks(range(len(rows)), list(rows), fontsize=7)
    axis.set_xlabel("measured here / published")
    return axis


def staggered() -> Axes:
    """Draw memory over time: seven identical requests, greedy and best."""
    axis = new_axis((6.5, 2.4))
    path = WITNESSES / "semi_online_4.json"
    document = json.loads(path.read_text("utf-8"))
    roles = (("algorithm", "MC-SF"), ("reference", "optimum"))
    for (role, name), colour in zip(roles, LINES, strict=False):
        runs = document[f"{role}_schedule"]["runs"]
        requests = document["instance"]["requests"]
        last = max(run["stop"] for run in runs)
        used = [
            sum(
                requests[run["request"]]["prompt"] + t - run["start"]
                for run in runs
                if run["start"] < t <= run["stop"]
            )
            for t in range(1, last + 1)
        ]
        cost = document[f"{role}_cost"]
        label = f"{name}: total latency {cost}"
        axis.stairs(used, label=label, linewidth=1.6, color=colour)
    limit = document["instance"]["memory"]
    axis.axhline(limit, color="black", linestyle=":", label="limit")
    axis.set_xlabel("round")
    axis.set_ylabel("units held")
    axis.figure.legend(loc="outside upper center", ncols=3)
    return axis


def _columns(graph: nx.DiGraph) -> list[list[str]]:
    """Return claims by column; arrows go to the right, roots just before."""
    column: dict[str, int] = {}
    generations = list(nx.topological_generations(graph))
    for level, names in enumerate(generations):
        column |= dict.fromkeys(names, level)
    for name in generations[0]:
        column[name] = min(column[x] for x in graph.successors(name)) - 1
    return [
        [name for name in graph if column[name] == level]
        for level in range(len(generations))
    ]


def dependencies(claims: Mapping[str, Claim], shown: Entries) -> Axes:
    """Draw which claim rests on which; arrows lead from the ground up."""
    # Arrows that follow from two others are left out.
    graph = nx.transitive_reduction(dependency_graph(claims))
    graph.remove_nodes_from(list(nx.isolates(graph)))
    axis = new_axis((6.5, 3.6))
    places: dict[str, tuple[float, float]] = {}
    for level, names in enumerate(_columns(graph)):
        # Near what they rest on, so that few arrows cross.
        def height(name: str) -> tuple[float, str]:
            below = [places[x][1] for x in graph.predecessors(name)]
            return (sum(below) / len(below) if below else 0.0, name)

        for k, name in enumerate(sorted(names, key=height)):
            places[name] = (level, k - len(names) / 2)
    axis.set_xlim(-0.3, max(x for x, _ in places.values()) + 0.3)
    axis.set_ylim(
        min(y for _, y in places.values()) - 0.6,
        max(y for _, y in places.values()) + 0.6,
    )
    boxes = {}
    for name, (x, y) in places.items():
        text = axis.text(
            x,
            y,
            name,
            ha="center",
            va="center",
            fontsize=6.5,
            color="white",
            bbox={
                "boxstyle": "round",
                "facecolor": COLOURS[shown[name]["verdict"]],
                "edgecolor": "none",
            },
        )
        boxes[name] = text.get_bbox_patch()
    for below, above in graph.edges:
        axis.annotate(
            "",
            xy=places[above],
            xytext=places[below],
            arrowprops={
                "arrowstyle": "-|>",
                "color": "#999999",
                "patchA": boxes[below],
                "patchB": boxes[above],
                "shrinkA": 1,
                "shrinkB": 1,
            },
        )
    verdict_legend(axis, (shown[name]["verdict"] for name in places))
    axis.set_axis_off()
    return axis


def draw_all(folder: Path) -> None:
    """Write the five pictures as PNG.

    Parameters
    ----------
    folder
        Where they go.
    """
    claims, _ = all_claims()
    recorded = record.read()
    shown = {name: record.best(recorded[name]) for name in claims}
    with house_style():
        pictures = {
            "claims-verdicts": verdicts(shown),
            "claims-bounds": bounds(shown),
            "claims-intervals": intervals(shown),
            "claims-staggered": staggered(),
            "claims-graph": dependencies(claims, shown),
        }
        for name, axis in pictures.items():
            figure = axis.get_figure(root=True)
            assert figure is not None
            save_picture(figure, folder / name)


if __name__ == "__main__":
    draw_all(ROOT / "docs" / "img")
