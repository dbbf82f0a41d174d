"""Two constraint programs for CP-SAT: time-indexed, and of intervals."""
