"""Search for good schedules; nothing here proves anything."""
