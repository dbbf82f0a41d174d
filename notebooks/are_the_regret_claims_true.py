# %% [markdown]
# # Are the regret claims true?
#
# P1 (arXiv 2502.07115), versions 1 and 2, claims constant regret for
# stochastic arrivals; versions 4 and 5 do not repeat it. Regret is the total
# latency of MC-SF minus that of the best schedule in hindsight. Does it stay
# bounded as the horizon grows? We measure it against optima that are proved,
# and ask the ledger what is known.
#
# Run it from the project's root:
# `python -m notebooks.are_the_regret_claims_true`.

# %% [markdown]
# ## 1. A worker, and what it can sustain
#
# Requests of three types, `(s, o) = (1,1), (1,3), (1,5)`, arrive at random at
# a given rate; the memory is 9. The load by area says how much of the memory
# they would fill; the capacity is the rate that some policy can sustain.

# %%
from dataclasses import replace

from kvopt.experiments.regret.load import area_load, capacity
from kvopt.experiments.regret.runs import Setting

base = Setting()
most = capacity(base.types, base.mix)
print(f"capacity {most:.3f} requests a round")
rates = (0.25, 0.7)
for rate in rates:
    area, share = area_load(base.types, base.mix, rate), rate / most
    print(f"rate {rate}: {area:.0%} of the area, {share:.0%} of the capacity")

# %% [markdown]
# ## 2. Regret, run by run
#
# Twelve runs a rate and horizon; the policy and the hindsight optimum see the
# same arrivals. An optimum that is not proved would enter as an interval.

# %%
from kvopt.experiments.regret.runs import (
    OPTIMUM,
    regret_tasks,
    run_regret_task,
)
from kvopt.experiments.regret.table import regret_table

horizons = (20, 40, 80, 160, 320)
settings = [replace(base, rate=rate) for rate in rates]
tasks = regret_tasks(settings, horizons, 12, ("mc-sf",), seed=0)
rows = [run_regret_task(task) for task in tasks]
optima = [row for row in rows if row.policy == OPTIMUM]
proved = sum(row.status == "PROVED" for row in optima)
print(f"{proved} of {len(optima)} hindsight optima proved")

cells = regret_table(rows)
print("rate  horizon   total regret                per request")
for cell in cells:
    print(
        f"{cell.rate:4}  {cell.horizon:7}   {cell.text('total'):26}  "
        f"{cell.text('each')}"
    )

# %% [markdown]
# Look down the column of total regret: at each rate it grows with the
# horizon. Constant it would stay where it is. From the first horizon to the
# last, in total and per request:

# %%
for rate in rates:
    own = [cell for cell in cells if cell.rate == rate]
    first, last = own[0], own[-1]
    print(
        f"rate {rate}: horizon times {last.horizon // first.horizon}, total "
        f"regret {first.total_low:.2f} -> {last.total_low:.2f}, per request "
        f"{first.each_low:.3f} -> {last.each_low:.3f}"
    )

# %% [markdown]
# ## 3. One run, looked at
#
# Where does the loss come from? MC-SF starts a short request at once; the
# optimum leaves room for what will come. Here is MC-SF on a short run at the
# high rate, with its first reasons: look for white space below the limit.

# %%
import kvopt
from kvopt.experiments.regret.runs import regret_instance

one = next(t for t in tasks if t.rate == rates[-1] and t.horizon == 20)
instance = regret_instance(one)
result = kvopt.simulate(instance, "mc-sf", explain=True)
print(result)
for reason in result.reasons[:6]:
    print(
        f"  round {reason.round}, request {reason.request}: {reason.action}, "
        f"{reason.text}"
    )
result

# %% [markdown]
# ## 4. What is proved
#
# Measuring suggests; it proves nothing about all horizons. The ledger holds
# the claim in each of its readings, and a verdict that rests on a theorem or
# on evidence that its own checker accepts.

# %%
from proofs_check.ledger import all_claims
from proofs_check.record import best, read

claims, _ = all_claims()
recorded = read()
for name in sorted(n for n in claims if n.startswith("P1v2-regret")):
    verdict = best(recorded[name])["verdict"]
    print(f"{name}: {verdict}")
    print(f"  {claims[name].statement}")

# %% [markdown]
# Next: `docs/claims/constant-regret.md` has the theorems, the measurements to
# horizon 5,120 and the commands that made them; `kvopt figures p1v2_regret`
# draws the curves.
