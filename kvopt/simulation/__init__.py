"""Engines that run policies on instances."""

from kvopt.simulation.engine import simulate as simulate
