"""Every number of the dedicated search that was tuned, with its meaning."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from kvopt.model.errors import InputError
from kvopt.model.instance import real_number, whole_number
from kvopt.model.reading import read_toml

__all__ = ["SearchParams"]


def _whole(default: int, least: int, most: int) -> Any:
    return field(default=default, metadata={"limits": (least, most)})


def _real(default: float, least: float, most: float) -> Any:
    return field(default=default, metadata={"limits": (least, most)})


@dataclass(frozen=True)
class SearchParams:
    """Parameters of the dedicated search, ``solver="search"``.

    They decide how fast the search is and what it finds before a limit; they
    decide neither what is a proof nor what is feasible. Each field has its
    default, and its least and its greatest value; values were chosen by runs
    on instances of Arrival Models 1 and 2 with 20 to 60 requests
    (``benchmarks/exact.py``). Fields in seconds are wall time.

    Raises
    ------
    InputError
        Naming the first field whose value has another type or is out of
        range.
    """

    # Memory, in shares of the memory limit.

    relaxation_memory: float = _real(0.6, 1e-3, 1.0)
    """Share for a relaxation and its guides: they hold most of the data."""
    graph_states_memory: float = _real(0.5, 1e-3, 1.0)
    """Share of that for the states of a threshold without tables."""
    label_states_memory: float = _real(0.125, 1e-3, 1.0)
    """Share for the states of the label search; with more it is left out."""
    round_memory: float = _real(0.12, 1e-3, 1.0)
    """Share for the labels of one round."""
    trace_memory: float = _real(0.2, 1e-3, 1.0)
    """Share for what is needed to follow all labels of a search back."""
    certificate_memory: float = _real(0.0625, 1e-3, 1.0)
    """Share for the tables with which a certificate is computed."""

    # The horizon: rounds after which nothing is looked at, at first.

    horizon_slack: float = _real(0.125, 0.0, 10.0)
    """Rounds above the makespan of the best schedule, as a share of it."""
    horizon_rounds: int = _whole(10, 0, 10_000)
    """Rounds on top of that, for schedules of a few rounds."""

    # Thresholds of the relaxation, from coarse to fine.

    highest_threshold: float = _real(0.25, 0.0, 1.0)
    """Coarsest threshold as a share of the memory ``M``."""
    first_states: int = _whole(5_000, 1, 10_000_000)
    """States of the first threshold: an evaluation takes milliseconds."""
    states_growth: float = _real(1.8, 1.0, 1_000.0)
    """States of a threshold over those of the one before, at least."""
    most_states: int = _whole(2_000_000, 2, 100_000_000)
    """States from which on a threshold is left out."""
    table_states: int = _whole(20_000, 1, 10_000_000)
    """States below which a finer threshold may get tables too."""
    label_states: int = _whole(1_500_000, 2, 100_000_000)
    """Multisets of usages from which on there is no label search."""
    sparse: float = _real(0.2, 0.0, 1.0)
    """Share of the states that is left when a state graph is the faster."""
    refused_gap: float = _real(0.9, 0.0, 0.99)
    """Gap, over that at which a step was too large, to try it again."""

    # Ascent of the multipliers: the volume algorithm (Barahona, Anbil 2000).

    multiplier_raise: float = _real(1.15, 0.01, 10.0)
    """First multipliers over the mean latencies in the first schedule."""
    first_step: float = _real(0.3, 1e-3, 10.0)
    """First step, as a share of the distance to the best schedule."""
    least_step: float = _real(1e-3, 1e-6, 0.5)
    """Step below which the ascent stands still: it achieves nothing."""
    step_growth: float = _real(1.1, 1.0, 10.0)
    """Factor of the step after a better value with the slope still up."""
    greatest_step: float = _real(2.0, 1e-3, 10.0)
    """Step above which it does not grow."""
    step_fall: float = _real(0.75, 0.01, 0.99)
    """Factor of the step after too many failures."""
    overflow_fall: float = _real(0.5, 0.01, 0.99)
    """Factor of the step after multipliers that were out of range."""
    patience: int = _whole(12, 1, 1_000)
    """Failures after which the step falls."""
    forgiven: int = _whole(4, 0, 1_000)
    """Failures that a better value makes good for."""
    least_share: float = _real(0.03, 1e-4, 1.0)
    """Weight of a new supergradient in the mean, at least."""
    greatest_share: float = _real(0.3, 1e-4, 1.0)
    """The same at most, as Barahona and Anbil have it."""
    least_distance: float = _real(0.002, 1e-6, 1.0)
    """Distance to the target that steps assume, as a share of the bound."""
    finer_step: float = _real(0.15, 1e-3, 10.0)
    """First step at a finer threshold, at most: multipliers are good."""
    least_finer_step: float = _real(0.02, 1e-3, 10.0)
    """First step at a finer threshold, at least; goes before the above."""
    again_step: float = _real(0.01, 1e-6, 10.0)
    """Step with which an ascent that stood still goes on."""
    remembered_paths: int = _whole(150, 1, 100_000)
    """Best paths that are kept, for the repair heuristic."""

    # Turns of ascents and prunings.

    coarse_width: int = _whole(20, 1, 10_000)
    """Rounds in a bucket of the first, coarse prices: fewer to learn."""
    coarse_buckets: int = _whole(3, 0, 10_000)
    """Buckets that the horizon must exceed for coarse prices to pay."""
    coarse_evaluations: int = _whole(80, 1, 100_000)
    """Evaluations with coarse prices."""
    first_evaluations: int = _whole(100, 1, 100_000)
    """Evaluations with narrow prices before states are deleted."""
    tiny_evaluations: int = _whole(30, 1, 100_000)
    """The same for tiny instances, which labels close almost at once."""
    tiny_steps: int = _whole(50_000, 1, 10**9)
    """States times rounds up to which an instance is tiny."""
    evaluations: int = _whole(60, 1, 100_000)
    """Evaluations between two prunings."""
    prunings: int = _whole(3, 1, 1_000)
    """Ascents with a pruning each at one threshold, in a turn."""
    table_prunings: int = _whole(8, 1, 1_000)
    """The same in tables, where one waits until a state graph is faster."""
    short_step: float = _real(0.005, 0.0, 10.0)
    """Step not worth its time while a finer threshold is still to come."""
    sampled_rounds: int = _whole(8, 1, 10_000)
    """Rounds from one that is looked at to the next, to count states."""

    # State graphs: what is left of the states.

    arcs_a_second: int = _whole(700_000, 1, 10**9)
    """Arcs for each second of the limit: their multipliers take time."""
    arcs_excess: float = _real(1.1, 0.1, 100.0)
    """Arcs foretold, over those allowed, with which a graph is given up."""
    arcs_foretold: float = _real(0.05, 0.0, 1.0)
    """Share of a coarser state graph that is covered before one foretells."""

    # Certificates: what the independent checker re-derives.

    certificate_rate: int = _whole(1_000_000, 0, 10**9)
    """States times rounds of a certificate, for each second of the limit."""
    late_certificate: int = _whole(30_000_000, 0, 10**9)
    """States times rounds of a certificate when the limit is over."""
    certificate_news: float = _real(3e-4, 0.0, 10.0)
    """Rise of the bound, as a share, that is worth another certificate."""

    # Labels: complete searches for a better bound.

    quota: int = _whole(300_000, 1, 10**9)
    """Labels of the first turn; each later one has twice as many."""
    quota_few: int = _whole(3_000_000, 1, 10**9)
    """The same for few requests, which labels close, not better bounds."""
    few_requests: int = _whole(34, 0, 1_000)
    """Requests up to which there are few."""
    limit_parts: int = _whole(12, 1, 10_000)
    """Parts of the gap; the first search looks one above the bound."""
    label_block: int = _whole(5_000, 1, 10**7)
    """Labels between two looks at the clock."""

    # Turns of the heuristics.

    heuristic_steps: int = _whole(3, 0, 10_000)
    """Steps of the heuristics in each turn of one thread alone."""
    labels_a_step: int = _whole(1_000_000, 1, 10**9)
    """Labels for each step in the thread of the proof, if there are two."""
    turn_labels: int = _whole(1_000_000, 1, 10**9)
    """Labels after which a neighbourhood search ends, with one thread."""
    children: int = _whole(20, 1, 10_000)
    """Schedules that are bred in a step."""
    labels_a_child: int = _whole(250_000, 1, 10**9)
    """Labels of neighbourhood searches for each: most time goes to them."""
    lns_best: float = _real(0.4, 0.0, 1.0)
    """Share of the neighbourhood searches that begin at the best schedule."""

    # Neighbourhood searches: large-neighbourhood search by labels.

    lns_sizes: tuple[tuple[int, int], ...] = field(
        default=((4, 3), (6, 4), (8, 6), (12, 8), (16, 12)),
        metadata={"limits": (0, 10_000)},
    )
    """Pairs, small to large: requests that may change places, and rounds
    that all may move."""
    lns_size_mean: float = _real(2.0, 1e-3, 1_000.0)
    """Mean place in that list, exponential: small ones win more for their
    time."""
    beam: int = _whole(3_000, 1, 1_000_000)
    """Labels that a neighbourhood search keeps in a round."""
    beam_excess: int = _whole(60, 1, 1_000)
    """Labels of a round before that, for each that is kept."""
    lns_labels: int = _whole(5_000_000, 1, 10**9)
    """Labels without success after which a neighbourhood search ends."""
    search_labels: int = _whole(50_000, 1, 10**9)
    """Labels for which each of its label searches counts, at least."""

    # Repair: orders from the paths of the relaxation.

    early_cost: float = _real(20.0, 0.0, 1e6)
    """Cost of a place before the arrival, in units of memory."""

    # Population.

    population: int = _whole(20, 2, 10_000)
    """Schedules of a population."""
    child_moves: int = _whole(250, 1, 1_000_000)
    """Annealing moves of a child for each request."""
    child_work: int = _whole(100_000_000, 1, 10**12)
    """Requests placed, times those that run, for a child at most."""
    first_heat: float = _real(0.5, 1e-3, 100.0)
    """First temperature of first schedules, as a share of mean output."""
    child_heat: float = _real(0.03, 1e-3, 100.0)
    """The same of children, and of all that are made from a path."""
    hot_child_heat: float = _real(0.1, 1e-3, 100.0)
    """The same of every other child, at random."""
    first_noise: float = _real(0.5, 0.0, 1.0)
    """How far the outputs that order first schedules are lowered."""
    stale: int = _whole(10, 1, 10_000)
    """Populations of children in a row without success that end one."""
    elite: int = _whole(5, 1, 10_000)
    """Best schedules of earlier populations that are remembered."""
    fitted: int = _whole(6, 0, 10_000)
    """Populations of first schedules that are made from paths."""
    models: float = _real(0.4, 0.0, 1.0)
    """Share of the other children with a path for a parent."""

    # Annealing over orders with delays.

    anneal_pause: float = _real(0.1, 1e-4, 10.0)
    """Seconds between two looks at the clock; schedules do not depend on
    it."""
    cooling: float = _real(20.0, 1.0, 1e6)
    """First temperature over the last."""
    shift_moves: float = _real(0.45, 0.0, 1.0)
    """Share of the moves that take a request to another place."""
    near_shifts: float = _real(0.6, 0.0, 1.0)
    """Share of these that go to a place near by."""
    near_places: int = _whole(8, 1, 10_000)
    """Places up to which one is near by."""
    swap_moves: float = _real(0.3, 0.0, 1.0)
    """Share of the moves that swap two requests."""
    block_moves: float = _real(0.1, 0.0, 1.0)
    """Share of the moves that take some neighbours elsewhere; the shares
    leave the rest to delays."""
    longest_block: int = _whole(4, 2, 10_000)
    """Neighbours that move together, at most."""
    delay_cuts: float = _real(0.6, 0.0, 1.0)
    """Share of the moves of a positive delay that make it smaller."""
    delay_ends: float = _real(0.5, 0.0, 1.0)
    """Share of these that make it zero; the others take one away."""
    delay_steps: float = _real(0.5, 0.0, 1.0)
    """Share of the moves to a greater delay that add one."""
    longest_delay: int = _whole(3, 1, 10_000)
    """Fitting starts that the others add, at most."""

    def __post_init__(self) -> None:
        for own in fields(self):
            value = _checked(own, getattr(self, own.name))
            object.__setattr__(self, own.name, value)
        if self.shift_moves + self.swap_moves + self.block_moves > 1:
            raise InputError(
                "with shift_moves and swap_moves it must be at most 1",
                field="block_moves",
                value=self.block_moves,
            )

    @classmethod
    def from_document(cls, document: Any, where: str = "") -> SearchParams:
        """Return the parameters that a table gives, else their defaults.

        Parameters
        ----------
        document
            Values by the names of the fields.
        where
            File or place that errors name.

        Raises
        ------
        InputError
            Naming the first field that is unknown, or whose value has
            another type or is out of range.
        """
        if not isinstance(document, Mapping):
            raise InputError(
                "must be a table", field="params", value=document, where=where
            )
        names = [own.name for own in fields(cls)]
        for name, value in document.items():
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise InputError(
                    f"unknown search parameter{hint}",
                    field=name,
                    value=value,
                    where=where,
                )
        try:
            return cls(**document)
        except InputError as error:
            raise error.at(where) from None

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> SearchParams:
        """Return the parameters of a TOML file.

        Raises
        ------
        InputError
            As :meth:`from_document`, naming the file; also when it cannot be
            read.
        """
        return cls.from_document(read_toml(path), os.fspath(path))

    def document(self) -> dict[str, Any]:
        """Return all values by name, as plain JSON."""
        return {**asdict(self), "lns_sizes": [*map(list, self.lns_sizes)]}


def _checked(own: Field[Any], value: Any) -> Any:
    limits = own.metadata["limits"]
    if isinstance(own.default, int):
        return whole_number(value, own.name, *limits)
    if isinstance(own.default, float):
        return real_number(value, own.name, *limits)
    pairs = isinstance(value, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in value
    )
    if not pairs or not value:
        raise InputError(
            "must be a list of pairs of integers", field=own.name, value=value
        )
    return tuple(
        (
            whole_number(few, f"{own.name}[{k}][0]", 1, limits[1]),
            whole_number(away, f"{own.name}[{k}][1]", *limits),
        )
        for k, (few, away) in enumerate(value)
    )
