"""The scripts, at sizes of a few seconds."""

import csv
import dataclasses
import json

import pytest
from PIL import Image

from kvopt.analysis import read_rows
from kvopt.experiments.backlog import BacklogRow
from kvopt.experiments.ratio import RatioRow
from kvopt.experiments.serving import PACKAGED, ServingRow
from paper_figures import p1_latency_vs_requests
from paper_figures.frame import docs_pictures, small_pictures
from paper_figures.frame.command import (
    command_of,
    described,
    parser_of,
    settings_of,
)
from paper_figures.frame.figure import figure_called, make, names
from paper_figures.frame.reproduce import main


def assert_figure(folder, name):
    """PDF, PNG, data and a caption that says what differs are all there."""
    assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    for path in folder.glob(f"{name}*.csv"):
        with path.open() as file:
            assert len(list(csv.reader(file))) > 1
    caption = (folder / f"{name}.md").read_text()
    assert f"    python -m paper_figures {name} --out {folder}" in caption
    for part in ("Seed ", "The same as the original", "Different from"):
        assert part in caption


@pytest.mark.parametrize("name", names())
def test_every_figure_follows_the_protocol(name):
    """Settings have defaults and are described; the command gives them back.

    The parser reads the settings' own command line as the same settings.
    """
    figure = figure_called(name)
    assert figure.__doc__
    assert figure.SECONDS > 0
    assert set(described(figure.Settings)) >= {
        field.name for field in dataclasses.fields(figure.Settings)
    }
    settings = figure.Settings()
    parser = parser_of(name, figure.__doc__, settings, figure.FULL)
    for chosen in (settings, figure.FULL):
        command = command_of(name, chosen, figure.FULL, "out").split()
        assert command[:4] == ["python", "-m", "paper_figures", name]
        options = parser.parse_args(command[4:])
        assert options.out == "out"
        assert settings_of(settings, figure.FULL, options) == chosen
    assert all(callable(f) for f in (figure.data, figure.draw))


def test_a_field_without_a_word_is_refused():
    """A settings field that the docstring leaves out is an error."""

    @dataclasses.dataclass(frozen=True)
    class Silent:
        """No section.

        Parameters
        ----------
        one
            Described.
        """

        one: int = 1
        two: int = 2

    with pytest.raises(ValueError, match="two"):
        parser_of("silent", "", Silent(), Silent())


def test_ratio_histograms(tmp_path, capsys):
    """Small sizes are reported as proved, the published one as open."""
    sizes = "--trials 1 --time-limit 0.5 --small-trials 2 --small-requests 4"
    out = ["--out", str(tmp_path)]
    name = "p1_ratio_histogram"
    assert main([name, *out, *sizes.split(), "--processes", "1"]) == 0
    assert_figure(tmp_path, name)
    for model in ("model-1", "model-2"):
        (large,) = read_rows(RatioRow, tmp_path / f"{name}_{model}.csv")
        small = read_rows(RatioRow, tmp_path / f"{name}_{model}_small.csv")
        assert not large.ratio.proved
        assert all(row.ratio.proved and row.requests == 4 for row in small)
    said = capsys.readouterr().out
    assert "  proved: " in said
    assert "  not proved: " in said
    assert "proved the optimum of 0, gap" in said


def test_rows_are_not_computed_again(tmp_path):
    """The second run finds all rows, measured times included."""
    sizes = "--trials 1 --time-limit 0.5 --small-trials 1 --small-requests 3"
    name = "p1_ratio_histogram"
    data = []
    for _ in range(2):
        main(
            [name, "--out", str(tmp_path), *sizes.split(), "--processes", "1"]
        )
        data.append((tmp_path / f"{name}_model-1.csv").read_bytes())
    assert data[0] == data[1]


def test_latency_curves(tmp_path):
    """Every policy has a row at each size, demand and seed."""
    sizes = "--sizes 60 30 --seeds 2 --processes 1"
    where = ["--out", str(tmp_path), "--trace", PACKAGED]
    name = "p1_latency_vs_requests"
    assert main([name, *where, *sizes.split()]) == 0
    assert_figure(tmp_path, name)
    rows = read_rows(ServingRow, tmp_path / f"{name}.csv")
    policies = p1_latency_vs_requests.POLICIES
    assert len(rows) == 2 * 2 * 2 * len(policies)
    assert all(row.verified for row in rows)


@pytest.mark.parametrize(
    "name", ["p1_energy", "p1_prediction_error", "p1_throughput_vs_load"]
)
def test_figures_of_served_traces(name, tmp_path):
    """Picture, caption and checked rows, and a second run computes none."""
    less = "--requests 60 --seeds 2 --rates 50 10 --processes 1"
    words = [name, "--out", str(tmp_path), *less.split()]
    assert main(words) == 0
    assert_figure(tmp_path, name)
    path = tmp_path / f"{name}.csv"
    rows = read_rows(ServingRow, path)
    assert len(rows) % (2 * 2) == 0
    assert all(row.verified for row in rows)
    before = path.read_bytes()
    assert main(words) == 0
    assert path.read_bytes() == before
    assert main([*words, "--requests", "0"]) == 2


