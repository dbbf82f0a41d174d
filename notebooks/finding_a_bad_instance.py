# %% [markdown]
# # Finding a bad instance
#
# How much can a policy lose against the best schedule? A search proposes
# instances, an exact optimum or a bound judges them, and a witness file keeps
# the worst one, so that anybody can check it without us.
#
# Run it from the project's root: `python -m notebooks.finding_a_bad_instance`.
# Files go to `out/`.

# %% [markdown]
# ## 1. Say what counts
#
# SVF starts the request of least volume first (memory times rounds). We look
# for at most twelve requests, all there at round 0, in a memory of at most 24.

# %%
from pathlib import Path

import kvopt
from kvopt.adversary import (
    Conditions,
    Evaluations,
    PolicyRatio,
    run_search,
    witness,
)
from kvopt.policies import parse_policy

out = Path("out")
out.mkdir(exist_ok=True)
conditions = Conditions(requests=12, memory=24)
objective = PolicyRatio(parse_policy("svf"), conditions)

# %% [markdown]
# ## 2. Search
#
# Two thousand instances, the same ones for the same seed. Look at the two
# schedules: SVF's above, the better one below.

# %%
result = run_search(objective, Evaluations(2000), seed=0)
print(result)
result

# %% [markdown]
# ## 3. Shrink
#
# A smaller instance says more. Each step removes requests or lowers a number,
# and is kept if nine tenths of the ratio are left.

# %%
from kvopt.adversary import minimise

assert result.best is not None
recipe = result.best.recipe
score = objective.score(recipe, 1.0)
assert score is not None
small = minimise(recipe, score, objective, Evaluations(500), keep=0.9)
print(f"{recipe.requests} requests before, {small.recipe.requests} after")
print(f"ratio {score.ratio:.4f} before, {small.score.ratio:.4f} after")
print(small.recipe)

# %% [markdown]
# ## 4. Keep evidence
#
# A witness has the instance, both schedules and why the second is optimal.
# The checker adds up everything again.

# %%
from kvopt.check import check_witness_file

evidence = witness(objective.finding(small.recipe, small.score), objective)
kvopt.save_witness(evidence, out / "svf-witness.json")
verdict = check_witness_file(out / "svf-witness.json")
print(verdict)
evidence

# %% [markdown]
# Evidence that was tampered with is refused: here a reference cost that is
# one lower than the schedule's.

# %%
import json

forged = json.loads((out / "svf-witness.json").read_text(encoding="utf-8"))
forged["reference_cost"] -= 1
(out / "forged.json").write_text(json.dumps(forged), encoding="utf-8")
refused = check_witness_file(out / "forged.json")
print(refused.lines()[0])
assert not refused.ok

# %% [markdown]
# ## 5. Nothing worse?
#
# For tiny instances we need not search: all of them can be looked at. This is
# the worst ratio of three policies over *every* instance of three requests
# with a memory of 6.

# %%
from kvopt.adversary.exhaustive import Space, worst_ratios

space = Space(requests=3, memory=6, equal_prompts=False)
for worst in worst_ratios(
    [parse_policy(name) for name in ("mc-sf", "svf", "fcfs")], space
):
    print(
        f"{worst.policy:6} {worst.ratio} = {float(worst.ratio):.4f} over "
        f"{worst.instances:,} instances"
    )

# %% [markdown]
# ## 6. Why it loses
#
# The reference engine says why each request started or waited.

# %%
explained = kvopt.simulate(evidence.instance, "svf", explain=True)
for reason in explained.reasons[:8]:
    print(
        f"round {reason.round}, request {reason.request} {reason.action}s: "
        f"{reason.text}"
    )

# %% [markdown]
# Next: `kvopt adversary POLICY --budget 60s` searches from the command line,
# `docs/adversary.md` has the worst instances known, and `kvopt game` asks
# what no online policy can do better than.
