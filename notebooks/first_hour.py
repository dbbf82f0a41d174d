# %% [markdown]
# # A first hour with kvopt
#
# Requests to a language model hold memory (the KV cache) that grows by one
# unit a round until they finish. We make a small instance, schedule it with
# policies of the literature, look at the memory, solve it exactly, find a bad
# instance, and check a published claim.
#
# Run it from the project's root, cell by cell in an editor that knows
# `# %%`, or at once: `python -m notebooks.first_hour`. Files go to `out/`.

# %% [markdown]
# ## 1. An instance
#
# Four requests, all present at round 0, with a prompt of 1. A request that
# starts at round `p` is active in rounds `p+1 .. p+o` and holds `s + (t-p)`
# units in round `t`.

# %%
from pathlib import Path

import kvopt

out = Path("out")
out.mkdir(exist_ok=True)
instance = kvopt.Instance.of(
    6, [(0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 3)], name="four requests"
)
print(f"{len(instance)} requests, M = {instance.memory}")
print("largest memory of each:", instance.peak.tolist())

# %% [markdown]
# ## 2. Policies
#
# MC-SF starts the shortest request whose future fits; MC-Benchmark takes them
# in order of arrival; FCFS reserves the largest memory from the start.

# %%
for policy in ("mc-sf", "mc-benchmark", "fcfs"):
    result = kvopt.simulate(instance, policy)
    verdict = kvopt.verify(instance, result.schedule)
    assert verdict.ok
    starts = result.schedule.starts(instance).tolist()
    print(f"{policy:13} total latency {result.objective}, starts {starts}")

# %% [markdown]
# `verify` is the independent checker: it shares no code with the simulator,
# and adds up every unit again.

# %% [markdown]
# ## 3. The memory, as a picture

# %%
from kvopt.plots import plot_memory, save_figure

mc_sf = kvopt.simulate(instance, "mc-sf").schedule
save_figure(plot_memory(instance, mc_sf).figure, out / "mc-sf")

# %% [markdown]
# ## 4. The optimum, and the ratio
#
# `solve` always returns a schedule and a lower bound. It says OPTIMAL only
# when they meet.

# %%
best = kvopt.solve(instance, time_limit=10)
print(best.status.value, best.objective, "bound", best.lower_bound)
assert kvopt.verify(instance, best.schedule).ok

# %%
from kvopt.analysis import Ratio

ratio = Ratio(
    objective=mc_sf.total_latency(instance),
    lower_bound=best.lower_bound,
    best=best.objective,
)
print(f"MC-SF / optimum = {ratio.low:.4f}, proved: {ratio.proved}")

# %% [markdown]
# When the optimum is open, the ratio is an interval. Seven requests of P1's
# Arrival Model 1 and a tenth of a second will often leave one:

# %%
import numpy as np

from kvopt.workloads import Model1, model_1

harder = model_1(np.random.default_rng(0), Model1(requests=(7, 7)))
found = kvopt.solve(harder, time_limit=0.1, workers=1)
open_ratio = Ratio(
    objective=kvopt.simulate(harder, "mc-sf").objective,
    lower_bound=found.lower_bound,
    best=found.objective,
)
print(f"{found.status.value}: {open_ratio.low:.4f} to {open_ratio.high:.4f}")

# %% [markdown]
# ## 5. A bad instance, found by search
#
# The search keeps the instance, MC-SF's schedule and a better one in a
# witness file, which the checker accepts or rejects on its own.

# %%
from kvopt.adversary import (
    Conditions,
    Evaluations,
    PolicyRatio,
    run_search,
    witness,
)
from kvopt.check import check_witness_file
from kvopt.policies import parse_policy

conditions = Conditions(requests=5, memory=8, equal_prompts=True)
objective = PolicyRatio(parse_policy("mc-sf"), conditions)
bad = run_search(objective, Evaluations(1000), seed=0).best
kvopt.save_witness(witness(bad, objective), out / "witness.json")
print(check_witness_file(out / "witness.json"))

# %% [markdown]
# ## 6. A claim of the literature
#
# P1 v2 said that shortest-first is exactly optimal when all requests are
# present at 0. The ledger recomputes that, with rules and a search of its
# own.

# %%
from proofs_check.ledger import all_claims

claim = all_claims()[0]["P1v2-semi-online"]
finding = claim.check()
print(claim.statement)
print(finding.verdict.value, "-", finding.evidence)

# %% [markdown]
# Next: `kvopt --help` for the same from the command line, and
# `python -m paper_figures --out out` for the figures of the papers.
