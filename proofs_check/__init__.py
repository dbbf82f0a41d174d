"""The claims ledger: what papers say, and what computation says to it.

Standard library only; nothing of kvopt is imported, so that a mistake there
cannot agree with itself here.
"""
