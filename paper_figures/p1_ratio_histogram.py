"""P1 v5, section 5: histogram of MC-SF / OPT, for one of its two models.

The entry points are ``p1_ratio_histogram_model1`` and ``..._model2``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kvopt.analysis import (
    Caption,
    MeanRatio,
    bootstrap_mean,
    mean_ratio,
    save_caption,
)
from kvopt.analysis.seeds import task_rng
from kvopt.experiments import run_experiment
from kvopt.experiments.ratio import (
    RatioRow,
    ratio_sweep_task,
    ratio_tasks,
)
from kvopt.plots import house_style, plot_ratio_histogram, save_figure
from paper_figures.report import (
    Progress,
    Report,
    figure_parser,
    output_folder,
    run,
)

__all__ = ["Published", "Settings", "main", "make"]


@dataclass(frozen=True)
class Published:
    """What P1 v5 reports of a model over its 200 trials."""

    model: str
    arrivals: str
    mean: float
    worst: float


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about a minute on two cores.

    Parameters
    ----------
    trials, time_limit, solver
        Instances of the published size, and seconds and solver for each.
    small_trials, small_requests, small_time_limit, small_solver
        The same for instances with so few requests that the optimum is
        proved as a rule; all else is drawn as published.
    seed, processes
        Seed, and number of processes.
    """

    trials: int = 4
    time_limit: float = 15.0
    solver: str = "search"
    small_trials: int = 6
    small_requests: int = 12
    small_time_limit: float = 30.0
    small_solver: str = "search"
    seed: int = 0
    processes: int = 2


def make(
    published: Published, out: Path, settings: Settings, command: str
) -> Report:
    """Solve, draw and describe both sizes of one model."""
    model, name = published.model, name_of(published)
    small = run_experiment(
        ratio_sweep_task,
        ratio_tasks(
            model,
            settings.small_trials,
            settings.seed,
            settings.small_requests,
            settings.small_time_limit,
            settings.small_solver,
        ),
        RatioRow,
        out / f"{name}_small.csv",
        settings.processes,
        Progress(f"{model}, n={settings.small_requests}"),
    )
    large = run_experiment(
        ratio_sweep_task,
        ratio_tasks(
            model,
            settings.trials,
            settings.seed,
            None,
            settings.time_limit,
            settings.solver,
        ),
        RatioRow,
        out / f"{name}.csv",
        settings.processes,
        Progress(f"{model}, published size"),
    )
    draw(published, small, large, out / name)
    said_small = sentence(small, f"n={settings.small_requests}", settings)
    said_large = sentence(large, "published size", settings)
    save_caption(
        caption(published, settings, command, (said_small, said_large)),
        out / f"{name}.md",
    )
    said = [
        (all(row.ratio.proved for row in rows), f"{model}, {text}")
        for rows, text in ((small, said_small), (large, said_large))
    ]
    return Report(
        f"MC-SF / OPT on Arrival Model {model[-1]}",
        command,
        settings.seed,
        proved=tuple(text for proved, text in said if proved),
        not_proved=tuple(text for proved, text in said if not proved),
        numbers={
            "small": [asdict(row) for row in small],
            "published_size": [asdict(row) for row in large],
            "mean_small": asdict(mean_of(small)),
            "mean_published_size": asdict(mean_of(large)),
        },
        table=(
            (
                "n",
                "M",
                "MC-SF",
                "best",
                "lower bound",
                "checked bound",
                "gap",
                "ratio",
                "status",
                "solver",
                "s",
            ),
            [table_row(row) for row in (*small, *large)],
        ),
        figures=(f"{name}.png",),
    )


def name_of(published: Published) -> str:
    """Return the script's name, which its files have too."""
    return f"p1_ratio_histogram_model{published.model[-1]}"


def mean_of(rows: Sequence[RatioRow]) -> MeanRatio:
    """Return the mean ratio of the rows."""
    return mean_ratio([row.ratio for row in rows])


