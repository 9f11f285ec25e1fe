"""One domain's re-ranker: a handful of weights that turn scores and context into a probability.

Su et al. (2018), https://arxiv.org/abs/1809.09605. Every domain has its own; what makes their scores
comparable is that each is the probability of the same event under one declared prior.
"""

import math
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec
import numpy as np

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.request import Request
from components.records.reranker_features import (
    COLUMNS,
    Floats,
    check_names,
    columns,
    context_of,
    features,
    in_words,
    was_read,
)

LOSSES = ("R0", "R1", "R2", "R3")


class Reranker(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """σ(Σ weight · feature) is the probability that a hypothesis is right: skill, intent and all slots.

    Attributes:
        loss: What the weights are: "R0", the unweighted product of the scores; or what they were fitted to:
            "R1", expected SemER; "R2", cross-entropy; "R3", both.
        features: Their names; see `reranker_features`.
        weights: In log-odds for each unit of the feature, in the same order.
        own_share: The declared prior: the share of the requests with a hypothesis of this domain that
            belong to it. Scores of several domains compare as far as these come from the same traffic.
        lists: Lists that the weights were learnt from.
    """

    loss: str
    features: tuple[str, ...]
    weights: tuple[float, ...]
    own_share: float
    lists: int

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"`loss` must be one of {', '.join(LOSSES)}. Received: {self.loss!r}")
        check_names(self.features)
        if len(self.weights) != len(self.features):
            raise ValueError(
                "`weights` must be one for each feature. "
                f"Received: {len(self.weights)} for {len(self.features)} features"
            )
        if not all(map(math.isfinite, self.weights)):
            raise ValueError(f"`weights` must be finite. Received: {self.weights}")
        if not 0.0 <= self.own_share <= 1.0:
            raise ValueError(f"`own_share` must lie in 0 to 1. Received: {self.own_share}")

    def log_odds(self, request: Request, hypotheses: tuple[ReadCandidate, ...]) -> Floats:
        """The log-odds that each of the domain's hypotheses is right, [n]."""
        starts = np.zeros(min(len(hypotheses), 1), np.int64)
        return self.scores(columns(request, hypotheses, starts), sorted(context_of(request)))

    def scores(self, given: Floats, active: Iterable[str]) -> Floats:
        """The same from what the hypotheses of several domains share.

        Args:
            given: Of the domain's hypotheses, see `columns`: [n, 10].
            active: The features of the context that hold for the request, in name order.
        """
        found: Floats = given @ self._column_weights
        return found + sum(self._weight_of.get(name, 0.0) for name in active)

    def values(self, request: Request, hypotheses: tuple[ReadCandidate, ...]) -> Floats:
        """The features of the domain's hypotheses, [n, D]."""
        return features(self.features, request, hypotheses)

    @cached_property
    def _weight_of(self) -> dict[str, float]:
        return dict(zip(self.features, self.weights, strict=True))

    @cached_property
    def _column_weights(self) -> Floats:
        """[10], in the order of `COLUMNS`."""
        return np.array([self._weight_of.get(name, 0.0) for name in COLUMNS])

    def in_words(self) -> list[str]:
        """What each weight does, the largest first; what does nothing is left out.

        >>> names, weights = ("bias", "device=tv"), (0.4, 0.7)
        >>> Reranker(loss="R2", features=names, weights=weights, own_share=0.5, lists=9).in_words()
        ['on tv: +0.7', 'always: +0.4']
        """
        by_size = sorted(zip(self.features, self.weights, strict=True), key=lambda pair: -abs(pair[1]))
        return [f"{in_words(name)}: {weight:+.1f}" for name, weight in by_size if abs(weight) >= 0.05]


def rerank(listed: HypothesisList, rerankers: Mapping[str, Reranker]) -> HypothesisList:
    """The list with each hypothesis' `reranker` score, the likeliest first.

    A hypothesis that no domain model has read, or whose domain has no re-ranker, gets no score; it takes its
    place by the Shortlister's log-odds. Ties keep their order.

    Args:
        rerankers: By domain.
    """
    places_of: dict[str, list[int]] = {}
    for place, hypothesis in enumerate(listed.hypotheses):
        if hypothesis.domain in rerankers and was_read(hypothesis):
            places_of.setdefault(hypothesis.domain, []).append(place)
    found = list(listed.hypotheses)
    if places_of:
        starts = np.cumsum([0, *map(len, places_of.values())])
        read = [found[place] for places in places_of.values() for place in places]
        given, active = columns(listed.request, read, starts[:-1]), sorted(context_of(listed.request))
        for (domain, places), start in zip(places_of.items(), starts.tolist(), strict=False):
            scores = rerankers[domain].scores(given[start : start + len(places)], active).tolist()
            for place, score in zip(places, scores, strict=True):
                found[place] = _scored(found[place], score)
    found.sort(key=_log_odds, reverse=True)
    return msgspec.structs.replace(listed, hypotheses=tuple(found))


def _log_odds(hypothesis: ReadCandidate) -> float:
    scores = hypothesis.scores
    if scores.reranker is not None:
        return scores.reranker
    return -math.inf if scores.shortlister is None else scores.shortlister


def _scored(hypothesis: ReadCandidate, score: float) -> ReadCandidate:
    scores = msgspec.structs.replace(hypothesis.scores, reranker=score)
    return msgspec.structs.replace(hypothesis, scores=scores)
