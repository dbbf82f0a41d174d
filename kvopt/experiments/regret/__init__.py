"""Regret against proved hindsight optima."""
