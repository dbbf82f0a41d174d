"""The store: one writer, no row twice, nothing overwritten by mistake."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import pytest

from kvopt import InputError
from kvopt.sweep import Store, SweepOutcome, run_sweep
from kvopt.sweep import store as store_module
from tests.sweep.helpers import ROOT, fixed_rows, sums

PLAN = sums(3, milliseconds=0)
KEYS = [task.key for task in PLAN.tasks]


def _done(key: str, total: int = 5) -> SweepOutcome:
    return SweepOutcome(key, "", {"total": total}, {"seconds": 1.0})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one row that is done and one that failed."""
    path = tmp_path / "some.sqlite"
    with Store(path, write=True) as store:
        store.plan(PLAN.name, PLAN.tasks)
        store.add([_done(KEYS[2]), SweepOutcome(KEYS[0], "no")])
    return path


def test_rows_come_in_the_order_of_the_plan(path: Path) -> None:
    """Columns of the task, state, result and measurements, side by side."""
    with Store(path) as store:
        assert store.counts() == (1, 1, 1)
        first, second = store.rows()
    assert (first["key"], first["state"], first["error"]) == (
        KEYS[0],
        "failed",
        "no",
    )
    assert (second["key"], second["state"], second["total"]) == (
        KEYS[2],
        "done",
        5,
    )
    assert second["instance.number"] == 2
    assert second["measured.seconds"] == 1.0


def test_no_row_is_doubled_or_replaced_but_a_failed_one(path: Path) -> None:
    """A row that is done stays as it is; a failed one can be repaired."""
    with Store(path, write=True) as store:
        store.add([_done(KEYS[2], total=6), _done(KEYS[0], total=7)])
        assert [row["total"] for row in store.rows()] == [7, 5]
        store.add([SweepOutcome(KEYS[0], "no")])
        assert [row["total"] for row in store.rows()] == [7, 5]


def test_rows_outlive_a_change_of_plan(path: Path) -> None:
    """What is taken out of the plan is found again when it comes back."""
    with Store(path, write=True) as store:
        store.plan(PLAN.name, PLAN.tasks[:1])
        assert store.counts() == (0, 1, 0)
        store.plan(PLAN.name, PLAN.tasks)
        assert store.counts() == (1, 1, 1)


def test_readers_and_one_writer(path: Path) -> None:
    """While one writes, others read; a second writer is told who writes."""
    with Store(path, write=True) as writer:
        writer.add([_done(KEYS[1])])
        with Store(path) as reader:
            assert reader.counts() == (2, 1, 0)
        with pytest.raises(InputError) as caught:
            Store(path, write=True)
        assert str(caught.value) == (
            f"{path}: another sweep is writing to it: process {os.getpid()}"
        )
    Store(path, write=True).close()


