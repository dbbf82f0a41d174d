"""Tables of games: what Ctrl-C ended replaces nothing."""

from dataclasses import replace
from itertools import islice

import pytest

from benchmarks import games


def test_an_interrupted_search_leaves_the_table_as_it_was(
    tmp_path, monkeypatch
):
    """The rows of an earlier run stay, though the first row is done."""
    search = games.search_games
    found = []

    def interrupted(settings):
        found.append(search(settings))
        ended = "complete" if len(found) == 1 else "interrupted"
        return replace(found[-1], ended=ended)

    rows = list(islice(games.restart_rows(), 2))
    monkeypatch.setattr(games, "search_games", interrupted)
    monkeypatch.setattr(games, "RESULTS", tmp_path)
    monkeypatch.setitem(games.GAMES, "restarts", lambda: iter(rows))
    table = tmp_path / "games_restarts.csv"
    table.write_text("earlier rows\n")
    with pytest.raises(KeyboardInterrupt):
        games.main(["restarts"])
    assert len(found) == 2
    assert [path.name for path in tmp_path.iterdir()] == [table.name]
    assert table.read_text() == "earlier rows\n"
