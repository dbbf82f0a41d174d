# %% [markdown]
# # A trace of your own, to a decision
#
# You have a log of requests and a GPU. Which policy should serve them, and
# how much memory is worth paying for? This notebook answers both with
# intervals. It uses the sample that comes with kvopt; put your own file into
# `TRACE` (`kvopt trace convert` reads those of Azure, Mooncake, ShareGPT and
# BurstGPT, and any CSV by `--columns`).
#
# Run it from the project's root: `python -m notebooks.trace_to_decision`.
# Files go to `out/`.

# %%
from pathlib import Path

import kvopt
from kvopt.workloads import library

TRACE = None  # such as "day.csv"
out = Path("out")
out.mkdir(exist_ok=True)
trace = library.sample_trace() if TRACE is None else kvopt.read_trace(TRACE)
print(trace)
trace

# %% [markdown]
# ## 1. What is uncertain
#
# A trace happened once. To know whether a difference between policies is more
# than luck, we draw arrivals several times: a Poisson process of a given
# rate, a seed each. All policies see the same requests at the same times, so
# differences are paired. Rounds take as long as the clock says, here
# Llama-2-70B on two A100.

# %%
import numpy as np

from kvopt.simulation.clocks import PRESETS, clock_spec
from kvopt.workloads import instance_from_trace

clock = PRESETS["llama-2-70b-2xa100"]
RATE, SEEDS, MEMORY = 6.0, 5, 8_000


def drawn(memory, seed):
    """Return the requests of one seed, arrivals in microseconds."""
    return instance_from_trace(
        trace,
        memory,
        arrivals="poisson",
        rate=RATE,
        round_seconds=1e-6,
        drop_oversize=True,
        rng=np.random.default_rng(seed),
    )


first = drawn(MEMORY, 0)
print(f"{len(first)} requests at {RATE:g} a second, clock {clock_spec(clock)}")

# %% [markdown]
# ## 2. Which policy?
#
# Mean latency in seconds, with Student's 95 % interval, and the difference to
# first come, first served. Read the interval of the difference: if it leaves
# out 0, the sign is no accident of the arrivals.

# %%
from kvopt.analysis.comparison import row_of
from kvopt.analysis.paired import comparison_rows, seed_rows

POLICIES = ("fcfs", "vllm-like", "mc-sf", "svf")


def measured(policy, memory):
    """Return a row of metrics a seed."""
    rows = []
    for seed in range(SEEDS):
        result = kvopt.simulate(
            drawn(memory, seed), policy, seed=seed, clock=clock
        )
        assert kvopt.verify(result.instance, result.schedule).ok
        rows.append(row_of(result, None))
    return rows


rows = [row for policy in POLICIES for row in measured(policy, MEMORY)]
table = seed_rows(rows)
for row in table:
    apart = ""
    if row.difference_interval is not None:
        low, high = row.difference_interval
        apart = f", minus fcfs {row.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
    print(f"{row.policy:10} {row.mean:7.3f} s{apart}")
best = min(table, key=lambda row: row.mean)
print(f"least mean latency: {best.policy}")

# %%
from kvopt.plots import plot_comparison, save_figure

_, png = save_figure(plot_comparison(comparison_rows(rows)), out / "policies")
print(f"all metrics are in {png}")

# %% [markdown]
# ## 3. How much memory?
#
# The same requests with less and more memory, for the best policy and for
# first come, first served. Look for the size from which on more buys little:
# there the policies are nearly equal, since hardly anybody waits.

# %%
SIZES = (6_000, 7_000, 8_000, 10_000, 12_000, 16_000)


def mean_over_seeds(policy, memory):
    """Return the mean latency, in seconds."""
    return float(np.mean([row["mean"] for row in measured(policy, memory)]))


curves = {
    policy: [mean_over_seeds(policy, memory) for memory in SIZES]
    for policy in dict.fromkeys((best.policy, "fcfs"))
}
print("memory   " + "".join(f"{policy:>12}" for policy in curves))
for k, memory in enumerate(SIZES):
    cells = "".join(f"{curve[k]:10.3f} s" for curve in curves.values())
    print(f"{memory:6,}   {cells}")

# %%
from kvopt.plots import house_style, new_axis

with house_style():
    ax = new_axis()
    for (policy, curve), mark in zip(curves.items(), "os", strict=False):
        ax.plot(SIZES, curve, marker=mark, label=policy)
    ax.set_xlabel("KV-cache memory (tokens)")
    ax.set_ylabel("mean latency (s)")
    ax.set_yscale("log")
    ax.legend()
_, png = save_figure(ax.figure, out / "memory")
print(f"the curves are in {png}")

# %% [markdown]
# ## 4. The decision
#
# Enough is the smallest size whose latency is within a tenth of that with the
# most memory tried.


# %%
def enough(curve):
    """Return the smallest size that is within a tenth of the largest."""
    return next(
        memory
        for memory, mean in zip(SIZES, curve, strict=True)
        if mean <= 1.1 * curve[-1]
    )


wanted = {policy: enough(curve) for policy, curve in curves.items()}
print(f"serve with {best.policy} and {wanted[best.policy]:,} tokens of memory")
print(f"first come, first served would need {wanted['fcfs']:,}")

# %% [markdown]
# Next: `kvopt compare day.csv fcfs svf --rate 6 --figure compared` does the
# second part from the command line, `kvopt view` shows schedules round by
# round with the reason of every decision.
