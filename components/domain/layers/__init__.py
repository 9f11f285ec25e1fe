"""Layers of the domain models."""
