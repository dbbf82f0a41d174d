"""Limits, interrupts and the session in which a solver reports."""
