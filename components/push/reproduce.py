"""Holds a served candidate against the predictions that were recorded when it was measured."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from components.push.recorded import Recorded
from components.records.array import Array
from components.records.manifest import Calibration
from components.records.shortlister_signature import read_shortlist, shortlister_inputs
from components.records.twin.spec import read_spec
from components.records.version_folder import TWIN

_BATCH = 64

Shortlist = list[tuple[str, float]]


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


class Reproduction(NamedTuple):
    """The form asked, number of requests, ids of those answered otherwise, largest difference of a score."""

    form: str
    requests: int
    different: tuple[str, ...]
    worst: float

    @property
    def words(self) -> str:
        if not self.different:
            return f"all {self.requests} recorded predictions reproduced, scores within {self.worst:.1e}"
        return (
            f"{len(self.different)} of {self.requests} recorded predictions were not reproduced by the "
            f"{self.form}, the first is request {self.different[0]!r}; "
            f"scores differ by up to {self.worst:.1e}"
        )


def tolerance_of(candidate: Path) -> Tolerance:
    """How far the SavedModel may be from the predictions: the twin made them, where there is one."""
    if not (candidate / TWIN).is_file():
        return EXACT
    twin = read_spec(candidate)
    if twin.weights == "float32":
        return EXACT
    return ROUNDED_SUM if twin.choice else ROUNDED


def reproduce(
    ask: Callable[[Mapping[str, Array]], Mapping[str, Array]],
    recorded: Sequence[Recorded],
    *,
    form: str,
    calibration: Calibration,
    tolerance: Tolerance,
) -> Reproduction:
    """Asks again what was asked when the model was measured.

    Args:
        ask: The model's default signature on a batch.
        form: Of the model that is asked, in words.
        calibration: The model's.
    """
    different: list[str] = []
    worst = 0.0
    iterator = iter(recorded)
    while batch := list(itertools.islice(iterator, _BATCH)):
        k = max(1, *(len(entry.skills) for entry in batch))
        inputs = shortlister_inputs(
            [entry.request for entry in batch], k=k, texts=[entry.text for entry in batch]
        )
        for entry, shortlist in zip(batch, read_shortlist(ask(inputs)), strict=True):
            worst = max([worst, *_differences(entry, shortlist)])
            if not same(entry, shortlist, calibration=calibration, tolerance=tolerance):
                different.append(entry.request.request_id)
    return Reproduction(form, len(recorded), tuple(different), worst)


def same(recorded: Recorded, shortlist: Shortlist, *, calibration: Calibration, tolerance: Tolerance) -> bool:
    """Whether a served shortlist is the recorded one: the same skills, their scores and confidences."""
    if not recorded.skills:
        return True
    if len(shortlist) < len(recorded.skills):
        return False
    score_of = dict(zip(recorded.skills, recorded.scores, strict=True))
    best, recorded_best = shortlist[0][1], recorded.scores[0]
    for (skill, score), expected_skill, expected in zip(
        shortlist, recorded.skills, recorded.scores, strict=False
    ):
        if not _close(score, expected, tolerance.score):
            return False
        confidence = calibration.confidence(score, best)
        if abs(confidence - calibration.confidence(expected, recorded_best)) > tolerance.confidence:
            return False
        if skill != expected_skill and not _close(
            score_of.get(skill, recorded.scores[-1]), expected, tolerance.tie
        ):
            return False
    return True


def _differences(recorded: Recorded, shortlist: Shortlist) -> list[float]:
    pairs = zip(shortlist, recorded.scores, strict=False)
    return [abs(score - expected) for (_, score), expected in pairs]


def _close(score: float, expected: float, tolerance: float) -> bool:
    return abs(score - expected) <= tolerance * (1.0 + abs(expected))
