"""Search for instances on which a policy is far from the optimum."""

from kvopt.adversary.climbing import SearchResult as SearchResult
from kvopt.adversary.climbing import SearchState as SearchState
from kvopt.adversary.climbing import search as search
from kvopt.adversary.limits import Limits as Limits
from kvopt.adversary.minimiser import minimise as minimise
from kvopt.adversary.objective import Finding as Finding
from kvopt.adversary.objective import PolicyRatio as PolicyRatio
from kvopt.adversary.rules import Climb as Climb
from kvopt.adversary.rules import Evaluations as Evaluations
from kvopt.adversary.rules import Seconds as Seconds
from kvopt.adversary.rules import parse_budget as parse_budget
from kvopt.adversary.witnesses import settle as settle
from kvopt.adversary.witnesses import witness as witness