@pytest.mark.parametrize("name", ["p2_backlog", "p4_backlog"])
def test_figures_of_backlogs(name, tmp_path):
    """Bounds and schedules are checked, and no ratio is below one."""
    less = "--sizes 20 40 --seeds 2 --processes 1"
    words = [name, "--out", str(tmp_path), *less.split()]
    assert main(words) == 0
    assert_figure(tmp_path, name)
    rows = read_rows(BacklogRow, tmp_path / f"{name}.csv")
    assert {row.requests for row in rows} == {20, 40}
    assert all(row.verified and row.total >= row.bound for row in rows)
    assert main([*words, "--sizes", "0"]) == 2


def test_counterexample(tmp_path, capsys):
    """The picture is of 16 against a proved 15."""
    assert main(["p1v2_counterexample", "--out", str(tmp_path)]) == 0
    assert_figure(tmp_path, "p1v2_counterexample")
    assert "MC-SF has total latency 16, the optimum is 15" in (
        capsys.readouterr().out
    )


def test_the_pictures_of_the_docs(tmp_path):
    """Their command makes the files that README and docs show."""
    assert docs_pictures.main([str(tmp_path)]) == 0
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == [
        "counterexample.png",
        "policies-vs-optimum.png",
        "regret.png",
        "smallest-counterexample.png",
    ]


@pytest.mark.parametrize("maker", [docs_pictures, small_pictures])
def test_help_on_the_pictures_of_the_docs(maker, tmp_path, monkeypatch):
    """Asked for help, their commands write nothing."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        maker.main(["--help"])
    assert ended.value.code == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--trials", "0"], "trials = 0"),
        (["--time-limit", "0"], "time_limit = 0.0"),
        (["--solver", "guess"], "solver = 'guess'"),
        (["--seed", "-1"], "seed = -1"),
    ],
)
def test_bad_options_give_one_line_and_exit_2(tmp_path, capsys, options, said):
    """A bad option is named with its value; no traceback."""
    small = ["--small-trials", "1", "--small-requests", "2", "--trials", "1"]
    out = ["--out", str(tmp_path), "--processes", "1"]
    code = main(["p1_ratio_histogram", *out, *small, *options])
    assert code == 2
    (line,) = [
        line
        for line in capsys.readouterr().err.splitlines()
        if line.startswith("error")
    ]
    assert said in line


def test_a_folder_that_cannot_be_made_is_named(tmp_path, capsys):
    """A file in the way of the output folder is exit 2, at once."""
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "out")
    assert main(["p1v2_counterexample", "--out", out]) == 2
    assert out in capsys.readouterr().err


def test_figures_are_the_same_bytes_again(tmp_path):
    """The same command draws the same picture and writes the same data."""
    for folder in ("one", "two"):
        main(["p1v2_counterexample", "--out", str(tmp_path / folder)])
    for end in ("png", "pdf", "csv"):
        one, two = (
            (tmp_path / folder / f"p1v2_counterexample.{end}").read_bytes()
            for folder in ("one", "two")
        )
        assert one == two


def test_results_are_json_even_when_a_number_is_missing(tmp_path):
    """Rows of policies that failed are null in JSON, not NaN."""
    settings = p1_latency_vs_requests.Settings(PACKAGED, sizes=(20,), seeds=1)
    report = make("p1_latency_vs_requests", settings, tmp_path, 1)
    json.dumps(report.numbers, allow_nan=False)


def test_regret(tmp_path, capsys):
    """Two runs a cell: what is measured is not called proved."""
    out = ["--out", str(tmp_path), "--runs", "2", "--processes", "1"]
    assert main(["p1v2_regret", *out]) == 0
    assert_figure(tmp_path, "p1v2_regret")
    said = capsys.readouterr().out
    assert "  proved: 30 of 30 hindsight optima proved" in said
    assert "  not proved: rate 0.7 (80% of the memory's area, 93%" in said
    assert main(["p1v2_regret", *out, "--runs", "0"]) == 2
    assert "runs = 0" in capsys.readouterr().err


def test_fluid_and_wait(tmp_path, capsys):
    """The published values come out; three policies at each rate."""
    out = ["--out", str(tmp_path), "--rates", "50", "60"]
    out += ["--seconds", "3", "--seeds", "2"]
    assert main(["p5_fluid_and_wait", *out]) == 0
    assert_figure(tmp_path, "p5_fluid_and_wait")
    said = capsys.readouterr().out
    assert "gives 55,757 at 60 (published 55,758)" in said
    assert "crosses 137,000 at 74.1 a second (74.1)" in said
    rows = (tmp_path / "p5_fluid_and_wait.csv").read_text().splitlines()
    assert len(rows) == 1 + 3 * 2 * 2
    assert main(["p5_fluid_and_wait", *out, "--rates", "0"]) == 2
    assert "rates = 0.0: must be positive" in capsys.readouterr().err


def test_a_small_copy_has_fewer_dots_and_bytes(tmp_path):
    """Two thirds of the width, and a smaller file."""
    main(["p1v2_counterexample", "--out", str(tmp_path)])
    whole, small = tmp_path / "p1v2_counterexample.png", tmp_path / "s.png"
    small_pictures.small_copy(whole, small)
    assert small.stat().st_size < whole.stat().st_size
    with Image.open(whole) as one, Image.open(small) as two:
        assert two.width == round(one.width * 2 / 3)
