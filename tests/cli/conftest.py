"""Running commands in this process, and small files to run them on."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from kvopt.cli import main


@dataclass(frozen=True)
class Done:
    """What a command did: exit status, standard output and error."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run ``kvopt WORDS`` in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Done:
        status = main([str(word) for word in words])
        return Done(status, *capsys.readouterr())

    return call


@pytest.fixture
def instance(tmp_path):
    """A function that writes an instance document with changed fields."""

    def write(name="instance.json", request=(), **fields):
        first = {"arrival": 0, "prompt": 1, "output": 2, **dict(request)}
        later = {**first, "arrival": 3}
        document = {
            "format": "kvopt-instance/1",
            "memory": 6,
            "requests": [first, later],
            **fields,
        }
        path = tmp_path / name
        path.write_text(json.dumps(document))
        return path

    return write
