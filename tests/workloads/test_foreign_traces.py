"""Traces of other projects: the same requests, whatever the form."""

import json

import pytest

from kvopt.cli import main
from kvopt.model import InputError, read_trace
from kvopt.workloads.traces.foreign import SOURCES, convert, own_columns

# Arrival in s, prompt, output; the third has no output.
ROWS = [(0.25, 10, 5), (0.0, 7, 3), (1.0, 4, 0), (61.5, 0, 9)]


def azure(rows):
    lines = ["TIMESTAMP,ContextTokens,GeneratedTokens"]
    for a, s, o in rows:
        minute, second = divmod(a, 60)
        stamp = f"2023-11-16 18:{15 + int(minute):02d}:{second:010.7f}"
        lines.append(f"{stamp},{s},{o}")
    return "\r\n".join(lines) + "\r\n"


def mooncake(rows):
    return "\n".join(
        json.dumps(
            {
                "timestamp": round(1000 * a),
                "input_length": s,
                "output_length": o,
                "hash_ids": [1, 2],
            }
        )
        for a, s, o in rows
    )


def burstgpt(rows):
    head = "Timestamp,Model,Request tokens,Response tokens,Total tokens"
    lines = [f"{a},ChatGPT,{s},{o},{s + o}" for a, s, o in rows]
    return "\n".join([head, *lines])


def own(rows):
    lines = [f"{o},{round(1000 * a)},x,{s}.0" for a, s, o in rows]
    return "\n".join(["gen,at,user,len", *lines])


FORMS = {
    "azure": (azure, SOURCES["azure"]),
    "mooncake": (mooncake, SOURCES["mooncake"]),
    "burstgpt": (burstgpt, SOURCES["burstgpt"]),
    "own": (
        own,
        own_columns({"arrival": "at", "prompt": "len", "output": "gen"}, "ms"),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_the_same_requests(name, tmp_path):
    """In order of arrival from 0, without the one that has no output."""
    write, form = FORMS[name]
    path = tmp_path / "trace"
    path.write_bytes(write(ROWS).encode())
    trace, dropped = convert(path, form)
    assert dropped == 1
    assert trace.arrival_s.tolist() == [0.0, 0.25, 61.5]
    assert trace.prompt.tolist() == [7, 10, 0]
    assert trace.output.tolist() == [3, 5, 9]


def test_conversations_are_counted_in_words(tmp_path):
    """The first question that is answered; no arrivals."""
    path = tmp_path / "share.json"
    turns = [
        {"from": "system", "value": "be kind"},
        {"from": "human", "value": "one two  three"},
        {"from": "gpt", "value": "four\nfive"},
        {"from": "human", "value": "six"},
        {"from": "gpt", "value": "seven"},
    ]
    rows = [{"conversations": turns}, {"conversations": turns[:2]}]
    path.write_text(json.dumps(rows))
    trace, dropped = convert(path, SOURCES["sharegpt"])
    assert (trace.prompt.tolist(), trace.output.tolist()) == ([3], [2])
    assert (trace.arrival_s, dropped) == (None, 0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("azure", "TIMESTAMP,GeneratedTokens\n", "no column 'ContextTokens'"),
        ("azure", azure(ROWS) + "yesterday,1,1\n", "line 6, TIMESTAMP = "),
        ("azure", azure([]), "no request with an output"),
        ("azure", azure(ROWS) + '2023-11-16 18:15:00,"1', "line "),
        ("mooncake", "{}", "line 1, timestamp"),
        ("mooncake", "[1]", "line 1"),
        ("mooncake", mooncake(ROWS) + "\n{", "line 5"),
        ("mooncake", mooncake([(0, -1, 2)]), "input_length = -1"),
        ("mooncake", mooncake([(0, 1.5, 2)]), "input_length = 1.5"),
        ("burstgpt", burstgpt([("nan", 1, 2)]), "Timestamp = "),
        ("sharegpt", "{}", "must be a list"),
        ("sharegpt", '[{"conversations": 3}]', "conversations = 3"),
        ("sharegpt", "[" * 100_000, "JSON"),
    ],
)
def test_faults_are_named(name, content, said, tmp_path, capsys):
    """One line with file, line and field; exit 2, and nothing written."""
    path, out = tmp_path / "trace", tmp_path / "out.csv"
    path.write_text(content)
    words = ["trace", "convert", str(path), "--from", name, "--out", str(out)]
    assert main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0] or "nested too deep" in lines[0]
    assert str(path) in lines[0]
    assert not out.exists()


def test_the_command_writes_what_simulate_takes(tmp_path, capsys):
    """From Azure's own header to a simulation in two commands."""
    path, out = tmp_path / "azure.csv", tmp_path / "day.csv"
    path.write_text(azure(ROWS))
    assert main(["simulate", str(path), "fcfs", "--memory", "99"]) == 2
    assert "kvopt trace convert" in capsys.readouterr().err
    assert (
        main(
            [
                "trace",
                "convert",
                str(path),
                "--from",
                "azure",
                "--out",
                str(out),
                "--json",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["requests"] == 3
    assert len(read_trace(out)) == 3
    clock = ["--clock", "llama-2-70b-2xa100"]
    assert main(["simulate", str(out), "fcfs", "--memory", "99", *clock]) == 0


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--from", "csv"],
        ["--from", "azure", "--columns", "prompt=a,output=b"],
        ["--columns", "prompt=a"],
        ["--columns", "prompt=a,output=b,arrival=c,user=d"],
        ["--columns", "prompt=a,output=b,arrival=c", "--unit", "h"],
    ],
)
def test_options_that_mean_nothing_are_refused(options, tmp_path, capsys):
    """One line, exit 2."""
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,2,3\n")
    words = ["trace", "convert", str(path), "--out", str(tmp_path / "o.csv")]
    assert main([*words, *options]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_that_is_not_there():
    """The error names it."""
    with pytest.raises(InputError, match="no-such-file: cannot be read"):
        convert("no-such-file", SOURCES["azure"])
