"""The batches of Sorted-F: how they are chosen, and the order they make."""

from kvopt.policies.batches.order import Remaining as Remaining
from kvopt.policies.batches.order import Select as Select
from kvopt.policies.batches.order import in_batches as in_batches
from kvopt.policies.batches.rooms import Feasible as Feasible
from kvopt.policies.batches.rooms import room as room
