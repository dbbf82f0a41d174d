"""The kinds of computation that a sweep can do, one a file."""

from kvopt.sweep.kinds.base import Kind as Kind
from kvopt.sweep.kinds.registry import KINDS as KINDS
from kvopt.sweep.kinds.registry import kind_called as kind_called
