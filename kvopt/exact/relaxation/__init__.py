"""The Lagrangian state-space relaxation, in reversed time."""
