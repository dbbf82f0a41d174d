"""The checkers stand alone."""

import ast
import sys
from pathlib import Path

import kvopt.check

ROOT = Path(kvopt.check.__file__).parent


def test_only_the_error_class_is_shared():
    """kvopt.check imports the standard library and kvopt.model.errors."""
    files = list(ROOT.rglob("*.py"))
    assert len(files) > 8
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, file
                names = [node.module]
            for name in names:
                own = f"{name}.".startswith("kvopt.check.")
                standard = name.partition(".")[0] in sys.stdlib_module_names
                shared = name == "kvopt.model.errors"
                assert own or standard or shared, (file, name)
