"""The polynomial solver for requests that are all present at 0."""
