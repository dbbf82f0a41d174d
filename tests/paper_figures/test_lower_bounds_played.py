"""The figure of the lower bounds, at small sizes."""

from kvopt.analysis import read_rows
from paper_figures.frame.figure import make
from paper_figures.frame.reproduce import main
from paper_figures.lower_bounds_played import GAME, Row, Settings

SMALL = "--roots 8 10 12 14 16 20 --sizes 4 6 8 12 16 24"
TRAPS = "--traps 30 60 90 120 180 240"


def test_the_figure_is_made_and_described(tmp_path):
    """Picture, data and caption; every policy loses more at larger sizes."""
    words = ["lower_bounds_played", "--out", str(tmp_path)]
    assert main([*words, *SMALL.split(), *TRAPS.split()]) == 0
    for end in ("png", "pdf", "md", "csv"):
        path = tmp_path / f"lower_bounds_played.{end}"
        assert path.stat().st_size > 500
    rows = read_rows(Row, tmp_path / "lower_bounds_played.csv")
    played = [row for row in rows if row.family == GAME]
    assert len({row.policy for row in played}) >= 11
    for policy in {row.policy for row in played}:
        ratios = [row.ratio for row in played if row.policy == policy]
        assert ratios[0] < ratios[-1]


def test_exponents_are_reported_with_intervals(tmp_path):
    """Each family and policy has an exponent, its interval and its line."""
    settings = Settings(
        roots=(8, 10, 12, 14, 16, 20),
        sizes=(4, 6, 8, 12, 16, 24),
        traps=(30, 60, 90, 120, 180, 240),
    )
    report = make("lower_bounds_played", settings, tmp_path, 1)
    for value, low, high, _ in report.numbers["exponents"].values():
        assert low <= value <= high


def test_too_few_sizes_are_refused(tmp_path, capsys):
    """One line that names the option, and status 2."""
    words = ["lower_bounds_played", "--out", str(tmp_path), "--roots", "8"]
    assert main(words) == 2
    assert "roots" in capsys.readouterr().err