def draw(
    published: Published,
    small: Sequence[RatioRow],
    large: Sequence[RatioRow],
    path: Path,
) -> None:
    """Draw the small size on the left, the published one on the right."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with house_style():
        figure = Figure(figsize=(7.0, 2.7), layout="constrained")
        axes = figure.subplots(1, 2)
        sizes = [row.requests for row in large]
        for ax, rows, title in (
            (axes[0], small, f"$n = {small[0].requests}$"),
            (
                axes[1],
                large,
                f"published size, $n = {min(sizes)}$ to ${max(sizes)}$",
            ),
        ):
            ratios = [row.ratio for row in rows]
            plot_ratio_histogram(
                [ratio.low for ratio in ratios],
                [ratio.high for ratio in ratios],
                ax,
            )
            ax.set_title(f"Model {published.model[-1]}, {title}")
            ax.set_xlabel("MC-SF / optimum")
            ax.yaxis.set_major_locator(MaxNLocator(integer=True))
            # Between the ends of the mean, where no bar is.
            open_ = not all(ratio.proved for ratio in ratios)
            ax.legend(loc="upper center" if open_ else "upper right")
        axes[1].set_ylabel("")
    save_figure(figure, path)


def sentence(rows: Sequence[RatioRow], size: str, settings: Settings) -> str:
    """Say what is known of the mean ratio."""
    ratios = [row.ratio for row in rows]
    mean = mean_of(rows)
    rng = task_rng(settings.seed, 0)
    low = bootstrap_mean([ratio.low for ratio in ratios], rng).low
    high = bootstrap_mean([ratio.high for ratio in ratios], rng).high
    value = (
        f"= {mean.low:.4f}"
        if mean.proved == mean.count
        else f"in [{mean.low:.4f}, {mean.high:.4f}]"
    )
    gaps = [row.best / row.lower_bound - 1 for row in rows]
    gap = f", gap {min(gaps):.0%} to {max(gaps):.0%}" if max(gaps) else ""
    return (
        f"{size}, {mean.count} instances: mean MC-SF/OPT {value}, "
        f"95 % bootstrap [{low:.4f}, {high:.4f}]; "
        f"solver {rows[0].solver} proved the optimum of {mean.proved}{gap}; "
        f"MC-SF surely optimal on {mean.optimal}, surely not on "
        f"{mean.not_optimal}"
    )


def caption(
    published: Published,
    settings: Settings,
    command: str,
    findings: tuple[str, ...],
) -> Caption:
    """Return the caption of the figure."""
    return Caption(
        f"MC-SF / OPT on Arrival Model {published.model[-1]}: "
        f"{published.arrivals}",
        "P1 (arXiv 2502.07115v5), section 5, the histogram of ratios of "
        f"Arrival Model {published.model[-1]}; it reports a mean of "
        f"{published.mean} and a largest ratio of {published.worst} over "
        "200 trials",
        command,
        settings.seed,
        (
            *findings,
            "the ends of an open ratio are MC-SF over the best schedule "
            "found and MC-SF over the proved lower bound; the interval of "
            "the mean is that of the bootstrap's outer ends",
            "every schedule, and the lower bound in the column "
            "checked_bound, were verified by the independent checker; that "
            "no schedule is better rests on the solver",
        ),
        (
            "M ~ U{30..50}, s ~ U{1..5}, o ~ U{1..M-s}; " + published.arrivals,
            "the policy and the objective: total end-to-end latency in rounds",
        ),
        (
            "the instances are our own draws: the paper's are not public",
            f"{settings.trials} trials of the published size, not 200, with "
            f"{settings.time_limit:g} s of {settings.solver} each on one "
            "thread, where the paper used Gurobi; the optimum is then an "
            "interval, which depends on the machine",
            f"the left panel ({settings.small_trials} instances of "
            f"{settings.small_requests} requests, "
            f"{settings.small_solver}) is not in the paper: it shows a size "
            "at which the optimum can be proved",
            "how ties are broken, and that the rate is drawn once an "
            "instance, are readings of ours",
        ),
    )


def table_row(row: RatioRow) -> tuple[str, ...]:
    """Return the cells of one instance."""
    ratio = row.ratio
    return (
        str(row.requests),
        str(row.memory),
        str(row.objective),
        str(row.best),
        str(row.lower_bound),
        str(row.checked_bound),
        f"{row.best / row.lower_bound - 1:.1%}",
        f"{ratio.low:.4f}"
        if ratio.proved
        else f"{ratio.low:.4f} to {ratio.high:.4f}",
        row.status,
        row.solver,
        f"{row.runtime:.1f}",
    )


def main(published: Published, arguments: Sequence[str] | None) -> int:
    """Run the script of one model and return its exit code."""
    name, usual = name_of(published), Settings()
    parser = figure_parser(name, __doc__ or "")
    for field, what in (
        ("trials", "instances of the published size"),
        ("small_trials", "instances of the small size"),
        ("small_requests", "requests of the small size"),
    ):
        option = "--" + field.replace("_", "-")
        default = getattr(usual, field)
        parser.add_argument(
            option, type=int, default=default, help=f"{what} ({default})"
        )
    parser.add_argument(
        "--time-limit",
        type=float,
        default=usual.time_limit,
        help=f"seconds an instance ({usual.time_limit:g})",
    )
    parser.add_argument("--solver", default=usual.solver)
    options = parser.parse_args(arguments)
    settings = Settings(
        trials=options.trials,
        time_limit=options.time_limit,
        solver=options.solver,
        small_trials=options.small_trials,
        small_requests=options.small_requests,
        seed=options.seed,
        processes=options.processes,
    )
    return run(
        lambda: make(
            published,
            output_folder(options.out),
            settings,
            command_of(name, options.out, settings),
        )
    )


def command_of(name: str, out: object, settings: Settings) -> str:
    """Return the command that does the same again."""
    return (
        f"python -m paper_figures.{name} --out {out} --seed {settings.seed} "
        f"--trials {settings.trials} --time-limit {settings.time_limit:g} "
        f"--solver {settings.solver} --small-trials {settings.small_trials} "
        f"--small-requests {settings.small_requests}"
    )
