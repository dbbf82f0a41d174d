"""The memory picture is true to the model."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Polygon

from kvopt.model import Instance, Schedule
from kvopt.plots import new_axis, plot_memory

FOUR = Instance.of(12, [(0, 2, 5), (0, 1, 8), (1, 3, 4), (2, 1, 3)])
RESTARTED = Schedule(
    [
        (0, 0, 5, True),
        (1, 0, 4, False),
        (2, 4, 8, True),
        (1, 5, 13, True),
        (3, 8, 11, True),
    ]
)


def bands(ax):
    return [patch for patch in ax.patches if isinstance(patch, Polygon)]


def height(band, t):
    """Height of a band in the middle of round ``t``, by its outline."""
    corners = band.get_xy()
    x = t - 0.5
    crossings = [
        a[1]
        for a, b in pairwise(corners)
        if a[1] == b[1] and min(a[0], b[0]) < x < max(a[0], b[0])
    ]
    assert len(crossings) in (0, 2)
    return max(crossings) - min(crossings) if crossings else 0


def used(instance, schedule, t):
    """Memory held in round ``t``, added up run by run."""
    return sum(
        int(instance.prompt[run.request]) + t - run.start
        for run in schedule.runs
        if run.start < t <= run.stop
    )


@st.composite
def scheduled(draw):
    """An instance and a schedule, feasible or not, with cancelled runs."""
    sizes = st.tuples(st.just(0), st.integers(0, 4), st.integers(1, 6))
    requests = draw(st.lists(sizes, min_size=1, max_size=5))
    runs = []
    for i, (_, _, o) in enumerate(requests):
        start = draw(st.integers(0, 8))
        cut = draw(st.integers(0, o))
        if cut:
            runs.append((i, start, start + cut, False))
            start += cut + draw(st.integers(0, 3))
        runs.append((i, start, start + o, True))
    return Instance.of(10, requests), Schedule(runs)


@settings(max_examples=30, deadline=None)
@given(scheduled())
def test_stack_is_the_memory_in_use(case):
    """One band a run, as tall as the run's memory; they fill 0..usage."""
    instance, schedule = case
    drawn = bands(plot_memory(instance, schedule))
    assert len(drawn) == len(schedule)
    for t in range(1, schedule.makespan + 1):
        level = 0
        for band, run in zip(drawn, schedule.runs, strict=True):
            if not run.start < t <= run.stop:
                assert height(band, t) == 0
                continue
            held = int(instance.prompt[run.request]) + t - run.start
            assert height(band, t) == held
            corners = band.get_xy()
            ys = corners[np.isin(corners[:, 0], (t - 1, t)), 1]
            assert level in ys and level + held in ys
            level += held
        assert level == used(instance, schedule, t)


def test_limit_axes_and_units():
    """The limit is drawn and named; both axes say their unit."""
    ax = plot_memory(FOUR, RESTARTED)
    assert ax.get_xlabel() == "time (rounds)"
    assert ax.get_ylabel() == "KV-cache memory (units)"
    limits = [
        line
        for line in ax.lines
        if len(line.get_ydata()) == 2 and set(line.get_ydata()) == {12}
    ]
    assert len(limits) == 1
    assert any("M = 12" in text.get_text() for text in ax.texts)
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 12
    assert ax.get_xlim() == (0, 13)


def test_completions_and_cancellations():
    """A dot ends each completed run; only cancelled runs are hatched."""
    ax = plot_memory(FOUR, RESTARTED)
    dots = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in ax.lines
        if line.get_marker() == "o"
    }
    assert dots == {(5, 7), (8, 7), (11, 11), (13, 9)}
    hatched = [bool(band.get_hatch()) for band in bands(ax)]
    assert hatched == [not run.completed for run in RESTARTED.runs]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["completed", "cancelled, progress lost"]


def test_one_colour_a_request():
    """A restarted request keeps its colour; others have another."""
    ax = plot_memory(FOUR, RESTARTED)
    colours = {}
    for band, run in zip(bands(ax), RESTARTED.runs, strict=True):
        edge = tuple(np.round(band.get_edgecolor(), 6))
        assert colours.setdefault(run.request, edge) == edge
    assert len(set(colours.values())) == 4


def test_numbers_only_when_there_is_room():
    """Four requests are numbered, sixty are not."""
    numbers = {text.get_text() for text in plot_memory(FOUR, RESTARTED).texts}
    assert {"0", "1", "2", "3"} <= numbers
    many = Instance.of(12, [(0, 2, 5)] * 60)
    ax = plot_memory(many, Schedule.from_starts(many, range(0, 300, 5)))
    assert len(bands(ax)) == 60
    assert [text.get_text() for text in ax.texts] == ["limit $M = 12$"]


def test_narrow_runs_have_no_number():
    """On a long axis of time bands that are too narrow are not numbered."""
    ax = plot_memory(FOUR, RESTARTED, end=1000)
    assert ax.get_xlim() == (0, 1000)
    assert len(bands(ax)) == len(bands(plot_memory(FOUR, RESTARTED)))
    assert all("limit" in text.get_text() for text in ax.texts)


@pytest.mark.parametrize("runs", [[], [(0, 3, 3, False)]])
def test_nothing_to_draw(runs):
    """An empty schedule still gives an axis with the limit."""
    ax = plot_memory(FOUR, Schedule(runs))
    assert any("M = 12" in text.get_text() for text in ax.texts)


def test_given_axis_is_used_and_returned():
    """The axis that is passed is drawn on and handed back."""
    ax = new_axis()
    assert plot_memory(FOUR, RESTARTED, ax) is ax
