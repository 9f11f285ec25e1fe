"""Requests that no client means to send, to every API of `arbiter serve`."""
