"""Dynamic programs for few types of requests, in a batch and online."""
