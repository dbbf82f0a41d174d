"""Worst ratios over all instances of a size, proved by enumeration."""

from kvopt.adversary.exhaustive.space import Space as Space
from kvopt.adversary.exhaustive.worst import Worst as Worst
from kvopt.adversary.exhaustive.worst import witness_of as witness_of
from kvopt.adversary.exhaustive.worst import worst_ratios as worst_ratios
