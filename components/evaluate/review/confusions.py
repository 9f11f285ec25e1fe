"""Which skills are mistaken for which, with utterances that show it."""

from collections import Counter
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


class Mistakes:
    """What a pass over judged requests counts.

    Args:
        judged: Requests with their judgements; only answerable ones count.
        max_examples: Utterances that are kept of a confusion; 0 keeps none.

    Attributes:
        requests: Answerable requests by right skill.
        counts: Of those that went to another skill: by right skill and the one answered.
    """

    def __init__(
        self, judged: Iterable[tuple[LabelledRequest, Judgement]] = (), *, max_examples: int = 0
    ) -> None:
        self.requests: Counter[str] = Counter()
        self.counts: Counter[tuple[str, str]] = Counter()
        self._shown: dict[tuple[str, str], dict[str, float]] = {}
        for labelled, judgement in judged:
            if judgement.kind != ANSWERABLE:
                continue
            self.requests[judgement.truth] += 1
            if judgement.right:
                continue
            pair = judgement.truth, judgement.predicted
            self.counts[pair] += 1
            if max_examples:
                utterances = self._shown.setdefault(pair, {})
                utterance = labelled.request.utterance
                utterances[utterance] = max(judgement.confidence, utterances.get(utterance, 0.0))
                if len(utterances) > max_examples:
                    del utterances[min(utterances, key=lambda text: (utterances[text], text))]

    def confusions(self, limit: int) -> list[Confusion]:
        """The `limit` most frequent ones, equal counts by name."""
        frequent = sorted(self.counts, key=lambda pair: (-self.counts[pair], pair))[:limit]
        return [
            Confusion(
                truth=pair[0],
                predicted=pair[1],
                count=self.counts[pair],
                examples=_ranked(self._shown.get(pair, {})),
            )
            for pair in frequent
        ]


def _ranked(utterances: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(utterances, key=lambda text: (-utterances[text], text)))
