"""Imports go one way: the table in docs/architecture.md, and nothing else."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kvopt"
HEAVY = ("highspy", "matplotlib", "numba", "ortools", "pulp")


def table() -> dict[str, str]:
    """Return the rooms and what each may import, as the document says."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `kvopt/(\w+)/` \|.*\| (.+?) \|$", text, re.M)
    return dict(rows)


def allowed() -> nx.DiGraph:
    """Return the graph with an edge from each room to what it may import."""
    graph = nx.DiGraph()
    above: list[str] = []
    for room, may in table().items():
        graph.add_node(room)
        named = re.findall(r"`([\w.]+)`", may)
        if may.startswith("the rooms above"):
            targets = [name for name in above if name not in named]
        elif may == "everything":
            targets = list(above)
        else:
            targets = [name.partition(".")[0] for name in named]
            assert targets or may == "nothing", may
        graph.add_edges_from((room, target) for target in targets)
        above.append(room)
    return graph


def rooms() -> list[str]:
    """Return the rooms that there are."""
    return sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))


def imports(folder: Path) -> list[tuple[Path, int, str]]:
    """Return file, line and dotted name of every import below ``folder``.

    ``from a.b import c`` counts as ``a.b.c``: ``c`` may be a module.
    """
    found = []
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                module = node.module
                if node.level:
                    # Only where a folder must run when it is copied alone.
                    assert path.parent.name == "checker", path
                    package = path.relative_to(ROOT).parts[: -node.level]
                    module = ".".join([*package, str(module)])
                names = [f"{module}.{a.name}" for a in node.names]
            else:
                continue
            found += [(path, node.lineno, name) for name in names]
    return found


def test_table_names_the_rooms():
    """Each room is in the document's table, and each row has a room."""
    assert sorted(table()) == rooms()


def test_table_is_acyclic():
    """The allowed imports form a directed acyclic graph of the rooms."""
    graph = allowed()
    assert nx.is_directed_acyclic_graph(graph), nx.find_cycle(graph)
    assert set(graph) == set(table())


@pytest.mark.parametrize("room", rooms())
def test_room_imports_what_it_may(room):
    """No file of a room imports from a room that the table does not name."""
    may = set(allowed().successors(room)) | {room}
    wrong = []
    for path, line, name in imports(PACKAGE / room):
        parts = name.split(".")
        if parts[0] in ("proofs_check", "paper_figures"):
            wrong.append(f"{path}:{line} {name}")
        if parts[0] != "kvopt" or parts[1] == "__version__":
            continue
        front = room == "cli" and parts[1] == "versions"
        signals = room != "check" and parts[1] == "interrupts"
        if parts[1] not in may and not front and not signals:
            wrong.append(f"{path}:{line} {name}")
    assert not wrong, "\n".join(wrong)


def test_checker_shares_only_the_error_class():
    """Of kvopt, the checkers import model.errors and nothing else."""
    for path, line, name in imports(PACKAGE / "check"):
        parts = name.split(".")
        top = parts[0]
        if top == "kvopt":
            ours = parts[1] == "check" or parts[1:3] == ["model", "errors"]
            assert ours, f"{path}:{line} {name}"
        else:
            assert top in sys.stdlib_module_names, f"{path}:{line} {name}"


def test_the_way_in_loads_nothing():
    """The command line is ready for signals before it loads anything."""
    look = "import sys; print({'numpy', 'typer'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"import kvopt.cli; {look}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


def test_checker_of_the_ledger_stands_alone():
    """It imports the standard library and its own files, nothing else."""
    for path, line, name in imports(ROOT / "proofs_check" / "checker"):
        top = name.split(".")[0]
        own = name.startswith("proofs_check.checker")
        known = own or top in sys.stdlib_module_names
        assert known, f"{path}:{line} {name}"


def test_nobody_imports_the_outermost():
    """Outside their own folders nothing imports cli, ledger or figures."""
    outermost = ("kvopt.cli", "proofs_check", "paper_figures")
    folders = ("kvopt", "proofs_check", "paper_figures")
    for folder in folders:
        for path, line, name in imports(ROOT / folder):
            here = ".".join(path.relative_to(ROOT).parts)
            for outer in outermost:
                if f"{name}.".startswith(f"{outer}."):
                    inside = here.startswith(f"{outer}.")
                    assert inside, f"{path}:{line} {name}"


@pytest.mark.parametrize(
    "code",
    [
        "import kvopt",
        "import kvopt; kvopt.solve; kvopt.verify; kvopt.show_versions",
        "import kvopt.cli",
        "import kvopt.exact, kvopt.adversary",
        "from kvopt.cli import main; main(['solvers', '--json'])",
        "from kvopt.cli import main; main(['versions'])",
    ],
)
def test_heavy_packages_wait_until_needed(code):
    """No solver, compiler or plotting package is imported on the way in."""
    look = f"import sys; print(sorted(set(sys.modules) & set({HEAVY})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {look}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_exported_name_is_a_module():
    """No package offers a name that is also one of its modules.

    Such a name hides the module: ``import kvopt.room.module as m`` fails.
    """
    hidden = []
    for front in PACKAGE.rglob("__init__.py"):
        modules = {p.stem for p in front.parent.iterdir()}
        for node in ast.walk(ast.parse(front.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                here = ".".join(front.parent.relative_to(ROOT).parts)
                hidden += [
                    f"{here}.{alias.asname or alias.name}"
                    for alias in node.names
                    if (alias.asname or alias.name) in modules
                    and node.module != here
                ]
    assert not hidden, "\n".join(hidden)


def test_front_door():
    """Every name that kvopt offers is there, and simulate is the function."""
    import kvopt

    for name in dir(kvopt):
        getattr(kvopt, name)
    assert callable(kvopt.simulate)
    assert kvopt.__version__
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = kvopt.no_such_name
