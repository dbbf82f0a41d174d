"""The dedicated exact search: dual bounds, labels, heuristics."""
