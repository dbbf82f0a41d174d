"""How the house stands: rooms, arrows, sizes, homonyms, undescribed names.

Run ``python -m benchmarks.house [FOLDER]`` for the checkout in FOLDER (this
one if there is none), or ``--json``. Nothing is imported: it reads the source.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import networkx as nx

__all__ = ["main", "measured"]

Function = ast.FunctionDef | ast.AsyncFunctionDef

# A public function with so many parameters says what each is.
DESCRIBED_FROM = 3


class Found(NamedTuple):
    """A function or class of the package, and where it is."""

    module: str
    node: Function | ast.ClassDef
    public: bool


def modules(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yield the dotted name and the tree of each module of kvopt."""
    for path in sorted((folder / "kvopt").rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join(parts), ast.parse(path.read_text(encoding="utf-8"))


def definitions(name: str, tree: ast.Module) -> Iterator[Found]:
    """Yield the functions and classes of a module, methods included."""
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(
                child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                top = isinstance(node, ast.Module)
                method = isinstance(node, ast.ClassDef) and (
                    not node.name.startswith("_")
                )
                open_ = not child.name.startswith("_") and (top or method)
                yield Found(name, child, open_)


def parameters(node: Function) -> list[str]:
    """Return the names of a function's parameters but ``self``."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [a.arg for a in every if a.arg not in ("self", "cls")]


def rooms(folder: Path) -> nx.DiGraph:
    """Return the rooms and which imports from which."""
    graph = nx.DiGraph()
    for name, tree in modules(folder):
        parts = name.split(".")
        if len(parts) < 3:
            continue
        graph.add_node(parts[1])
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                target = node.module.split(".")
                if target[0] == "kvopt" and len(target) > 1:
                    graph.add_edge(parts[1], target[1])
    graph.remove_edges_from(nx.selfloop_edges(graph))
    return graph


def is_command(found: Found) -> bool:
    """Return whether a function is a command, whose options have help."""
    if not isinstance(found.node, Function):
        return False
    # An option is described where it is defined.
    every = [*found.node.args.args, *found.node.args.kwonlyargs]
    kinds = [ast.unparse(a.annotation) for a in every if a.annotation]
    return any(
        "typer." in kind or kind.endswith(("Argument", "Option"))
        for kind in kinds
    )


def measured(folder: Path) -> dict[str, object]:
    """Return what is measured of a checkout, by what it is called."""
    found = [f for m in modules(folder) for f in definitions(*m)]
    functions = [f for f in found if not isinstance(f.node, ast.ClassDef)]

    def lines(f: Found) -> int:
        return (f.node.end_lineno or 0) - f.node.lineno + 1

    def many(f: Found) -> int:
        assert not isinstance(f.node, ast.ClassDef)
        return len(parameters(f.node))

    longest = max(functions, key=lines)
    widest = max(functions, key=many)
    classes = defaultdict(set)
    for f in found:
        if isinstance(f.node, ast.ClassDef) and f.public:
            classes[f.node.name].add(f.module)
    twice = {name: len(at) for name, at in classes.items() if len(at) > 1}
    asked = [
        f
        for f in functions
        if f.public and many(f) >= DESCRIBED_FROM and not is_command(f)
    ]
    mute = [
        f
        for f in asked
        if "Parameters\n" not in (ast.get_docstring(f.node) or "")
    ]
    graph = rooms(folder)
    return {
        "rooms": graph.number_of_nodes(),
        "arrows between rooms": graph.number_of_edges(),
        "circles": sum(1 for _ in nx.simple_cycles(graph)),
        "longest function": f"{longest.node.name}, {lines(longest)} lines",
        "functions of more than 80 lines": sum(
            lines(f) > 80 for f in functions
        ),
        "most parameters": f"{widest.node.name}, {many(widest)}",
        "functions of more than 8 parameters": sum(
            many(f) > 8 for f in functions
        ),
        "public classes of one name": twice,
        "public functions without Parameters": f"{len(mute)} of {len(asked)}",
        "which": [f"{f.module}.{f.node.name}" for f in mute],
    }


def main() -> None:
    """Print the table of a checkout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--which", action="store_true", help="name them")
    asked = parser.parse_args()
    table = measured(asked.folder)
    if not asked.which:
        del table["which"]
    if asked.json:
        print(json.dumps(table, indent=2))
        return
    for name, value in table.items():
        print(f"{name:40} {value}")


if __name__ == "__main__":
    main()
