# %% [markdown]
# # Your own policy, from file to figure
#
# A policy is a file. We write one, have the contract check play it, compare
# it with the published ones on a sample, draw the comparison, and look for an
# instance on which it is bad.
#
# Run it from the project's root: `python -m notebooks.your_own_policy`.
# Files go to `out/`.

# %% [markdown]
# ## 1. Write it
#
# Four choices make a policy: the order of the queue, the admission test, what
# happens on overflow, and what is believed of lengths. Ours takes the request
# with the smallest peak first, and passes over those that do not fit.
# `kvopt/policies/TEMPLATE.py` is the file to copy.

# %%
from pathlib import Path

out = Path("out")
out.mkdir(exist_ok=True)
source = '''
"""Smallest peak first, passing over what does not fit."""

from dataclasses import dataclass
from typing import ClassVar

from kvopt.policies.base import Arrivals, InformationModel, PolicyInfo
from kvopt.policies.choices import Belief, Impossible, LookAhead, Order
from kvopt.policies.composed import ComposedPolicy, Composition


@dataclass(frozen=True)
class SmallPeak(ComposedPolicy):
    """Smallest peak first."""

    info: ClassVar[PolicyInfo] = PolicyInfo(
        name="small-peak",
        title="Smallest peak first",
        summary="smallest peak first, passing over what does not fit",
        paper="ours",
        information=InformationModel.CLAIRVOYANT,
        arrivals=Arrivals.ONLINE,
        restarts=False,
        ratio="none proven",
        complexity="O(k log k) a test, k = active requests",
        reading="as designed",
    )

    @property
    def composition(self) -> Composition:
        """Peak order, look-ahead, true lengths; nothing can overflow."""
        return Composition(
            order=Order.PEAK,
            admission=LookAhead(),
            overflow=Impossible(),
            belief=Belief.TRUE,
            misfit="skip",
        )
'''
path = out / "small_peak.py"
path.write_text(source.lstrip(), encoding="utf-8")
mine = f"{path}:SmallPeak"

# %% [markdown]
# ## 2. Check it
#
# The check plays the policy on every tiny instance and some larger ones. It
# is silent when all is well; else it names the rule and the smallest instance
# on which it is broken.

# %%
from kvopt.policies import parse_policy
from kvopt.policies.testing import check_policy

policy = parse_policy(mine)
check_policy(policy)
print("the policy keeps the contract")

# %% [markdown]
# ## 3. Run it
#
# On an instance small enough to see every band of the picture, with the
# reasons of its decisions.

# %%
import kvopt
from kvopt.workloads import generate, library

small = library.load("small-15")
result = kvopt.simulate(small, policy, explain=True)
print(result)
for reason in result.reasons[:5]:
    print(
        f"  round {reason.round}, request {reason.request}: {reason.action}, "
        f"{reason.text}"
    )
result

# %% [markdown]
# ## 4. Compare it
#
# Five samples like LMSYS's, 300 requests each in a tight memory, all there at
# round 0. Every policy runs on the same samples, so that differences are
# paired. A negative difference to MC-SF is good.

# %%
from kvopt.analysis.comparison import row_of
from kvopt.analysis.paired import comparison_rows, seed_rows

names = ["mc-sf", mine, "svf", "fcfs"]
samples = [
    generate("lmsys-like", {"requests": "300", "memory": "8000"}, seed)
    for seed in range(5)
]
rows = [
    row_of(kvopt.simulate(sample, name, seed=seed), None)
    for name in names
    for seed, sample in enumerate(samples)
]
for row in seed_rows(rows):
    apart = ""
    if row.difference is not None:
        low, high = row.difference_interval or (row.difference,) * 2
        apart = f", minus mc-sf {row.difference:7.2f} [{low:.2f}, {high:.2f}]"
    print(f"{row.policy:30} mean latency {row.mean:7.2f}{apart}")

# %% [markdown]
# ## 5. Draw it
#
# The same as a figure, for all metrics: `kvopt compare` does this from the
# command line.

# %%
from kvopt.plots import plot_comparison, save_figure

_, png = save_figure(plot_comparison(comparison_rows(rows)), out / "own")
print(f"look at {png}")

# %% [markdown]
# ## 6. Attack it
#
# A search for a bad instance, as in `notebooks/finding_a_bad_instance.py`.

# %%
from kvopt.adversary import Conditions, Evaluations, PolicyRatio, run_search

objective = PolicyRatio(policy, Conditions(requests=5, memory=10))
attack = run_search(objective, Evaluations(500), seed=0)
print(attack)
attack

# %% [markdown]
# Next: `docs/adding/policy.md` goes further: parameters, orders of your own,
# policies that are no composition, and how to bring one into the package.
