"""Layers that networks of several parts are made of."""
