"""The page: what it shows, and that it needs nothing else."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from kvopt.cli import main
from kvopt.model import (
    InputError,
    load_instance,
    load_schedule,
    save_json,
)
from kvopt.report import (
    ReportTable,
    Scene,
    chrome_trace,
    read_contents,
    report_page,
)
from kvopt.report.contents import Distribution

ROOT = Path(__file__).parents[2]
VERDICTS = ROOT / "proofs_check/verdicts.json"
HOSTILE = "</script><script>document.title='taken'</script>\x1b[2J"


def data_of(page):
    """Return what the script of a page reads."""
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page
    )
    return json.loads(found.group(1))


def test_schedules_of_an_instance_come_side_by_side(shown):
    """In whatever order the files are given."""
    names = ("mc-sf.json", "many.json", "svf.json")
    (scene,) = read_contents([shown / name for name in names])
    assert isinstance(scene, Scene)
    assert [label for label, _ in scene.schedules] == ["mc-sf", "svf"]
    shown_scene = data_of(report_page([scene], "t"))["contents"][0]
    instance = load_instance(shown / "many.json")
    assert shown_scene["memory"] == instance.memory
    for stated in shown_scene["schedules"]:
        name = stated["label"]
        schedule = load_schedule(shown / f"{name}.json", instance)
        assert stated["total"] == schedule.total_latency(instance)
        assert stated["stop"] == schedule.stop.tolist()


def test_texts_of_files_are_never_markup(shown):
    """A claim with a script in it adds no element to the page."""
    contents = read_contents([shown / "witness.json"])
    page = report_page(contents, "</title><script>")
    plain = report_page([ReportTable("t", ("a",), (("x",),))], "t")
    assert page.count("<script") == plain.count("<script")
    assert page.count("</script") == plain.count("</script")
    assert "\x1b" not in page
    assert data_of(page)["contents"][0]["title"].startswith("</script>")


def test_the_page_asks_for_nothing(shown):
    """No address of a network stands where a browser would fetch it."""
    page = report_page(read_contents([shown / "witness.json"]), "t")
    assert "default-src 'none'" in page
    for word in ("src=", "@import", "url(", "fetch(", "<link"):
        assert word not in re.sub(r'content="[^"]*"', "", page), word


def test_every_kind_of_file(shown, tmp_path, capsys):
    """Records, a sweep's store and a game are shown as tables."""
    records = tmp_path / "records.csv"
    run = ["simulate", str(shown / "many.json"), "mc-sf", "svf", "fcfs"]
    assert main([*run, "--records", str(records)]) == 0
    config = tmp_path / "s.toml"
    config.write_text(
        'name = "tiny"\n[[instances]]\ngenerator = "model-1"\n'
        "params = { requests = 5, memory = 20 }\nseeds = '0..2'\n"
        '[[run]]\npolicy = "mc-sf"\n'.replace("'", '"')
    )
    assert main(["sweep", "run", str(config)]) == 0
    curves, sweep = read_contents([records, config.with_suffix(".sqlite")])
    assert [row[0] for row in curves.summary.rows] == [
        f"{name}, seed 0" for name in ("mc-sf", "svf", "fcfs")
    ]
    assert [v.size for v in curves.values] == [300] * 3
    assert sweep.title == "sweep tiny: 3 tasks"
    # What tells the tasks apart comes first, and the key last.
    telling = [
        len(set(column)) > 1 for column in zip(*sweep.rows, strict=True)
    ]
    assert telling == [*sorted(telling[:-1], reverse=True), True]
    assert sweep.columns[-1] == "key"
    contents = data_of(report_page([curves, sweep], "t"))["contents"]
    titles = [each["title"] for each in contents]
    assert titles == ["latency (rounds): records.csv", "sweep tiny: 3 tasks"]
    assert contents[0]["quantity"] == "latency (rounds)"
    for curve, values in zip(
        contents[0]["curves"], curves.values, strict=True
    ):
        assert curve["rounds"] == sorted(values)
        assert curve["values"] == [k / 300 for k in range(1, 301)]
    capsys.readouterr()


