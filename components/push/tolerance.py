"""How far an answer may be from the recorded one."""

import math
from pathlib import Path
from typing import NamedTuple

from components.records.domain_twin.spec import read_domain_spec
from components.records.manifest import Manifest
from components.records.twin.spec import read_spec
from components.records.version_folder import TWIN


class Tolerance(NamedTuple):
    """How far an answer may be from the recorded one.

    Two scores are within t of each other where |a - b| ≤ t (1 + |b|).

    Attributes:
        tie: Skills whose scores are this close may change places, at the end of the list also with one that
            is just not on it.
        score: Of a score.
        confidence: Of the confidence that a score has become.
    """

    tie: float
    score: float
    confidence: float = 1e-2


EXACT = Tolerance(tie=1e-5, score=1e-5)
"""Between forms whose weights are 32-bit floats, and between two runs of one form."""
ROUNDED = Tolerance(tie=1e-3, score=1e-3)
"""Between the forms where tables are stored in 8 bits; see docs/twin.md."""
ROUNDED_SUM = Tolerance(tie=1e-3, score=math.inf)
"""The same where scores are set against the sum of all others, which the twin rounds: confidences count."""

ROUNDED_ROWS = Tolerance(tie=1e-4, score=1e-4)
"""Between the forms of a domain model whose rows are stored in 8 bits: both hold the same values of them."""


def tolerance_of(candidate: Path, manifest: Manifest) -> Tolerance:
    """How far the SavedModel may be from the predictions: the twin made them, where there is one."""
    if not (candidate / TWIN).is_file():  # HypRank's twin has 32-bit weights
        return EXACT
    if manifest.kind == "domain":
        return EXACT if read_domain_spec(candidate).weights == "float32" else ROUNDED_ROWS
    twin = read_spec(candidate)
    if twin.weights == "float32":
        return EXACT
    return ROUNDED_SUM if twin.choice else ROUNDED


def close(score: float, expected: float, tolerance: float) -> bool:
    """Whether two scores are within `tolerance` of each other."""
    return abs(score - expected) <= tolerance * (1.0 + abs(expected))
