"""A synthetic world in the dataset form, for demos, tests and measurements."""

from components.simulate.options import SimulateOptions
from components.simulate.writer import SimulateSummary, simulate

__all__ = ["SimulateOptions", "SimulateSummary", "simulate"]
