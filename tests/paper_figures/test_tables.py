"""Figures on tiny settings: their tables are those that were stored.

``PYTHONPATH=. python tests/paper_figures/test_tables.py`` stores them anew.
"""

import json
import tempfile
from pathlib import Path

import pytest

from paper_figures import (
    p1_alpha_thresholds,
    p1_memory_over_time,
    p2_linear,
    p2_selectors,
    p2_trap,
    p3_alpha,
    p3_interval_width,
    p3_intervals,
    p3_length_laws,
    p3_predictors,
)
from paper_figures.frame.figure import figure_called, make
from paper_figures.frame.work import Work

STORED = Path(__file__).parent / "tables.json"
TINY = {
    "p1_alpha_thresholds": p1_alpha_thresholds.Settings(
        requests=150, step=10, seeds=2
    ),
    "p1_memory_over_time": p1_memory_over_time.Settings(
        requests=300, rates=(50.0, 10.0), seeds=2
    ),
    "p2_linear": p2_linear.Settings(sizes=(5, 10), memory=30, seeds=2),
    "p2_selectors": p2_selectors.Settings(sizes=(10, 20), seeds=2),
    "p2_trap": p2_trap.Settings(memories=(30, 60, 150)),
    "p3_alpha": p3_alpha.Settings(
        inverses=(2, 9), factors=(0, 1), inverse=9, requests=40, seeds=2
    ),
    "p3_interval_width": p3_interval_width.Settings(
        errors=(0.2, 0.8), requests=150, seeds=2
    ),
    "p3_intervals": p3_intervals.Settings(sizes=(40, 80), seeds=2),
    "p3_length_laws": p3_length_laws.Settings(
        shares=(0.1, 0.3), quotients=(0.5, 0.9), sizes=(100,), seeds=2
    ),
    "p3_predictors": p3_predictors.Settings(requests=150, seeds=2),
}
# Columns of measured times.
TIMES = ("seconds",)


def table_of(report):
    """Return a figure's table without measured times, as lists."""
    header, rows = report.table
    kept = [k for k, cell in enumerate(header) if cell not in TIMES]
    return [[line[k] for k in kept] for line in (header, *rows)]


def close(cell, stored):
    """Numbers may differ in the last digit that is printed."""
    try:
        return float(cell) == pytest.approx(float(stored), abs=2e-3)
    except ValueError:
        return cell == stored


@pytest.mark.parametrize("name", TINY)
def test_a_figure_on_tiny_settings(name, tmp_path):
    """Files are made, no number has moved, and no legend lies on data."""
    report = make(name, TINY[name], tmp_path, 1)
    assert report.ok
    for end in ("pdf", "png", "md", "csv"):
        assert (tmp_path / f"{name}.{end}").stat().st_size > 100
    table, stored = table_of(report), json.loads(STORED.read_text())[name]
    assert len(table) == len(stored)
    for line, known in zip(table, stored, strict=True):
        assert len(line) == len(known)
        assert all(map(close, line, known)), (line, known)
    assert_legends_apart(name, tmp_path)


def assert_legends_apart(name, folder):
    """The box of the legend meets no axes, in which the data are."""
    figure = figure_called(name)
    # The rows were kept: nothing is computed again.
    data = figure.data(TINY[name], Work(folder, name, 1))
    drawing = figure.draw(data, TINY[name])
    drawing.draw_without_rendering()
    for legend in drawing.legends:
        box = legend.get_window_extent()
        for ax in drawing.axes:
            assert not box.overlaps(ax.get_window_extent())
    assert all(ax.get_legend() is None for ax in drawing.axes)


def record():
    """Store the tables of all figures."""
    tables = {}
    for name, settings in TINY.items():
        with tempfile.TemporaryDirectory() as folder:
            tables[name] = table_of(make(name, settings, Path(folder), 1))
    STORED.write_text(json.dumps(tables, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    record()
