"""Splits, metrics and the league table."""
