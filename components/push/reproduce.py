"""Holds a served candidate against the predictions that were recorded when it was measured."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from components.push.recorded import Recorded
from components.records.serving_client import ServingClient
from components.records.shortlister_signature import read_shortlist, shortlister_inputs

_BATCH = 64

Shortlist = list[tuple[str, float]]


class Reproduction(NamedTuple):
    """Number of requests asked, ids of those answered otherwise, largest difference of a score."""

    requests: int
    different: tuple[str, ...]
    worst: float

    @property
    def words(self) -> str:
        if not self.different:
            return f"all {self.requests} recorded predictions reproduced, scores within {self.worst:.1e}"
        return (
            f"{len(self.different)} of {self.requests} recorded predictions were not reproduced, "
            f"the first is request {self.different[0]!r}; scores differ by up to {self.worst:.1e}"
        )


def reproduce(
    client: ServingClient, model: str, recorded: Sequence[Recorded], *, tolerance: float
) -> Reproduction:
    """Asks the server again what was asked when the model was measured. Raises `ServingError`."""
    different: list[str] = []
    worst = 0.0
    iterator = iter(recorded)
    while batch := list(itertools.islice(iterator, _BATCH)):
        k = max(1, *(len(entry.skills) for entry in batch))
        inputs = shortlister_inputs(
            [entry.request for entry in batch], k=k, texts=[entry.text for entry in batch]
        )
        outputs, _ = client.predict(model, inputs)
        for entry, shortlist in zip(batch, read_shortlist(outputs), strict=True):
            worst = max([worst, *_differences(entry, shortlist)])
            if not same(entry, shortlist, tolerance=tolerance):
                different.append(entry.request.request_id)
    return Reproduction(len(recorded), tuple(different), worst)


def same(recorded: Recorded, shortlist: Shortlist, *, tolerance: float) -> bool:
    """Whether a served shortlist is the recorded one.

    Every score must be within `tolerance` (relative to scores above 1) and every skill the same, except
    that skills whose scores are a tie within `tolerance` may change places, at the end of the list also
    with one that is just not on it.
    """
    if len(shortlist) < len(recorded.skills):
        return False
    score_of = dict(zip(recorded.skills, recorded.scores, strict=True))
    for (skill, score), expected_skill, expected in zip(
        shortlist, recorded.skills, recorded.scores, strict=False
    ):
        if not _close(score, expected, tolerance):
            return False
        if skill != expected_skill and not _close(
            score_of.get(skill, recorded.scores[-1]), expected, tolerance
        ):
            return False
    return True


def _differences(recorded: Recorded, shortlist: Shortlist) -> list[float]:
    pairs = zip(shortlist, recorded.scores, strict=False)
    return [abs(score - expected) for (_, score), expected in pairs]


def _close(score: float, expected: float, tolerance: float) -> bool:
    return abs(score - expected) <= tolerance * max(1.0, abs(expected))
