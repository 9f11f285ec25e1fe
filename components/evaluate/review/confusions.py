"""Which skills are mistaken for which, with utterances that show it."""

from collections.abc import Iterable

import msgspec

from components.evaluate.judgement import ANSWERABLE, Judgement
from components.records.label import LabelledRequest


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one skill that went to another.

    Attributes:
        truth: The right skill.
        predicted: The skill of the best hypothesis; empty where there was none.
        count: How many.
        examples: Some of their utterances, the most confident mistakes first, each once.
    """

    truth: str
    predicted: str
    count: int
    examples: tuple[str, ...] = ()


def confusions(
    judged: Iterable[tuple[LabelledRequest, Judgement]], *, max_examples: int, limit: int
) -> list[Confusion]:
    """The `limit` most frequent confusions, equal counts by name; no utterance if `max_examples` is 0."""
    counts: dict[tuple[str, str], int] = {}
    shown: dict[tuple[str, str], dict[str, float]] = {}
    for labelled, judgement in judged:
        if judgement.kind != ANSWERABLE or judgement.right:
            continue
        pair = judgement.truth, judgement.predicted
        counts[pair] = counts.get(pair, 0) + 1
        if max_examples:
            utterances = shown.setdefault(pair, {})
            utterance = labelled.request.utterance
            utterances[utterance] = max(judgement.confidence, utterances.get(utterance, 0.0))
            if len(utterances) > max_examples:
                del utterances[min(utterances, key=lambda text: (utterances[text], text))]
    frequent = sorted(counts, key=lambda pair: (-counts[pair], pair))[:limit]
    return [
        Confusion(
            truth=pair[0],
            predicted=pair[1],
            count=counts[pair],
            examples=_ranked(shown.get(pair, {})),
        )
        for pair in frequent
    ]


def _ranked(utterances: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(utterances, key=lambda text: (-utterances[text], text)))