@pytest.mark.parametrize("size", [1, 7, 400, 401, 999])
def test_a_distribution_is_that_of_its_values(size):
    """At each step, that share of the values is no larger, and no less is."""
    values = np.random.default_rng(size).integers(0, 1000, size) * 1.0
    table = ReportTable("t", ("policy",), (("a",),))
    (curve,) = Distribution(table, "x", ("a",), (values,)).payload()["curves"]
    assert curve["values"][-1] == 1 and curve["rounds"][-1] == values.max()
    steps = len(curve["values"])
    assert steps == min(size, 400)
    for k, place in enumerate(curve["rounds"], start=1):
        assert int((values <= place).sum()) * steps >= k * size
        assert int((values < place).sum()) * steps < k * size


def test_files_that_cannot_be_shown_are_named(shown, tmp_path):
    """One line with the file: no schedule, no instance, another format."""
    with pytest.raises(InputError, match=r"many\.json: .*needs a schedule"):
        read_contents([shown / "many.json"])
    with pytest.raises(InputError, match=r"svf\.json: .*of no instance"):
        read_contents([shown / "svf.json"])
    other = tmp_path / "other.json"
    other.write_text('{"format": "kvopt-schedule/9"}')
    with pytest.raises(InputError, match=r"other\.json: format"):
        read_contents([other])
    with pytest.raises(InputError, match=r"absent\.json: cannot be read"):
        read_contents([tmp_path / "absent.json"])
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"table\.csv: header"):
        read_contents([table])


