"""Engines that run policies on instances."""

from kvopt.simulate.engine import simulate as simulate
