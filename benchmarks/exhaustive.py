"""Worst ratios over all tiny instances, proved by enumeration.

Writes ``results/exhaustive.csv``, one row for a policy and a size, and with
``--witnesses`` a ``kvopt-witness/1`` file for the worst instance of each
policy; the figure ``ours_worst_ratios`` draws them. Rows that are there are
kept: stopped at any moment, the next call goes on with the next group of
policies and size. There are no random numbers.

    nice python -m benchmarks.exhaustive              # what is missing
    python -m benchmarks.exhaustive --tables          # those of the docs
    python -m benchmarks.exhaustive --witnesses DIR   # witness files
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvopt.adversary.exhaustive import Space, Worst, witness_of, worst_ratios
from kvopt.analysis import read_rows, write_rows
from kvopt.check import check_witness
from kvopt.model import save_witness
from kvopt.policies import names, parse_policy

OUT = Path(__file__).parent / "results" / "exhaustive.csv"

# Compositions without a plan run compiled, at every size.
COMPILED = (
    "mc-sf",
    "mc-benchmark",
    "alpha-greedy",
    "alpha-beta-clearing",
    "fcfs",
    "sf",
    "peak-order",
    "a-max:order=arrival",
    "a-min",
    "h-sf",
    "vllm-like",
    "svf",
)
# Few multisets are run: they have a close bound, see docs/exhaustive.md.
BOUNDED = (
    *("gba", "gba-d", "gsa", "gsa-spec"),
    *("a-l", "two-point-rule"),
    *("sorted-f", "receding-horizon"),
)
# A run takes milliseconds: those of the linear program.
LINEAR = ("sorted-lp", "lp-swap")
DEEP = ("mc-sf", "svf")
ARRIVALS = ("mc-sf",)
# Sizes begin with this memory.
LEAST_MEMORY = 2


@dataclass(frozen=True)
class WorstRow:
    """One :class:`kvopt.adversary.exhaustive.Worst`, flat.

    ``worst`` lists the instance as ``a:s:o`` requests between spaces.
    """

    policy: str
    prompts: str
    latest_arrival: int
    requests: int
    memory: int
    cost: int | None
    optimum: int
    ratio: float | None
    instances: int
    runs: int
    worst: str

    @property
    def space(self) -> Space:
        """The space that was enumerated."""
        return Space(
            self.requests,
            self.memory,
            self.prompts == "equal",
            self.latest_arrival,
        )

    @property
    def found(self) -> Worst:
        """What the row was made of."""
        types = [f"{a}:{s}:{o}" for a, s, o in self.space.types]
        return Worst(
            policy=self.policy,
            space=self.space,
            listing=tuple(map(types.index, self.worst.split())),
            cost=self.cost,
            optimum=self.optimum,
            instances=self.instances,
            runs=self.runs,
        )


def row_of(worst: Worst) -> WorstRow:
    """Return the row of a worst ratio."""
    space, ratio = worst.space, worst.ratio
    return WorstRow(
        policy=worst.policy,
        prompts="equal" if space.equal_prompts else "free",
        latest_arrival=space.latest_arrival,
        requests=space.requests,
        memory=space.memory,
        cost=worst.cost,
        optimum=worst.optimum,
        ratio=None if ratio is None else float(ratio),
        instances=worst.instances,
        runs=worst.runs,
        worst=" ".join(f"{a}:{s}:{o}" for a, s, o in worst.instance),
    )


def plan() -> Iterator[tuple[Sequence[str], Space]]:
    """Yield policies and spaces, the cheap ones first."""

    def sizes(most: int, memory: int) -> Iterator[tuple[int, int]]:
        for n in range(2, most + 1):
            for m in range(2, memory + 1):
                yield n, m

    def spaces(
        policies: Sequence[str], equal: tuple[int, int], free: tuple[int, int]
    ) -> Iterator[tuple[Sequence[str], Space]]:
        for prompts, size in ((True, equal), (False, free)):
            for n, m in sizes(*size):
                yield policies, Space(n, m, prompts)

    yield from spaces(COMPILED, (5, 8), (4, 8))
    yield from spaces(("sps",), (5, 8), (4, 8))
    yield from spaces(BOUNDED, (4, 8), (3, 8))
    yield from spaces(LINEAR, (4, 8), (3, 8))
    for n, m in sizes(4, 6):
        yield ARRIVALS, Space(n, m, True, 6)
    for n, m in sizes(3, 6):
        yield ARRIVALS, Space(n, m, False, 6)
    for m in range(2, 9):
        yield COMPILED, Space(5, m, False)
        yield ("sps",), Space(5, m, False)
    for m in range(2, 8):
        yield DEEP, Space(6, m, False)
    for m in range(2, 7):
        yield ARRIVALS, Space(4, m, False, 6)
    # One policy at a time: each takes minutes.
    for policy in BOUNDED:
        yield from spaces((policy,), (5, 8), (5, 8))
    yield from spaces(LINEAR, (5, 8), (4, 8))
    for m in range(2, 9):
        yield ("lp-swap",), Space(5, m, False)
    for m in range(2, 9):
        yield (*COMPILED, "sps", *BOUNDED, "lp-swap"), Space(6, m, True)
    for m in range(2, 6):
        yield (*COMPILED, "sps", *BOUNDED), Space(6, m, False)
    # Little is known of its orders: up to half of the multisets are run.
    for m in range(2, 9):
        yield ("sorted-lp",), Space(5, m, False)


def run(out: Path) -> None:
    """Enumerate what has no row yet."""
    rows = read_rows(WorstRow, out) if out.exists() else []
    known = {(row.policy, row.space) for row in rows}
    for policies, space in plan():
        missing = [p for p in policies if (p, space) not in known]
        if not missing:
            continue
        print(f"{space}: {', '.join(missing)}", file=sys.stderr, flush=True)
        began = time.process_time()
        found = worst_ratios([parse_policy(p) for p in missing], space)
        rows += map(row_of, found)
        known |= {(p, space) for p in missing}
        write_rows(rows, WorstRow, out)
        spent = time.process_time() - began
        print(f"  {spent:.1f} s of CPU", file=sys.stderr, flush=True)


def worst_of(rows: Sequence[WorstRow]) -> list[WorstRow]:
    """Return the row of the largest ratio of each policy and kind."""
    best: dict[tuple[str, str, int], WorstRow] = {}
    for row in rows:
        if row.ratio is None:
            continue
        key = row.policy, row.prompts, row.latest_arrival
        if key not in best or row.ratio > (best[key].ratio or 0):
            best[key] = row
    return list(best.values())


def write_witnesses(rows: Sequence[WorstRow], folder: Path) -> None:
    """Write and check a witness for the largest ratio of each policy."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in worst_of(rows):
        name = row.policy.partition(":")[0]
        late = "-arrivals" if row.latest_arrival else ""
        witness = witness_of(row.found)
        verdict = check_witness(witness.document())
        assert verdict.ok, verdict.lines()
        save_witness(witness, folder / f"{name}-{row.prompts}{late}.json")


