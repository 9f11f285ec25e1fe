"""Trains one domain's re-ranker, by itself."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from components.records.reranker import Reranker
from components.reranker.fit import calibrated, fit
from components.reranker.gather import Reading, arrays, feature_names
from components.reranker.independent import own_choice
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
    names = feature_names(readings, least=options.least)
    lists = arrays(readings, names)
    if not lists.own.any():
        return fit(lists, names, loss="R0", own_share=own_share, l2=options.l2)
    if options.mode == "independent":
        lists = own_choice(lists, foreign=options.foreign, rng=np.random.default_rng(options.seed))
        lists = dataclasses.replace(lists, weight=weights_to(lists.own, own_share))
    found = fit(lists, names, loss=options.loss, own_share=own_share, l2=options.l2)
    return found if options.loss == "R0" else calibrated(found, lists)
