"""The laboratory: strategies that look for instances bad for a policy."""
