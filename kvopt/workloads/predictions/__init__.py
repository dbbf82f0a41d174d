"""Predictions of output lengths: points, intervals and classes."""
