"""Measures predictions, judges them against thresholds, and writes the review that a person reads."""
