# %% [markdown]
# # Solving exactly, and reading a certificate
#
# A schedule is good when nothing better exists. `kvopt.solve` looks for the
# best one and proves a lower bound; a checker that shares no code with it
# re-derives what it can. This notebook solves three instances, and shows
# which part of an answer rests on whom.
#
# Run it from the project's root, cell by cell in an editor that knows
# `# %%`, or at once: `python -m notebooks.solving_exactly`.

# %% [markdown]
# ## 1. Four requests, proved
#
# All are there at round 0. In a notebook the last line of a cell shows the
# result as a table with a picture; `print` shows the same as text.

# %%
import kvopt

tiny = kvopt.Instance.of(
    6, [(0, 1, 2), (0, 1, 2), (0, 1, 3), (0, 1, 3)], name="four requests"
)
best = kvopt.solve(tiny, workers=1)
print(best)
best

# %% [markdown]
# Look at the status. OPTIMAL is said only when the schedule found and the
# bound proved are equal. A policy that starts the shortest first is not:

# %%
greedy = kvopt.simulate(tiny, "mc-sf")
lost = greedy.objective - best.objective
print(f"MC-SF {greedy.objective}, optimum {best.objective}: {lost} lost")
greedy

# %% [markdown]
# ## 2. Two kinds of proof
#
# The bound of the result is the solver's word. The certificate is a bound
# with its argument, which the independent checker derives again from the
# instance alone. The second may be weaker: the difference is what you have to
# believe the solver.

# %%
from kvopt.check import check_bound

verdict = check_bound(tiny.document(), best.certificate.document())
print(verdict)
print(
    f"on the solver's word {best.lower_bound}, re-derived {verdict.derived}: "
    f"{best.lower_bound - verdict.derived} rounds rest on {best.solver}"
)
verdict

# %% [markdown]
# A certificate that claims one round more than its argument proves is found
# out:

# %%
from dataclasses import replace

forged = replace(best.certificate, value=verdict.derived + 1)
print(check_bound(tiny.document(), forged.document()))

# %% [markdown]
# So is a schedule that breaks a rule: here every request starts at 0. The
# checker lists all violations, not only the first.

# %%
together = kvopt.Schedule.from_starts(tiny, [0, 0, 0, 0])
print(kvopt.verify(tiny, together))

# %% [markdown]
# ## 3. Open within a time limit
#
# Fourteen requests of P1's first arrival model, half a second and one thread.
# What comes back is a schedule and a bound: the optimum lies in between, and
# so does the ratio of every policy.

# %%
import numpy as np

from kvopt.analysis import Ratio
from kvopt.workloads import Model1, model_1

harder = model_1(np.random.default_rng(0), Model1(requests=(14, 14)))
steps: list = []
found = kvopt.solve(harder, time_limit=0.5, workers=1, progress=steps.append)
print(found)
for step in steps[-4:]:
    print(
        f"  after {step.seconds:5.2f} s: at most {step.objective}, "
        f"at least {step.lower_bound}"
    )

# %%
mc_sf = kvopt.simulate(harder, "mc-sf").objective
ratio = Ratio(mc_sf, found.lower_bound, min(found.objective, mc_sf))
print(ratio)
ratio

# %% [markdown]
# ## 4. Stronger bounds that the checker re-derives
#
# Each method trades time for strength. All of these are re-derived from
# their certificates; the largest is the one to quote. The strongest of all,
# `lagrangian`, takes half a minute here and is left out.

# %%
for method in (
    "trivial",
    "area",
    "machines",
    "mean-busy-time",
    "memory-prices",
):
    bound = kvopt.lower_bound(harder, method)
    derived = check_bound(harder.document(), bound.document())
    assert derived.ok
    print(f"{method:15} {bound.value:6,}  re-derived: {derived.derived:,}")
print(f"{'schedule':15} {found.objective:6,}")

# %% [markdown]
# ## 5. Many requests, few types
#
# When requests come in few kinds, all at round 0, a dynamic program solves
# hundreds of them exactly.

# %%
from kvopt.workloads import generate

types = generate(
    "model-1",
    {"requests": "80", "memory": "16", "prompt": "1..1", "output": "2..4"},
    seed=1,
)
exact = kvopt.solve(types, "semi-online")
print(exact)
assert kvopt.verify(types, exact.schedule).ok
exact

# %% [markdown]
# Next: `kvopt solve INSTANCE --bound-out BOUND.json` writes a certificate,
# and `kvopt verify INSTANCE BOUND.json` re-derives it. Which solver proves
# what at which size is in `docs/exact.md`.
