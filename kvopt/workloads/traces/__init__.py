"""Traces, read into instances."""
