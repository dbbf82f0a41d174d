"""The command that measures the house, on a house that is known."""

from pathlib import Path

from benchmarks.house import measured


def test_a_small_house(tmp_path):
    """Rooms, circles, sizes, homonyms and undescribed names are found."""
    rooms = {
        "one": "from kvopt.two.a import f\n\nclass Same:\n    pass\n",
        "two": "from kvopt.one.a import Same\n\n"
        "def f(a, b, c):\n    '''Do it.'''\n",
        "three": "class Same:\n    pass\n",
    }
    for name, text in rooms.items():
        folder = tmp_path / "kvopt" / name
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(text)
    found = measured(tmp_path)
    assert found["rooms"] == 3
    assert found["circles"] == 1
    assert found["most parameters"] == "f, 3"
    assert found["public classes of one name"] == {"Same": 2}
    assert found["public functions without Parameters"] == "1 of 1"
    assert found["which"] == ["kvopt.two.a.f"]


def test_this_house_has_no_circle():
    """The rooms of this checkout import in one direction."""
    assert measured(Path(__file__).parents[2])["circles"] == 0
