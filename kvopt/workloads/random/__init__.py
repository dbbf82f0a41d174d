"""Random laws of instances."""
