"""Write the notebooks ``.ipynb`` of the sources: ``python -m notebooks``.

A source is a plain Python file in the percent format that editors and
jupytext know: ``# %%`` begins a cell of code, ``# %% [markdown]`` one of
text. Notebooks are written without outputs; a test finds those that are old.
"""

import argparse
import json
import re
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = sorted(p for p in HERE.glob("*.py") if not p.stem.startswith("__"))


def cells(source: str) -> list[tuple[str, str]]:
    """Return kind and text of each cell of a source, in order."""
    found = []
    for part in re.split(r"^# %%", source, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        body = body.strip("\n")
        if head.strip() == "[markdown]":
            lines = (line.removeprefix("#") for line in body.split("\n"))
            body = "\n".join(line.removeprefix(" ") for line in lines)
            found.append(("markdown", body.strip("\n")))
        else:
            found.append(("code", body))
    return found


def notebook(source: str) -> str:
    """Return the ``.ipynb`` of a source, without outputs."""
    made = []
    for number, (kind, text) in enumerate(cells(source)):
        cell = {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {},
            "source": text.splitlines(keepends=True),
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell)
    python = {"display_name": "Python 3", "language": "python"}
    document = {
        "cells": made,
        "metadata": {"kernelspec": {**python, "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__.partition("\n")[0]
    ).parse_args()
    for path in SOURCES:
        target = path.with_suffix(".ipynb")
        text = notebook(path.read_text(encoding="utf-8"))
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target.name}")