def test_a_killed_writer_leaves_the_store_open_to_others(path: Path) -> None:
    """The lock goes with the process that held it."""
    code = (
        "import os, sys; from kvopt.sweep import Store;"
        "store = Store(sys.argv[1], write=True); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT)
    with Store(path, write=True) as store:
        assert store.counts() == (1, 1, 1)


def test_a_store_at_rest_is_one_file(path: Path) -> None:
    """No log and no lock stay beside a store, whoever looks into it."""
    assert list(path.parent.iterdir()) == [path]
    run_sweep(PLAN, path, workers=1)
    assert fixed_rows(path)
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_that_ends_beside_a_reader(path: Path) -> None:
    """The reader goes on; the next writer takes away what was left."""
    with Store(path) as reader:
        with Store(path, write=True) as store:
            before = store.counts()
            assert reader.counts() == before
        assert reader.counts() == before
    Store(path, write=True).close()
    assert list(path.parent.iterdir()) == [path]


def test_a_lock_that_its_owner_takes_away(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two never write: a lock that was removed meanwhile counts for none."""
    real, first = fcntl.flock, [Store(path, write=True)]

    def late(file: IO[str], how: int) -> None:
        # Between the two calls of the second writer the first one ends.
        if first:
            first.pop().close()
        real(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with Store(path, write=True):
        monkeypatch.undo()
        assert "another sweep is writing to it" in _refused(path)


def _refused(path: Path, write: bool = True) -> str:
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(InputError) as caught:
        Store(path, write=write)
    after = path.read_bytes() if path.is_file() else None
    assert after == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_that_are_no_store(tmp_path: Path) -> None:
    """Text, another program's database and nothing at all are refused."""
    text = tmp_path / "sweep.toml"
    text.write_text("name = 'x'\n" * 100)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE rows (x)")
    connection.close()
    for write in (False, True):
        assert _refused(text, write).endswith("is not a store of sweeps")
        assert _refused(other, write).endswith("is not a store of sweeps")
    nix = tmp_path / "nix.sqlite"
    assert _refused(nix, write=False).endswith("there is no such store")
    assert not nix.exists()
    lost = tmp_path / "no" / "folder.sqlite"
    assert _refused(lost) == (
        f"{lost}: cannot be written: No such file or directory"
    )
    assert _refused(tmp_path) == f"{tmp_path}: is a directory"
    assert not list(tmp_path.glob("*.lock"))


def test_a_store_of_another_version(path: Path) -> None:
    """It is named with both versions, and left alone."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    assert "version = 2: this kvopt reads version 1" in _refused(path)
    assert "version = 2" in _refused(path, write=False)


def test_a_store_of_another_sweep(path: Path) -> None:
    """A plan of another name does not take a store over."""
    with (
        Store(path, write=True) as store,
        pytest.raises(InputError, match="is of the sweep 'sums'"),
    ):
        store.plan("other", PLAN.tasks)


def test_a_full_disk_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit is refused in one line; what was there stays."""
    before = fixed_rows(path)
    with Store(path, write=True) as store:
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        big = SweepOutcome(KEYS[1], "", {"text": "x" * 100_000})
        with pytest.raises(InputError) as caught:
            store.add([big])
        assert str(caught.value) == f"{path}: the disk is full"
        assert store.counts() == (1, 1, 1)
    assert fixed_rows(path) == before
    run_sweep(PLAN, path, workers=1)
    with Store(path) as store:
        assert store.counts() == (2, 1, 0)


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    """No store can be made: one line, and no traceback."""
    code = (
        "import resource, sys; from kvopt.sweep import Store;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "Store(sys.argv[1], write=True)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "full.sqlite")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("kvopt.model.errors.InputError: ")
    assert "full.sqlite: " in last


def test_a_read_only_store(path: Path) -> None:
    """It can be read, where nothing else can be written; not written."""
    code = (
        "import os, sys\n"
        "from kvopt.sweep import Store\n"
        "from tests.sweep.helpers import fixed_rows\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "print(len(fixed_rows(sys.argv[1])))\n"
        "Store(sys.argv[1], write=True)\n"
    )
    # Not below the folder of tests: only its owner may look through that.
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / path.name
        shutil.copy(path, alone)
        alone.chmod(0o444)
        Path(folder).chmod(0o555)
        ended = subprocess.run(
            [sys.executable, "-c", code, str(alone)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        Path(folder).chmod(0o755)
        assert fixed_rows(alone) == fixed_rows(path)
    assert ended.stdout == "2\n", ended.stderr
    last = ended.stderr.strip().splitlines()[-1]
    assert last == (
        f"kvopt.model.errors.InputError: {alone}: cannot be written: "
        "Permission denied"
    )


def test_the_version_is_the_one_in_the_file(path: Path) -> None:
    """Changing the tables needs a new version number."""
    with sqlite3.connect(path) as connection:
        tables = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL "
            "ORDER BY name"
        ).fetchall()
    connection.close()
    assert store_module.VERSION == 1
    assert [name for name, _ in tables] == ["rows", "sweep", "tasks"]
