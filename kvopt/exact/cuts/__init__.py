"""Inequalities that every feasible schedule satisfies."""

from kvopt.exact.cuts.level import Span as Span
from kvopt.exact.cuts.level import largest_prompt as largest_prompt
from kvopt.exact.cuts.level import spans as spans
