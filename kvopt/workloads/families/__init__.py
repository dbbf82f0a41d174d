"""Families of lower-bound constructions, one a file."""
