"""Search for instances on which a policy is far from the optimum."""

from kvopt.adversary.minimiser import Shrunk as Shrunk
from kvopt.adversary.minimiser import minimise as minimise
from kvopt.adversary.search.budget import Evaluations as Evaluations
from kvopt.adversary.search.budget import Seconds as Seconds
from kvopt.adversary.search.budget import Stopping as Stopping
from kvopt.adversary.search.budget import parse_budget as parse_budget
from kvopt.adversary.search.conditions import Conditions as Conditions
from kvopt.adversary.search.conditions import (
    parse_conditions as parse_conditions,
)
from kvopt.adversary.search.driver import SearchResult as SearchResult
from kvopt.adversary.search.driver import SearchState as SearchState
from kvopt.adversary.search.driver import run_search as run_search
from kvopt.adversary.search.objective import Finding as Finding
from kvopt.adversary.search.objective import PolicyRatio as PolicyRatio
from kvopt.adversary.search.recipe import Recipe as Recipe
from kvopt.adversary.search.references import Reference as Reference
from kvopt.adversary.search.references import (
    parse_reference as parse_reference,
)
from kvopt.adversary.search.saving import SearchSettings as SearchSettings
from kvopt.adversary.search.saving import load_search as load_search
from kvopt.adversary.search.saving import save_search as save_search
from kvopt.adversary.witnesses import settle as settle
from kvopt.adversary.witnesses import witness as witness
