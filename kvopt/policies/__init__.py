"""The policies of the literature, one a file, named as in their papers."""

from kvopt.policies.base import Policy as Policy
from kvopt.policies.base import PolicyInfo as PolicyInfo
from kvopt.policies.registry import as_policy as as_policy
from kvopt.policies.registry import infos as infos
from kvopt.policies.registry import make_policy as make_policy
from kvopt.policies.registry import names as names
from kvopt.policies.registry import parse_policy as parse_policy
from kvopt.policies.registry import policy_spec as policy_spec
