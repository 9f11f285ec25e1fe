"""Faults on purpose: routers under steady load while parts of them are swapped, damaged and killed."""