def test_the_trace_has_a_track_a_request_and_the_memory(shown):
    """Events last as long as runs; the counter is what is in use."""
    instance = load_instance(shown / "many.json")
    schedule = load_schedule(shown / "mc-sf.json", instance)
    events = chrome_trace(Scene("t", instance, (("mc-sf", schedule),)))[
        "traceEvents"
    ]
    runs = [event for event in events if event["ph"] == "X"]
    assert len(runs) == 300
    assert {event["dur"] // 1000 for event in runs} == set(
        instance.output.tolist()
    )
    used = np.zeros(schedule.makespan + 2, dtype=int)
    for run in schedule.runs:
        rounds = np.arange(run.start + 1, run.stop + 1)
        used[rounds] += instance.prompt[run.request] + rounds - run.start
    counters = [event for event in events if event["ph"] == "C"]
    assert len(counters) > 100
    for event in counters:
        assert event["args"]["units"] == used[event["ts"] // 1000 + 1]


def test_the_command_writes_page_and_trace(shown, tmp_path, capsys):
    """And says in one line why it cannot."""
    page, trace = tmp_path / "r.html", tmp_path / "t.json"
    words = ["report", str(shown / "witness.json"), "--out", str(page)]
    assert main([*words, "--chrome-trace", str(trace)]) == 0
    assert data_of(page.read_text(encoding="utf-8"))
    assert json.loads(trace.read_text())["traceEvents"]
    before = page.read_bytes()
    capsys.readouterr()
    assert main(["report", str(shown / "many.json"), "--out", str(page)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert page.read_bytes() == before


def test_records_and_page_say_why(tmp_path, capsys):
    """--explain gives records two columns, and the page its reasons."""
    page, records = tmp_path / "p.html", tmp_path / "r.csv"
    words = ["simulate", "library:mcsf-16-15", "mc-sf", "svf", "--explain"]
    outputs = ["--report", str(page), "--records", str(records)]
    assert main([*words, *outputs]) == 0
    (scene,) = data_of(page.read_text(encoding="utf-8"))["contents"]
    why = scene["schedules"][0]["reasons"]
    said = [why["texts"][k] for k in why["text"]]
    assert len(said) == len(why["round"]) == len(why["belief"]) >= 6
    with records.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[2]["waited_because"].startswith("does not fit: would take")
    assert rows[2]["started_because"].startswith("fits: at most")
    assert rows[0]["waited_because"] == ""
    assert read_contents([records])
    # What was written without reasons is not gone on with.
    capsys.readouterr()
    assert main([*words[:-1], "--records", str(records), "--resume"]) == 2
    assert "written with --explain" in capsys.readouterr().err
    assert main(words) == 2
    assert "--explain" in capsys.readouterr().err
    wrong = [*words, *outputs[:2], "--engine", "fast"]
    assert main(wrong) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_policies_with_a_clock_have_pages_of_their_own(tmp_path):
    """Rounds of two policies are not at the same time: two scenes."""
    page = tmp_path / "p.html"
    words = ["simulate", "library:small-15", "mc-sf", "svf", "--explain"]
    clock = ["--clock", "llama-2-70b-2xa100"]
    assert main([*words, *clock, "--report", str(page)]) == 0
    scenes = data_of(page.read_text(encoding="utf-8"))["contents"]
    assert [s["title"].partition(": ")[2] for s in scenes] == [
        "iterations of mc-sf",
        "iterations of svf",
    ]


def test_the_ledger_and_names_of_the_library(tmp_path, capsys):
    """Recorded verdicts are a table; library:NAME is an instance."""
    witnesses = ROOT / "proofs_check/witnesses"
    game, table = read_contents(
        [witnesses / "restarts_5_requests.json", VERDICTS]
    )
    said = dict(game.rows)
    assert said["ok"] is True
    assert said["problems"] == "none"
    assert "[" not in f"{said['ratio']}{said['types']}"
    assert table.columns[:2] == ("claim", "verdict")
    verdicts = {row[0]: row[1] for row in table.rows}
    assert verdicts["P1v2-semi-online"] == "REFUTED"
    schedule, page = tmp_path / "s.json", tmp_path / "p.html"
    name = "library:mcsf-16-15"
    assert main(["solve", name, "--out", str(schedule)]) == 0
    assert main(["report", name, str(schedule), "--out", str(page)]) == 0
    assert page.exists()
    bad = tmp_path / "bad.json"
    bad.write_text('{"format": "kvopt-verdicts/1", "claims": {"a": 3}}')
    capsys.readouterr()
    assert main(["report", str(bad), "--out", str(page)]) == 2
    assert "claims.a" in capsys.readouterr().err


def hostile_files(folder):
    """Write one file of every kind with a script and escapes in its texts."""
    text = HOSTILE
    rows = [f'"{text}",0,0,3', f'"{text}",0,1,4']
    records = folder / "r.csv"
    records.write_text("\n".join(["policy,seed,request,latency", *rows]))
    ledger = folder / "l.json"
    run = {"verdict": text, "evidence": text, "seconds": 1}
    save_json(
        {"format": "kvopt-verdicts/1", "claims": {text: {"full": run}}}, ledger
    )
    config = folder / "s.toml"
    config.write_text(
        f"name = {json.dumps(text)}\n[[instances]]\n"
        'generator = "model-1"\nparams = { requests = 4, memory = 20 }\n'
        '[[run]]\npolicy = "mc-sf"\n'
    )
    assert main(["sweep", "run", str(config)]) == 0
    return [records, ledger, config.with_suffix(".sqlite")]


def test_hostile_texts_of_every_kind_are_texts(shown, tmp_path, capsys):
    """No file of any kind adds an element, or acts upon a terminal."""
    files = [*hostile_files(tmp_path), shown / "witness.json"]
    page = tmp_path / "<script>.html"
    assert main(["report", *map(str, files), "--out", str(page)]) == 0
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    text = page.read_text(encoding="utf-8")
    plain = report_page([ReportTable("t", ("a",), (("x",),))], "t")
    assert text.count("<script") == plain.count("<script")
    assert "\x1b" not in text
    titles = [c["title"] for c in data_of(text)["contents"]]
    assert sum("</script>" in title for title in titles) >= 2
