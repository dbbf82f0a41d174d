"""Families of lower-bound constructions, one a file, found by its place."""
