"""Hypothesis lists of real requests in the form of the mis-calibrated world, with temperatures if wanted."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from benchmarks.miscalibrated_world import DomainLists
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.reranker_features import log_odds
from components.reranker.gather import Reading, arrays, feature_names, gather
from components.reranker.options import RerankerOptions

Names = Sequence[tuple[str, ...]]
"""Names of the features of each domain's lists."""


def domain_names(lists: Sequence[HypothesisList], domain_of: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The features that each domain with requests of its own learns from these lists, by domain."""
    least = RerankerOptions().least
    readings = gather(lists, domain_of)
    return {
        domain: feature_names(mine, least=least)
        for domain, mine in sorted(readings.items())
        if any(reading.own for reading in mine)
    }


def domain_lists(
    lists: Sequence[HypothesisList], domain_of: Mapping[str, str], names: Mapping[str, tuple[str, ...]]
) -> list[DomainLists]:
    """What the domains of `names` have for each request, in their order; requests are numbered as `lists`."""
    number_of = {listed.request.request_id: number for number, listed in enumerate(lists)}
    readings = gather(lists, domain_of)
    return [_of_domain(readings.get(domain, []), number_of, mine) for domain, mine in names.items()]


def _of_domain(
    readings: Sequence[Reading], number_of: Mapping[str, int], names: Sequence[str]
) -> DomainLists:
    request = np.array([number_of[reading.request.request_id] for reading in readings], np.int64)
    return DomainLists(request, arrays(readings, names))


def tempered(listed: HypothesisList, temperature: Mapping[str, float]) -> HypothesisList:
    """The list as models would tell it whose log-odds are divided by a temperature.

    Args:
        temperature: Of each domain's models.
    """
    return msgspec.structs.replace(
        listed,
        hypotheses=tuple(_tempered(each, temperature.get(each.domain, 1.0)) for each in listed.hypotheses),
    )


def _tempered(hypothesis: ReadCandidate, temperature: float) -> ReadCandidate:
    scores = hypothesis.scores
    changed = {
        name: _cooled(value, temperature)
        for name, value in (("intent", scores.intent), ("slots", scores.slots))
        if value is not None
    }
    if scores.domain is not None:
        changed["domain"] = scores.domain / temperature
    return msgspec.structs.replace(hypothesis, scores=msgspec.structs.replace(scores, **changed))


def _cooled(log_probability: float, temperature: float) -> float:
    """log σ(log-odds / temperature), not below -20."""
    odds = float(log_odds(np.array(min(log_probability, -1e-9)))) / temperature
    return max(-float(np.logaddexp(0.0, -odds)), -20.0)
