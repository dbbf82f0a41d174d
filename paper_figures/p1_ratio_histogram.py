"""P1 v5, section 5: histograms of MC-SF / OPT on Arrival Models 1 and 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kvopt.analysis import MeanRatio, bootstrap_mean, mean_ratio
from kvopt.analysis.seeds import task_rng
from kvopt.experiments.ratio import (
    PUBLISHED,
    RatioRow,
    ratio_sweep_task,
    ratio_tasks,
)
from kvopt.plots import (
    house_style,
    plot_ratio_histogram,
    plot_ratio_intervals,
)
from kvopt.plots.style import COLOURS
from paper_figures.frame.figure import Findings
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FULL", "SECONDS", "Settings", "Sizes", "data", "describe", "draw"]

HEADER = (
    "model",
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
)
ARRIVALS = {
    "model-1": "all requests at 0, n ~ U{40..60}",
    "model-2": "Poisson arrivals at a rate from U[0.5, 1.5] over "
    "T ~ U{40..60} rounds",
}


# Fewer ratios than this are no histogram.
FEW = 25

SECONDS = 80.0


@dataclass(frozen=True)
class Settings:
    """How much to do; the defaults take about two minutes on two cores.

    Parameters
    ----------
    trials
        Instances of the published size, for each model.
    time_limit
        Seconds for each of them.
    solver
        Solver for them.
    small_trials
        Instances with so few requests that the optimum is proved as a rule;
        all else is drawn as published.
    small_requests
        Requests of each of them.
    small_time_limit
        Seconds for each of them.
    small_solver
        Solver for them.
    seed
        Seed of the instances and of the bootstrap.
    """

    trials: int = 4
    time_limit: float = 15.0
    solver: str = "search"
    small_trials: int = 6
    small_requests: int = 12
    small_time_limit: float = 30.0
    small_solver: str = "search"
    seed: int = 0


FULL = Settings(
    trials=200, time_limit=60.0, small_trials=200, small_time_limit=120.0
)


@dataclass(frozen=True)
class Sizes:
    """The rows of one model, of small instances and of the published size."""

    small: Sequence[RatioRow]
    large: Sequence[RatioRow]


def data(settings: Settings, work: Work) -> dict[str, Sizes]:
    """Solve both sizes of both models; the rows are kept."""
    return {model: solved(model, settings, work) for model in PUBLISHED}


def solved(model: str, settings: Settings, work: Work) -> Sizes:
    """Solve both sizes of one model."""
    small = work.run(
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
        f"{model}, n={settings.small_requests}",
        f"{model}_small",
    )
    large = work.run(
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
        f"{model}, published size",
        model,
    )
    return Sizes(small, large)


def describe(data: Mapping[str, Sizes], settings: Settings) -> Findings:
    """Say what is known of the mean ratios."""
    said = [
        (
            all(row.ratio.proved for row in rows),
            f"{model}, {sentence(rows, size, settings)}",
        )
        for model, sizes in data.items()
        for size, rows in (
            (f"n={settings.small_requests}", sizes.small),
            ("published size", sizes.large),
        )
    ]
    return Findings(
        "MC-SF / OPT on Arrival Models 1 and 2",
        proved=tuple(text for proved, text in said if proved),
        not_proved=tuple(text for proved, text in said if not proved),
        numbers={
            model: {
                "small": [asdict(row) for row in sizes.small],
                "published_size": [asdict(row) for row in sizes.large],
                "mean_small": asdict(mean_of(sizes.small)),
                "mean_published_size": asdict(mean_of(sizes.large)),
            }
            for model, sizes in data.items()
        },
        table=(
            HEADER,
            [
                (model, *table_row(row))
                for model, sizes in data.items()
                for row in (*sizes.small, *sizes.large)
            ],
        ),
        shows="MC-SF / OPT on Arrival Models 1 (top) and 2 (bottom)",
        original="P1 (arXiv 2502.07115v5), section 5, the histograms of "
        "ratios; over 200 trials it reports "
        + " and ".join(
            f"a mean of {paper.mean} and a largest ratio of {paper.worst} "
            f"({model})"
            for model, paper in PUBLISHED.items()
        ),
        notes=(
            "the ends of an open ratio are MC-SF over the best schedule "
            "found and MC-SF over the proved lower bound; the interval of "
            "the mean is that of the bootstrap's outer ends",
            "every schedule, and the lower bound in the column "
            "checked_bound, were verified by the independent checker; that "
            "no schedule is better rests on the solver",
        ),
        same=(
            "M ~ U{30..50}, s ~ U{1..5}, o ~ U{1..M-s}",
            *(f"{model}: {ARRIVALS[model]}" for model in data),
            "the policy and the objective: total end-to-end latency in rounds",
        ),
        differs=(
            "the instances are our own draws: the paper's are not public",
            f"{settings.trials} trials of the published size, not 200, with "
            f"{settings.time_limit:g} s of {settings.solver} each on one "
            "thread, where the paper used Gurobi; the optimum is then an "
            "interval, which depends on the machine",
            f"the left panels ({settings.small_trials} instances of "
            f"{settings.small_requests} requests, "
            f"{settings.small_solver}) are not in the paper: they show a "
            "size at which the optimum can be proved",
            "how ties are broken, and that the rate is drawn once an "
            "instance, are readings of ours",
        ),
    )


def mean_of(rows: Sequence[RatioRow]) -> MeanRatio:
    """Return the mean ratio of the rows."""
    return mean_ratio([row.ratio for row in rows])


def draw(data: Mapping[str, Sizes], settings: Settings) -> Figure:
    """Draw the small size on the left, the published one on the right."""
    from matplotlib.figure import Figure

    with house_style():
        figure = Figure(figsize=(7.0, 5.0), layout="constrained")
        # One axis for all: what is near 1 is seen to be near 1.
        axes = figure.subplots(len(data), 2, squeeze=False, sharex=True)
        for line, (model, sizes) in zip(axes, data.items(), strict=True):
            numbers = [row.requests for row in sizes.large]
            for ax, rows, title in (
                (line[0], sizes.small, f"$n = {sizes.small[0].requests}$"),
                (
                    line[1],
                    sizes.large,
                    f"$n = {min(numbers)}$ to ${max(numbers)}$",
                ),
            ):
                panel(ax, rows, f"Model {model[-1]}, {title}")
                ax.axvline(
                    PUBLISHED[model].mean,
                    color=COLOURS[2],
                    linewidth=1.2,
                    label=f"P1 prints {PUBLISHED[model].mean:g}",
                )
                # Below the panel: inside, it would lie on data.
                ax.legend(
                    loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2
                )
            line[1].set_ylabel("")
        most = max(
            row.ratio.high
            for sizes in data.values()
            for row in (*sizes.small, *sizes.large)
        )
        axes[0][0].set_xlim(0.99, most + 0.01)
    return figure


def panel(ax: Axes, rows: Sequence[RatioRow], title: str) -> None:
    """Draw the histogram of one size of one model."""
    from matplotlib.ticker import MaxNLocator

    ratios = [row.ratio for row in rows]
    ends = [r.low for r in ratios], [r.high for r in ratios]
    if len(rows) < FEW:
        plot_ratio_intervals(*ends, ax)
    else:
        plot_ratio_histogram(*ends, ax)
    ax.set_title(title)
    ax.set_xlabel("MC-SF / optimum")
    ax.tick_params(labelbottom=True)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))


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
