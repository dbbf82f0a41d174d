"""Exact tools that the claims share."""
