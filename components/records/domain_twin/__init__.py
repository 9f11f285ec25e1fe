"""The twin of a domain model: its readings of a request in a process without TensorFlow."""
