"""Near-optimal schedules of hundreds to a hundred thousand requests."""
