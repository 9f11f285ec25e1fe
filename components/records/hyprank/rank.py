"""From hypothesis lists to ranked ones: the composing code that batch and live requests share.

The model's signature: features float32 [B, k, F], mask bool [B, k], skill_ids string [B, k] → scores float32
[B, k], confidence float32 [B, k] and none float32 [B].
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from components.records.array import Array
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.hyprank.features import FEATURES, features, one_reading_a_skill
from components.records.prediction import Hypothesis

HYPRANK = "hyprank"
NO_SCORE = -1e9
"""The score of padding."""

Predict = Callable[[Mapping[str, Array]], Mapping[str, Array]]
"""The model's default signature on a batch."""


class Ranked(NamedTuple):
    """What HypRank makes of a request.

    Attributes:
        hypotheses: One for each skill, best first; `confidence` is the probability that routing to the skill
            is right. It never rises down the list.
        none: The probability that no skill of the list is right; 1 for an empty list.
    """

    hypotheses: tuple[Hypothesis, ...]
    none: float

    @property
    def refused(self) -> bool:
        """Whether it is likelier that none is right than that the best is."""
        return not self.hypotheses or self.none > self.hypotheses[0].confidence


def hyprank(lists: Sequence[HypothesisList], predict: Predict, domain_of: Mapping[str, str]) -> list[Ranked]:
    """Orders each list, in the order given. One call of the model for all of them.

    Of several readings of a skill the first of the list counts, so the lists are to be re-ranked before.

    Args:
        domain_of: Skill id to domain.
    """
    kept = [one_reading_a_skill(listed) for listed in lists]
    width = max(map(len, kept), default=0)
    if width == 0:
        return [Ranked((), 1.0) for _ in lists]
    values = np.zeros((len(lists), width, len(FEATURES)), np.float32)
    mask = np.zeros((len(lists), width), bool)
    skill_ids = np.full((len(lists), width), b"", object)
    for row, (listed, hypotheses) in enumerate(zip(lists, kept, strict=True)):
        size = len(hypotheses)
        values[row, :size] = features(listed.request, hypotheses, reject=listed.reject, domain_of=domain_of)
        mask[row, :size] = True
        skill_ids[row, :size] = [hypothesis.skill_id.encode() for hypothesis in hypotheses]
    answer = predict({"features": values, "mask": mask, "skill_ids": skill_ids})
    return [
        _ranked(hypotheses, scores[: len(hypotheses)], confidence[: len(hypotheses)], none)
        for hypotheses, scores, confidence, none in zip(
            kept,
            answer["scores"].tolist(),
            answer["confidence"].tolist(),
            answer["none"].tolist(),
            strict=True,
        )
    ]


def _ranked(
    hypotheses: Sequence[ReadCandidate], scores: list[float], confidence: list[float], none: float
) -> Ranked:
    order = sorted(range(len(hypotheses)), key=lambda place: -scores[place])
    return Ranked(
        tuple(_scored(hypotheses[place], scores[place], confidence[place]) for place in order), none
    )


def _scored(hypothesis: ReadCandidate, score: float, confidence: float) -> Hypothesis:
    return Hypothesis(
        skill_id=hypothesis.skill_id,
        domain=hypothesis.domain,
        intent=hypothesis.intent,
        slots=hypothesis.slots,
        confidence=confidence,
        scores=msgspec.structs.replace(hypothesis.scores, hyprank=score),
    )