def names_of(rows: Sequence[WorstRow]) -> list[str]:
    """Return the policies, the largest worst ratio last."""
    order = (*DEEP, *COMPILED, *BOUNDED, *LINEAR, "sps")
    there = {row.policy for row in rows}
    worst: dict[str, float] = {}
    for row in rows:
        if row.requests <= 3 and row.prompts == "free":
            ratio = math.inf if row.ratio is None else row.ratio
            worst[row.policy] = max(worst.get(row.policy, 0), ratio)
    known = [name for name in dict.fromkeys(order) if name in there]
    return sorted(known, key=lambda name: worst.get(name, 0))


def without_row(rows: Sequence[WorstRow]) -> list[str]:
    """Return the policies that were never enumerated, by name."""
    there = {row.policy.partition(":")[0] for row in rows}
    return sorted(set(names()) - there)


def print_tables(rows: Sequence[WorstRow]) -> None:
    """Print what docs/exhaustive.md lists, in Markdown."""
    print("| policy | prompts | arrivals | n, M | ratio | worst instance |")
    print("|---|---|---|---|---|---|")
    for row in sorted(worst_of(rows), key=lambda r: (r.policy, r.prompts)):
        late = f"0..{row.latest_arrival}" if row.latest_arrival else "0"
        print(
            f"| `{row.policy}` | {row.prompts} | {late} | {row.requests}, "
            f"{row.memory} | {row.cost}/{row.optimum} = {row.ratio:.4f} | "
            f"`{row.worst}` |"
        )
    unbounded = {row.policy for row in rows if row.ratio is None}
    print("never finish on some instance:", *sorted(unbounded))
    print("no row:", *without_row(rows))
    print_reach(rows)


def print_reach(rows: Sequence[WorstRow]) -> None:
    """Print up to which sizes all rows are there, policies alike in a line."""
    reach: dict[tuple[str, str, int], dict[int, int]] = {}
    for row in sorted(rows, key=lambda row: row.memory):
        kind = row.policy, row.prompts, row.latest_arrival
        most = reach.setdefault(kind, {})
        if row.memory == most.get(row.requests, LEAST_MEMORY - 1) + 1:
            most[row.requests] = row.memory
    alike: dict[tuple[str, int, str], list[str]] = {}
    for (policy, prompts, late), most in sorted(reach.items()):
        sizes = ", ".join(f"{n}: {m}" for n, m in sorted(most.items()))
        alike.setdefault((prompts, late, sizes), []).append(f"`{policy}`")
    print("| prompts | arrivals | n: largest M | policies |")
    print("|---|---|---|---|")
    for (prompts, late, sizes), named in sorted(alike.items()):
        arrivals = f"0..{late}" if late else "0"
        print(f"| {prompts} | {arrivals} | {sizes} | {', '.join(named)} |")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--witnesses", type=Path)
    options = parser.parse_args()
    if options.tables or options.witnesses:
        rows = read_rows(WorstRow, options.out)
        if options.tables:
            print_tables(rows)
        if options.witnesses:
            write_witnesses(rows, options.witnesses)
        return
    run(options.out)


if __name__ == "__main__":
    main()
