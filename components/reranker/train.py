"""Trains one domain's re-ranker, by itself."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from components.records.reliability import SERVED
from components.records.reranker import LOSSES, Reranker
from components.reranker.fit import calibrated, fit
from components.reranker.gather import Reading, arrays, feature_names
from components.reranker.independent import own_choice
from components.reranker.lists import Lists
from components.reranker.options import RerankerOptions
from components.reranker.prior import weights_to


def declared_shares(readings: Mapping[str, Sequence[Reading]]) -> dict[str, float]:
    """The prior of each domain as shared traffic has it: of the requests it has hypotheses for, the share of
    its own. The one thing that a domain in independent mode has to know of the others' requests."""
    return {domain: sum(r.own for r in mine) / len(mine) for domain, mine in readings.items() if mine}


def train_reranker(readings: Sequence[Reading], *, own_share: float, options: RerankerOptions) -> Reranker:
    """The re-ranker of the domain that these readings are of.

    A domain without a request of its own among them would only learn that it is never right: it gets R0.

    Args:
        readings: Of requests that no model which the scores come from has learnt from.
        own_share: The domain's declared prior, see `declared_shares`.
    """
    lesson = _lesson(readings, own_share, options)
    return lesson.served(lesson.fit(options.loss))


def train_every_loss(
    readings: Sequence[Reading], *, own_share: float, options: RerankerOptions
) -> dict[str, Reranker]:
    """R0 to R3 as they come from the fit, by loss, and as `SERVED` what `train_reranker` gives."""
    lesson = _lesson(readings, own_share, options)
    found = {loss: lesson.fit(loss) for loss in LOSSES}
    return {**found, SERVED: lesson.served(found[options.loss])}


class _Lesson(NamedTuple):
    """What one domain learns from, weighted to its declared prior."""

    names: tuple[str, ...]
    lists: Lists
    own_share: float
    l2: float

    def fit(self, loss: str) -> Reranker:
        learnt = loss if self.lists.own.any() else "R0"
        return fit(self.lists, self.names, loss=learnt, own_share=self.own_share, l2=self.l2)

    def served(self, reranker: Reranker) -> Reranker:
        return reranker if reranker.loss == "R0" else calibrated(reranker, self.lists)


def _lesson(readings: Sequence[Reading], own_share: float, options: RerankerOptions) -> _Lesson:
    names = feature_names(readings, least=options.least)
    lists = arrays(readings, names)
    if options.mode == "independent" and lists.own.any():
        lists = own_choice(lists, foreign=options.foreign, rng=np.random.default_rng(options.seed))
        lists = dataclasses.replace(lists, weight=weights_to(lists.own, own_share))
    return _Lesson(names, lists, own_share, options.l2)
