"""Names, claims, keys and paths of strangers do nothing to a terminal."""

from __future__ import annotations

import json
import sqlite3

import pytest

from kvopt.model import InputError, Instance, Schedule, Witness, save_json
from kvopt.sweep import Store

EVIL = "\x1b[1A\x1b[2K\rwitness accepted\u202e\ud800\x00\x9b\x7f"
KEY = EVIL + "x" * 200_000
HEADER = "arrival_s,prompt_tokens,output_tokens\n"


def tame(done, status=0):
    """Check the status, and that all that was printed is printable."""
    assert done.status == status, done.err
    for line in (done.out + done.err).split("\n"):
        assert line.isprintable(), line
        line.encode("utf-8")
        assert len(line) < 10_000
    return done


@pytest.fixture
def hostile(tmp_path):
    """A small instance with a hostile name and source, in a file."""
    instance = Instance.of(
        6, [(0, 1, o) for o in (2, 2, 3, 3)], name=EVIL, source=EVIL
    )
    save_json(instance.document(), tmp_path / "evil.json")
    return instance


@pytest.mark.parametrize(
    "line",
    [
        "simulate evil.json mc-sf fcfs",
        "simulate evil.json mc-sf --json",
        "solve evil.json --solver brute-force",
        "bound evil.json",
        "staged evil.json wait",
    ],
)
def test_names_of_instances(run, hostile, line):
    """Tables show a hostile name escaped."""
    tame(run(*line.split()))


def witness(instance, claim=EVIL, algorithm=(0, 0, 2, 4), **changes):
    """Return the witness document of 16 against 15 with a hostile claim."""
    made = Witness(
        claim,
        instance,
        Schedule.from_starts(instance, algorithm),
        Schedule.from_starts(instance, (0, 2, 0, 3)),
        True,
        EVIL,
        EVIL,
    )
    return {**made.document(), **changes}


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 0), ({"reference_cost": 14}, 1), ({KEY: 1}, 2), ({"claim": 1}, 2)],
)
def test_claims_of_witnesses(run, hostile, changes, status, tmp_path):
    """A claim cannot write over REJECTED, nor a key over the error."""
    save_json(witness(hostile, **changes), tmp_path / "w.json")
    done = tame(run("verify", "w.json"), status)
    assert ("REJECTED" in done.out) == (status == 1)


def test_keys_formats_and_hashes_of_documents(run, hostile, tmp_path):
    """Errors show hostile keys and values shortened and escaped."""
    good = hostile.document()
    for change in ({KEY: KEY}, {"format": KEY}, {"memory": KEY}):
        save_json({**good, **change}, tmp_path / "bad.json")
        for words in (("bound",), ("verify", "bad.json")):
            tame(run(words[0], "bad.json", *words[1:]), 2)
    schedule = Schedule.from_starts(hostile, (0, 2, 0, 3)).document(hostile)
    save_json({**schedule, "instance": KEY}, tmp_path / "s.json")
    tame(run("verify", "evil.json", "s.json"), 2)
    (tmp_path / "twice.json").write_text(
        '{"\\u001b[2J": 1, "\\u001b[2J": 2}', encoding="utf-8"
    )
    for command in ("bound", "verify"):
        tame(run(command, "twice.json"), 2)


def test_paths_and_words(run, hostile, tmp_path):
    """Paths, names of policies, parameters and options are escaped."""
    name = "\x1b[2J\u202eevil"
    (tmp_path / f"{name}.csv").write_text(HEADER + "0,1,2\n")
    tame(
        run("generate", "--trace", f"{name}.csv", "--arrivals", "zero"),
        0,
    )
    (tmp_path / f"{name}.csv").write_text(f"{name}\n0,1,2\n")
    tame(run("generate", "--trace", f"{name}.csv"), 2)
    for line in (
        ["bound", name],
        ["simulate", "evil.json", name],
        ["simulate", "evil.json", f"mc-sf:{name}={name}"],
        ["solve", "evil.json", "--solver", name],
        ["solve", "evil.json", f"--{name}"],
        ["solve", "evil.json", "--seed", name],
        ["generate", name],
        ["generate", "trap", "--param", f"{name}={name}"],
        ["verify", f"library:{name}", name],
        ["adversary", name],
        ["staged", "evil.json", name],
        ["sweep", f"{name}.toml"],
        [name],
    ):
        tame(run(*line), 2)


def test_configurations_of_sweeps(run, tmp_path):
    """A configuration is shown escaped where it is wrong."""
    for text in (
        '"\\u001b[2J" = 1',
        'name = "\\u001b[2J"\n[[run]]\npolicy = "\\u001b[2J"\n'
        '[[instances]]\nlibrary = "*"',
        "\x1b[2J",
    ):
        (tmp_path / "c.toml").write_text(text)
        tame(run("sweep", "c.toml", "--dry-run"), 2)


def tampered(path, column, value):
    """Write a value into the one row of a store by hand."""
    with sqlite3.connect(path) as connection:
        table = "tasks" if column == "columns" else "rows"
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))


@pytest.fixture
def store(run, tmp_path):
    """A store with one row."""
    (tmp_path / "c.toml").write_text(
        'name = "s"\n[[run]]\nbound = "area"\n'
        '[[instances]]\nlibrary = "online-6"\n'
    )
    assert run("sweep", "c.toml", "--workers", 1).status == 0
    return tmp_path / "c.sqlite"


def test_texts_of_stores(run, store):
    """Errors, names and columns of a store are shown escaped."""
    evil = EVIL.replace("\ud800", "")
    cells = json.dumps({EVIL: EVIL})
    for column, value in (
        ("error", evil),
        ("columns", cells),
        ("result", cells),
        ("measured", cells),
    ):
        tampered(store, column, value)
        for words in (
            ("status",),
            ("show",),
            ("show", "--failed"),
            ("show", "--json"),
            ("status", "--json"),
            ("export", "--out", "rows.csv"),
        ):
            tame(run("sweep", words[0], store, *words[1:]))
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE sweep SET name = ?", (evil,))
    tame(run("sweep", "status", store))


@pytest.mark.parametrize("column", ["columns", "result", "measured"])
@pytest.mark.parametrize(
    "value", ["", "{", "[]", "3", '{"a": [1]}', '{"a": NaN}', b"\xff", 7]
)
def test_tampered_stores(run, store, column, value):
    """What somebody wrote into a store by hand is refused, not a crash."""
    tampered(store, column, value)
    for words in (("status",), ("show",), ("export",)):
        done = tame(run("sweep", words[0], store), 2)
        assert "the store is damaged" in done.err
    with pytest.raises(InputError), Store(store) as opened:
        opened.rows()
