"""Feedback on routed requests: from a call to a record that the next run learns from."""
