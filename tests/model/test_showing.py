"""Results show themselves: summaries in print, tables and pictures in HTML."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from kvopt.adversary import Conditions, Evaluations, PolicyRatio, run_search
from kvopt.analysis import Ratio
from kvopt.analysis.metrics import metrics_of
from kvopt.check import check_lone_file, verify
from kvopt.exact import lower_bound, solve
from kvopt.model import Instance, Schedule, Witness, save_json
from kvopt.model.pictures import memory_picture
from kvopt.policies import parse_policy
from kvopt.simulation import simulate
from kvopt.simulation.staged import simulate_staged
from kvopt.workloads import generate, library

HOSTILE = "<script>alert(1)</script>\x1b[2J"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return one of every kind of result, with hostile texts in them."""
    instance = Instance.of(
        6, [(0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 3)], name=HOSTILE
    )
    result = simulate(instance, "mc-sf")
    best = solve(instance)
    witness = Witness(
        HOSTILE, instance, result.schedule, best.schedule, True, "", HOSTILE
    )
    file = tmp_path_factory.mktemp("shown") / "w.json"
    save_json(witness.document(), file)
    objective = PolicyRatio(
        parse_policy("mc-sf"), Conditions(requests=4, memory=6)
    )
    return {
        "instance": instance,
        "schedule": result.schedule,
        "simulation": result,
        "solution": best,
        "certificate": lower_bound(instance),
        "verdict": verify(instance, result.schedule),
        "witness": witness,
        "witness verdict": check_lone_file(file, 1),
        "trace": library.sample_trace(),
        "search": run_search(objective, Evaluations(200), seed=0),
        "ratio": Ratio(16, 15, 15),
        "metrics": metrics_of(result),
        "staged": simulate_staged(instance, "staged-fcfs"),
    }


def test_print_is_a_summary(shown):
    """A few short lines with names, and no dump of a dataclass."""
    for name, thing in shown.items():
        text = str(thing)
        lines = text.splitlines()
        assert 1 <= len(lines) <= 12, name
        assert "array(" not in text and type(thing).__name__ not in text
        assert "\x1b" not in text
        assert text != repr(thing), name


def test_html_is_a_table_and_texts_are_no_markup(shown):
    """Texts of files cannot add an element; pictures are well formed."""
    pictured = set()
    for name, thing in shown.items():
        page = thing._repr_html_()
        assert "<script" not in page and "\x1b" not in page, name
        if "<table>" in page:
            assert page.count("<td") >= 2
        for svg in re.findall(r"<svg.*?</svg>", page):
            ElementTree.fromstring(svg)
            pictured.add(name)
    assert pictured >= {
        "instance",
        "schedule",
        "simulation",
        "solution",
        "witness",
        "trace",
        "search",
    }


def test_the_summary_has_the_numbers(shown):
    """Costs, status and ratio are the objects' own."""
    assert "16 rounds" in str(shown["simulation"])
    assert "OPTIMAL" in str(shown["solution"])
    assert "15 rounds" in str(shown["solution"])
    assert f"{16 / 15:.6f}" in str(shown["witness"])
    assert "proved" in str(shown["ratio"])
    assert "in [" in str(Ratio(16, 14, 15))


def heights(svg):
    """Return the highest point of each band, in units of the picture."""
    tops = []
    for points in re.findall(r'points="([^"]*)"', svg):
        ys = [float(pair.partition(",")[2]) for pair in points.split()]
        tops.append(min(ys))
    return tops


def test_bands_and_curve_reach_the_memory_that_is_used():
    """The picture of few and of many requests is as high as the peak."""
    tiny = Instance.of(6, [(0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 3)])
    schedule = simulate(tiny, "mc-sf").schedule
    verdict = verify(tiny, schedule)
    svg = memory_picture(tiny, schedule)
    assert svg.count("<polygon") == 4
    base, top = 146, 14
    reached = (base - min(heights(svg))) / (base - top) * tiny.memory
    assert reached == pytest.approx(verdict.peak_memory, abs=0.01)
    many = generate("lmsys-like", {"requests": "400"})
    schedule = simulate(many, "mc-sf").schedule
    svg = memory_picture(many, schedule)
    assert "<polygon" not in svg and len(svg) < 30_000
    path = re.search(r'<path d="M([^"]*)Z"', svg).group(1)
    ys = [float(pair.partition(",")[2]) for pair in path.split("L")[1:-1]]
    reached = (base - min(ys)) / (base - top) * many.memory
    peak = verify(many, schedule).peak_memory
    assert reached == pytest.approx(peak, rel=0.002)


def test_odd_schedules_are_drawn_too():
    """Cancelled at once, empty, and cancelled after a round."""
    instance = Instance.of(4, [(0, 1, 2), (0, 0, 3)])
    runs = [(0, 0, 0, False), (0, 1, 2, False), (0, 3, 5, True)]
    for schedule in (Schedule(runs), Schedule([])):
        ElementTree.fromstring(memory_picture(instance, schedule))
        ElementTree.fromstring(schedule.picture())
        assert str(schedule)


def test_seconds_are_said_where_a_clock_measures():
    """The latencies of the summary are in the unit of the clock."""
    from kvopt.simulation.clocks import PRESETS

    instance = Instance.of(99, [(0, 5, 9)] * 3)
    clock = replace(PRESETS["llama-2-70b-2xa100"])
    text = str(simulate(instance, "mc-sf", clock=clock))
    assert re.search(r"latency +mean [0-9.]+, .* s$", text, re.M)
    assert "llama-2-70b-2xa100" in text


def test_a_sweep_shows_its_rows(tmp_path):
    """The store of a sweep is a table in a notebook."""
    from kvopt.cli import main
    from kvopt.sweep import Store

    config = tmp_path / "s.toml"
    config.write_text(
        'name = "<b>tiny"\n[[instances]]\ngenerator = "model-1"\n'
        'params = { requests = 5, memory = 20 }\nseeds = "0..2"\n'
        '[[run]]\npolicy = "mc-sf"\n'
    )
    assert main(["sweep", "run", str(config)]) == 0
    with Store(config.with_suffix(".sqlite")) as store:
        assert "done       3" in str(store)
        page = store._repr_html_()
    assert "<b>" not in page and page.count("<tr>") == 4 + 1 + 3
    assert np.char.count(page, "mc-sf") >= 3
