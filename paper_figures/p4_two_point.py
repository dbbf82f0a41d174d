"""P4: a few long requests before many short ones, lengths unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kvopt.analysis.seeds import task_rng
from kvopt.check.gate import verified_bound, verified_latency
from kvopt.exact import lower_bound
from kvopt.model import Instance
from kvopt.plots import (
    ScalingCurve,
    house_style,
    plain_log_ticks,
    plot_scaling,
)
from kvopt.simulation import simulate
from kvopt.workloads.families.two_point import PUBLISHED_TWO_POINT, two_point
from kvopt.workloads.predictions.intervals import with_common_interval
from paper_figures.frame.figure import Findings
from paper_figures.frame.serving import estimate, label
from paper_figures.frame.work import Work

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FULL",
    "SECONDS",
    "Settings",
    "TwoPointRow",
    "data",
    "describe",
    "draw",
]

POLICIES = ("vllm-like", "a-min:update=continuous", "gsa", "mc-sf")
# P4's instance: mean latencies that our readings give, in rounds.
PUBLISHED_OUTPUT = PUBLISHED_TWO_POINT.long_output
GUARANTEE = 61.92

SECONDS = 6.0


@dataclass(frozen=True)
class Settings:
    """How long the long requests are, and how they are listed.

    Parameters
    ----------
    outputs
        Outputs of the long requests, in tokens; P4's is 160.
    seeds
        Number of random orders of the requests.
    seed
        Seed of the first; the others follow.
    """

    outputs: tuple[int, ...] = (20, 40, 80, 160, 320, 640)
    seeds: int = 5
    seed: int = 0


FULL = Settings(outputs=(20, 40, 80, 160, 320, 640, 1280, 2560), seeds=20)


@dataclass(frozen=True)
class TwoPointRow:
    """One policy on one order of the requests; latencies in rounds.

    ``order`` is "long first", or "random" with its seed.
    """

    output: int
    order: str
    seed: int
    policy: str
    total: int
    bound: int
    cancelled: int


def data(settings: Settings, work: Work) -> list[TwoPointRow]:
    """Run every policy on every instance."""

    def compute() -> list[TwoPointRow]:
        return [
            row
            for output in sorted(settings.outputs)
            for row in rows_of(output, settings)
        ]

    return work.kept_rows(settings, TwoPointRow, compute)


def rows_of(output: int, settings: Settings) -> list[TwoPointRow]:
    """Run the policies on all orders of the requests with an output."""
    # The long ones still fill the memory alone.
    params = replace(
        PUBLISHED_TWO_POINT,
        long_output=output,
        memory=PUBLISHED_TWO_POINT.prompt + output,
    )
    given = with_common_interval(two_point(params), 1, output)
    orders = [("long first", settings.seed, given)]
    for seed in range(settings.seed, settings.seed + settings.seeds):
        orders.append(("random", seed, shuffled(given, seed)))
    rows = []
    for order, seed, instance in orders:
        bound = verified_bound(instance, lower_bound(instance))
        for policy in POLICIES:
            result = simulate(instance, policy)
            rows.append(
                TwoPointRow(
                    output,
                    order,
                    seed,
                    policy,
                    verified_latency(result.instance, result.schedule),
                    bound,
                    int(result.records["cancellations"].sum()),
                )
            )
    return rows


def shuffled(instance: Instance, seed: int) -> Instance:
    """Return the same requests in a random order, told one interval."""
    order = task_rng(seed, 0).permutation(len(instance))
    mixed = Instance(
        instance.memory,
        instance.arrival,
        instance.prompt[order],
        instance.output[order],
    )
    return with_common_interval(mixed, 1, int(instance.output.max()))


def ratios(
    rows: Sequence[TwoPointRow], policy: str, order: str, output: int
) -> list[float]:
    """Return total latency over the lower bound, one a run."""
    return [
        row.total / row.bound
        for row in rows
        if (row.policy, row.order, row.output) == (policy, order, output)
    ]


def ranked(rows: Sequence[TwoPointRow], order: str, output: int) -> str:
    """Name the policies with their mean ratios, the least first."""
    found = {
        label(policy): float(np.mean(ratios(rows, policy, order, output)))
        for policy in POLICIES
    }
    best_first = sorted(found, key=lambda name: found[name])
    return ", ".join(f"{name} {found[name]:.2f}" for name in best_first)


def describe(data: Sequence[TwoPointRow], settings: Settings) -> Findings:
    """Say who gets stuck."""
    outputs = sorted(settings.outputs)
    lines = [
        (
            label(policy),
            order,
            *(
                f"{np.mean(ratios(data, policy, order, output)):.2f}"
                for output in outputs
            ),
        )
        for order in ("long first", "random")
        for policy in POLICIES
    ]
    worst = max(
        ratio
        for order in ("long first", "random")
        for output in outputs
        for ratio in ratios(data, "gsa", order, output)
    )
    return Findings(
        "P4: the two-point instance",
        proved=(
            f"GSA stays within {worst:.2f} of a proved lower bound on every "
            f"order and length; its guarantee is {GUARANTEE}",
        ),
        not_proved=(),
        numbers={
            "settings": asdict(settings),
            "rows": [asdict(row) for row in data],
        },
        table=(
            ("policy", "order", *(f"o = {o}" for o in outputs)),
            lines,
        ),
        ok=worst <= GUARANTEE,
        shows="Total latency over a proved lower bound against the output of "
        "the six long requests beside 194 short ones; long ones first "
        f"(left), in {settings.seeds} random orders with 95 % interval "
        "(right)",
        original="P4 (arXiv 2601.22996), experiments, the adversarial "
        f"two-point instance (at o = {PUBLISHED_OUTPUT}, dotted)",
        notes=(
            *(
                f"{order} at an output of {output}: "
                + ranked(data, order, output)
                for order in ("long first", "random")
                for output in outputs
                if output in (PUBLISHED_OUTPUT, outputs[-1])
            ),
            "the vLLM-like rule protects what came first: the short requests "
            "wait for the long ones",
            "MC-SF knows all lengths, the others none; A_min is told that "
            "all lie between 1 and the largest",
        ),
        same=(
            "prompts of 96, six long requests and 194 of one token; at 160 "
            "M = 256, as published",
        ),
        differs=(
            "P4 has one length; M is 96 + o throughout",
            "GSA's growth of 2 from slices of 1, and that the long ones come "
            "first, are readings of ours",
        ),
    )


def draw(data: Sequence[TwoPointRow], settings: Settings) -> Figure:
    """Draw the ratios, a panel for each kind of order."""
    from matplotlib.figure import Figure

    outputs = np.array(sorted(settings.outputs))
    with house_style():
        figure = Figure(figsize=(7.0, 3.0), layout="constrained")
        axes = figure.subplots(1, 2, sharey=True)
        for ax, order in zip(axes, ("long first", "random"), strict=True):
            curves = []
            for policy in POLICIES:
                points = [
                    estimate(
                        found := ratios(data, policy, order, o), min(found)
                    )
                    for o in outputs.tolist()
                ]
                low, mean, high = np.array(points).T
                curves.append(
                    ScalingCurve(
                        label(policy), outputs, mean, np.array([low, high])
                    )
                )
            plot_scaling(
                curves,
                ax,
                "output of the long ones (tokens)",
                "total latency / lower bound",
            )
            ax.get_legend().remove()
            ax.axvline(
                PUBLISHED_OUTPUT, color="#777777", linestyle="dotted", zorder=0
            )
            plain_log_ticks(ax.yaxis)
            ax.set_xticks(outputs, outputs)
            ax.minorticks_off()
            ax.set_title(f"{order}")
        axes[1].set_ylabel("")
        figure.legend(
            *axes[0].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=4,
        )
    return figure
