"""Policies of the staged model (P5), which may pause a request.

A paused request keeps its KV cache. See docs/staged.md.
"""

from kvopt.policies.staged.base import StagedPolicy as StagedPolicy
from kvopt.policies.staged.registry import parse_staged as parse_staged
from kvopt.policies.staged.registry import staged_infos as staged_infos
from kvopt.policies.staged.registry import staged_names as staged_names
